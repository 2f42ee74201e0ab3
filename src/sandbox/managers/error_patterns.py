"""What managers say when they fail, as tables of patterns with their causes, turned into our errors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sandbox.errors import Advice, StepFailed, UnknownPackage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sandbox.errors import Cause, Row


class ErrorPattern(Struct, frozen=True, kw_only=True):
    """A known complaint: its pattern, its cause, what it means and what to do.

    In `brief` and `hints` {0} is the pattern's first group that took part, {distro} is `debian bookworm`, {option}
    `debian:bookworm`.
    """

    pattern: re.Pattern[str]
    cause: Cause
    brief: str
    hints: tuple[Advice, ...] = ()


def complaint(cause: Cause, pattern: str, brief: str, *hints: Advice) -> ErrorPattern:
    """Return the complaint of a pattern that is matched line by line."""
    return ErrorPattern(pattern=re.compile(pattern, re.MULTILINE), cause=cause, brief=brief, hints=hints)


def first_match(table: Iterable[ErrorPattern], output: str) -> tuple[ErrorPattern, re.Match[str]] | None:
    """Return the first complaint of the table that the output holds, in the table's order."""
    for known in table:
        if found := known.pattern.search(output):
            return known, found
    return None


def error_from(
    known: ErrorPattern, found: re.Match[str], *, distro: str, evidence: Iterable[Row], also: Iterable[Advice] = ()
) -> StepFailed:
    """Return our error for a complaint that was found, with `also` as further hints."""
    first = next((group for group in found.groups() if group), "")
    words = {"distro": distro, "option": option(distro)}
    hints = [_fill(hint, first, words) for hint in known.hints]
    return StepFailed(known.brief.format(first, **words), cause=known.cause, details=evidence, hints=[*hints, *also])


def _fill(hint: Advice, first: str, words: Mapping[str, str]) -> Advice:
    """Return a hint with what its words stand for."""
    argv = tuple(word.format(first, **words) for word in hint.argv)
    return replace(hint, argv=argv, before=hint.before.format(first, **words), after=hint.after.format(first, **words))


def option(distro: str) -> str:
    """Return `debian:bookworm` of `debian bookworm`, as --distro takes it."""
    return ":".join(distro.split())


EVIDENCE: Final = 6
"""Lines of a manager's own words that an error shows."""


def explain(
    output: str,
    distro: str,
    *,
    machine: Iterable[ErrorPattern],
    packages: Iterable[ErrorPattern],
    evidence: Callable[[str], list[Row]],
    own: Callable[[], StepFailed | None] = lambda: None,
    also: Iterable[Advice] = (),
) -> StepFailed | None:
    """Return our error for an output, or None where nothing of it is known.

    Looked for is what is no fault of the packages (`machine`), then what `own` says of names and versions, then what
    is wrong with the `packages`, with `also` as further hints where they can't be installed together.
    """
    if ours := first_match(machine, output):
        return error_from(*ours, distro=distro, evidence=evidence(output))
    if error := own():
        return error
    if theirs := first_match(packages, output):
        more = also if theirs[0].cause == "conflict" else ()
        return error_from(*theirs, distro=distro, evidence=evidence(output), also=more)
    return None


def rows_of(said: str, lines: Iterable[str], most: int = EVIDENCE) -> list[Row]:
    """Return lines as evidence, each once, a few of them."""
    return [(said, line) for line in list(dict.fromkeys(lines))[:most]]


def try_advice(package: str, distro: str, *command: str) -> Advice:
    """Return the command that tries a package there, with a command to run in place of the shell."""
    return Advice.sandbox("try", package, "--distro", option(distro), *(["--", *command] if command else []))


def no_package(names: Sequence[str], distro: str, evidence: Iterable[Row]) -> UnknownPackage:
    """Return the error for names that a distro's index does not have."""
    brief = f"{distro} has no package {names[0]}" if len(names) == 1 else f"{distro} has none of {', '.join(names)}"
    return UnknownPackage(brief, package=names[0], details=evidence)


def no_version(
    package: str, version: str, distro: str, evidence: Iterable[Row], *, ask: Sequence[str] = (), why: str = ""
) -> StepFailed:
    """Return the error for a version that a distro's index does not have; `ask` shows those that it has."""
    return StepFailed(
        f"{distro} has no version {version} of {package}{why}",
        cause="unknown-version",
        details=evidence,
        hints=[try_advice(package, distro), *([try_advice(package, distro, *ask)] if ask else [])],
    )


def provided_by_others(package: str, provider: str, distro: str, evidence: Iterable[Row]) -> StepFailed:
    """Return the error for a name that is no package but one that others provide."""
    return StepFailed(
        f"{package} is no package of its own in {distro} but provided by others",
        cause="unknown-package",
        details=evidence,
        hints=[try_advice(provider, distro)],
    )
