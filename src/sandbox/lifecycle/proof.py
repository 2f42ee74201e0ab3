"""What a proof of an install script found, as a frozen value: run, run again, compared, taken back."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

CheckName = Literal["install", "again", "uninstall", "purge"]
NEEDED: Final[frozenset[CheckName]] = frozenset(("install", "again", "uninstall"))
"""What every proof has; those of before had no purge."""
EVIDENCE: Final = 6
"""Lines of a failed script's output that are kept as evidence."""
ECHO: Final = "+ "
"""What stands before a command that a script shows."""
OWN: Final = ("error: ", "run it again")
"""How what a script itself says of a failure begins."""


class ProofCheck(Struct, frozen=True, kw_only=True):
    """One claim of a proof: whether it held, in a few words what was found, in how many seconds, what differed.

    `has_moved`: a package came in another version than was seen, or the index has that version no more.
    """

    name: CheckName
    passed: bool
    found: str
    seconds: float = 0.0
    differences: tuple[str, ...] = ()
    has_moved: bool = False


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
        return {row.name for row in self.checks} >= NEEDED and all(row.passed for row in self.checks)


def evidence(errors: str, output: str) -> list[str]:
    """Return the last lines that say why a script failed: of standard error where a manager's words stand there.

    The two streams of `output` came by two ways, so that its last lines may be any. Where only the script's own words
    are errors, the manager said it on standard output.
    """
    said = [line for line in errors.splitlines() if line.strip() and not line.startswith(ECHO)]
    if all(line.startswith(OWN) for line in said):
        said = [line for line in output.splitlines() if line.strip()]
    return said[-EVIDENCE:]
