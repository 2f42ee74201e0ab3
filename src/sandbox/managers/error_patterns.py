"""Turns the error messages of managers into our errors, by tables of patterns with their causes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sandbox.errors import Advice, StepFailed
from sandbox.managers.script_failures import script_hints, script_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sandbox.errors import Cause, Row


OLD_INDEX: Final = Advice.sandbox("clean", "--cache")
"""The next step where an index names what its mirror has not, if the index was not fetched in this run."""
AGAIN_LATER: Final = Advice.say("the same command in a few minutes: a mirror that is being updated may lack files")
"""The next step where it was."""


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
"""Lines of a manager's own words that an error shows; what explains one of them goes with it."""

WHOLE: Final = 60
"""Lines to show if they are the cause themselves: each is about another package."""


class Messages(Struct, frozen=True, kw_only=True):
    """What a manager's messages mean: those that are no fault of packages (`machine`), and those about `packages`.

    `evidence` returns the lines of an output that an error shows, `script` those of a package's script before it
    failed.
    """

    machine: tuple[ErrorPattern, ...]
    packages: tuple[ErrorPattern, ...]
    evidence: Callable[[str], list[Row]]
    script: Callable[[str], Sequence[str]]

    def explain(
        self,
        output: str,
        distro: str,
        *,
        own: Callable[[], StepFailed | None] = lambda: None,
        also: Iterable[Advice] = (),
    ) -> StepFailed | None:
        """Return our error for an output, or None if none of it is known.

        Looked for is what is wrong with the machine, then what `own` says of names and versions, then what is wrong
        with the packages, with `also` as further hints where they can't be installed together.
        """
        if ours := first_match(self.machine, output):
            return error_from(*ours, distro=distro, evidence=self.evidence(output))
        if error := own():
            return error
        if theirs := first_match(self.packages, output):
            said = self.script(output) if theirs[0].cause == "script" else ()
            more = [*(also if theirs[0].cause == "conflict" else ()), *script_hints(said)]
            return error_from(*theirs, distro=distro, evidence=[*script_rows(said), *self.evidence(output)], also=more)
        return None

    def failed_script(self, output: str, distro: str) -> StepFailed | None:
        """Return the error for a script that failed although the command ended with status 0, or None."""
        scripts = [known for known in self.packages if known.cause == "script"]
        found = sorted(
            ((match.start(), known, match) for known in scripts for match in known.pattern.finditer(output)),
            key=lambda row: row[0],
        )
        ends = [0, *(match.end() for _, _, match in found)]
        errors = [  # one within another tells of the same script
            error_from(known, match, distro=distro, evidence=())
            for number, (start, known, match) in enumerate(found)
            if start >= max(ends[: number + 1])
        ]
        briefs = list(dict.fromkeys(error.brief for error in errors))
        if not briefs:
            return None
        others = [("failed, too", brief) for brief in briefs[1:]]
        said = self.script(output)
        details = [*others, *script_rows(said), *self.evidence(output)]
        return StepFailed(briefs[0], cause="script", details=details, hints=[*errors[0].hints, *script_hints(said)])


def rows_of(said: str, lines: Iterable[str], most: int = EVIDENCE) -> list[Row]:
    """Return lines as evidence, each once, at most so many; one that begins with a blank goes with that before it."""
    whole: list[str] = []
    for line in lines:
        if whole and line.startswith(" "):
            whole[-1] += f"\n{line}"
        else:
            whole.append(line)
    return [(said, text) for text in list(dict.fromkeys(whole))[:most]]


def try_advice(package: str, distro: str, *command: str) -> Advice:
    """Return the command that tries a package there, with a command to run in place of the shell."""
    return Advice.sandbox("try", package, "--distro", option(distro), *(["--", *command] if command else []))
