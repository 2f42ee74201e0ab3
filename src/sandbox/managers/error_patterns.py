"""What managers say when they fail, as tables of patterns with their causes, turned into our errors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sandbox.errors import StepFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.errors import Advice, Cause, Row


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
