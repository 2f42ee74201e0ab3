"""What a proof of an install script found, as a frozen value: run, run again, compared, taken back."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

CheckName = Literal["install", "again", "uninstall"]


class ProofCheck(Struct, frozen=True, kw_only=True):
    """One claim of a proof: whether it held, in a few words what was found, in how many seconds, what differed."""

    name: CheckName
    passed: bool
    found: str
    seconds: float = 0.0
    differences: tuple[str, ...] = ()


class Proof(Struct, frozen=True, kw_only=True):
    """A proof: where it was run (`debian bookworm`, the id of the image), when (ISO date), what each check found."""

    where: str
    image_id: str
    date: str
    seconds: float
    checks: tuple[ProofCheck, ...]

    @property
    def passed(self) -> bool:
        """Whether every claim held, none left out."""
        return len(self.checks) == len(("install", "again", "uninstall")) and all(row.passed for row in self.checks)
