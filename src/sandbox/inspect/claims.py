"""What may be called absent: a claim of absence is made only where all that it rests on was seen. Pure.

Every sentence and cell that says `nothing`, `none` or `clean` asks here first, so that a look that failed never
reads as calm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.inspect.findings import KINDS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

PACKAGES: Final = "packages"
RESIDUE: Final = "residue"
KEYS: Final = (*KINDS, PACKAGES, RESIDUE)
"""What an inspection looks for, and may therefore fail to see."""
NOT_SEEN: Final = "not seen"

NOTHING_CAME: Final = "Nothing new: the base already has it."
NOTHING_RUNS: Final = "nothing runs"
NO_TRACE: Final = "Purging leaves no trace."
CLEAN: Final = "clean"
NOTHING_TO_PURGE: Final = "nothing to purge"
NO_FINDINGS: Final = "nothing"
IN_THE_BASE: Final = "in the base"
NOT_LEFT: Final = "nothing is left"
NO_PROCESSES: Final = "no process"

CLAIMS: Final[Mapping[str, tuple[str, ...]]] = {
    NOTHING_CAME: (PACKAGES,),
    IN_THE_BASE: (PACKAGES,),
    NOTHING_TO_PURGE: (PACKAGES,),
    NOTHING_RUNS: KEYS[: len(KINDS)],
    NO_FINDINGS: KEYS[: len(KINDS)],
    NO_TRACE: (RESIDUE,),
    CLEAN: (RESIDUE,),
    NOT_LEFT: (RESIDUE,),
    NO_PROCESSES: ("services", "processes"),
}
"""Claims of absence, each with the keys that must have been seen; "none of a kind" needs only that kind."""


def may_claim(claim: str, unknown: Collection[str]) -> bool:
    """Return whether a claim of CLAIMS, or that there is none of the kind that it names, may be made.

    `unknown` are the KEYS that were not seen. Raises KeyError for a claim that nobody knows the grounds of.
    """
    rests = (claim,) if claim in KEYS else CLAIMS[claim]
    return not any(key in unknown for key in rests)


def absence(claim: str, unknown: Collection[str], text: str = "") -> str:
    """Return `text` (by default the claim) if the claim is allowed, else "not seen"."""
    return (text or claim) if may_claim(claim, unknown) else NOT_SEEN


def none_of(kinds: Collection[str], unknown: Collection[str], text: str) -> str:
    """Return `text`, which says that some kinds are absent, if all were seen, else "not seen"."""
    return text if all(may_claim(kind, unknown) for kind in kinds) else NOT_SEEN
