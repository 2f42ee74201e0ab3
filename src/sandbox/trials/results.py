"""Cells of a matrix, their checks and verdicts."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Status = Literal["passed", "failed", "error"]
"""failed: a check failed. error: no check ran, because the sandbox or its install failed."""


class Cell(Struct, frozen=True, kw_only=True):
    """One spec on one distro: its title in the table, and the distro such as `debian:bookworm`."""

    spec: str
    distro: str

    @property
    def title(self) -> str:
        """Both, as a message names them."""
        return f"{self.spec} on {self.distro}"


class CheckResult(Struct, frozen=True, kw_only=True):
    """One check: its number in the spec from 1, what it is about, what is wrong (None where it holds), its seconds.

    `output` is what a command printed last, plain and short, of a check that does not hold.
    """

    number: int
    title: str
    problem: str | None = None
    seconds: float = 0.0
    output: str = ""

    @property
    def holds(self) -> bool:
        """Whether it passed."""
        return self.problem is None


class Held(Struct, frozen=True, kw_only=True):
    """The content of a sandbox: packages as `NAME` -> `VERSION`, and the commands on its PATH."""

    packages: dict[str, str]
    commands: tuple[str, ...] = ()


class CellResult(Struct, frozen=True, kw_only=True):
    """What came of a cell: `seconds` in all, `install` until the spec was there; `log` is the path of its log.

    `problem` and `details` (label and text) say why there was nothing to check, and are empty otherwise. `engine` is
    the URL of the engine that ran it. `attempts` counts from 1. `differences` are what two runs did not have in
    common, of `--twice`; `moved` says which engines it was taken from, since they died under it.
    """

    cell: Cell
    status: Status
    seconds: float = 0.0
    install: float = 0.0
    checks: tuple[CheckResult, ...] = ()
    problem: str = ""
    details: tuple[tuple[str, str], ...] = ()
    engine: str = ""
    attempts: int = 1
    log: str = ""
    differences: tuple[str, ...] = ()
    held: Held | None = None
    moved: tuple[str, ...] = ()

    @property
    def failures(self) -> tuple[CheckResult, ...]:
        """The failed checks."""
        return tuple(check for check in self.checks if not check.holds)

    @property
    def reason(self) -> str:
        """Why it did not pass, in a line, or ""."""
        if self.problem:
            return self.problem
        for check in self.failures:
            return f"check {check.number}: {check.title}: {check.problem}"
        return f"the second run differs: {self.differences[0]}" if self.differences else ""


class TrialResult(Struct, frozen=True, kw_only=True):
    """A whole run: the cells in the matrix's order, its seconds, the folder of the logs."""

    cells: tuple[CellResult, ...]
    seconds: float
    folder: str = ""

    @property
    def failed(self) -> tuple[CellResult, ...]:
        """The cells that did not pass."""
        return tuple(cell for cell in self.cells if cell.status != "passed")
