"""The result of an install script's proof, as a value: install, again, uninstall, purge."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

CheckName = Literal["install", "again", "uninstall", "purge"]
NEEDED: Final[frozenset[CheckName]] = frozenset(("install", "again", "uninstall"))
"""The checks that every proof has; proofs by older versions lack the purge."""
EVIDENCE: Final = 6
"""Lines of a failed script's output to keep as evidence."""
ECHO: Final = "+ "
"""Prefix of each command in a script's output."""
OWN: Final = ("error: ", "run it again")
"""Prefix of a script's own error messages."""


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
    """A proof: where it ran (`debian bookworm`, and the image id), when (ISO date), and the checks."""

    where: str
    image_id: str
    date: str
    seconds: float
    checks: tuple[ProofCheck, ...]

    @property
    def passed(self) -> bool:
        """Whether all checks were made and passed."""
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
