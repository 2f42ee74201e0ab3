"""A matrix's result as `sandbox trial --json` prints it."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from sandbox.trials.results import CheckResult, Status, TrialResult  # noqa: TC001 - the JSON Schema is made from them

SCHEMA: Final = 1
"""The version of the JSON; it rises when an existing field changes its meaning."""


class CellDocument(Struct, frozen=True, kw_only=True):
    """A cell as `sandbox trial --json` prints it: `install` are the seconds until the spec was there, `log` a path.

    `problem` and `details` (label and text) say why there was nothing to check, and are empty otherwise. `engine` is a
    URL. `differences`: what two runs did not have in common, with --twice. `moved`: the engines that died under it.
    """

    spec: str
    distro: str
    status: Status
    seconds: float
    install: float
    checks: tuple[CheckResult, ...]
    problem: str
    details: tuple[tuple[str, str], ...]
    engine: str
    attempts: int
    log: str
    differences: tuple[str, ...]
    moved: tuple[str, ...]


class TrialDocument(Struct, frozen=True, kw_only=True):
    """The JSON of `sandbox trial --json`: whether all cells passed, seconds, the folder of the logs."""

    schema: Literal[1]
    passed: bool
    seconds: float
    logs: str
    cells: tuple[CellDocument, ...]


def document(result: TrialResult) -> TrialDocument:
    """Return a result as it is printed."""
    cells = [
        CellDocument(
            spec=cell.cell.spec,
            distro=cell.cell.distro,
            status=cell.status,
            seconds=cell.seconds,
            install=cell.install,
            checks=cell.checks,
            problem=cell.problem,
            details=cell.details,
            engine=cell.engine,
            attempts=cell.attempts,
            log=cell.log,
            differences=cell.differences,
            moved=cell.moved,
        )
        for cell in result.cells
    ]
    return TrialDocument(
        schema=SCHEMA, passed=not result.failed, seconds=result.seconds, logs=result.folder, cells=tuple(cells)
    )
