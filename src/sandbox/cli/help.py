"""Prints the `--help` of a verb and of the program, from the table alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

# Nothing else: so `--help` loads 35 ms of modules; with Typer it was about 150 ms.
from sandbox.cli.ready import ASKS
from sandbox.cli.table import BY_NAME, EXIT_STATUSES, GROUPS, HELP, PROGRAM

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sandbox.cli.params import Usage

TERM: Final = 30
"""Columns for options; the explanation of a longer one begins on the next line."""
INDENT: Final = "  "


def help_topic(argv: Sequence[str]) -> str | None:
    """Return the verb if the command line only asks for its help ("" for the program), else None."""
    name = " ".join(argv[:-1])
    return name if argv and argv[-1] in ASKS and (not name or name in BY_NAME) else None


def help_text(name: str, width: int) -> str:
    """Return the help of a verb such as `try` or `base build`, or of the program (""), in lines of at most `width`."""
    usage = BY_NAME.get(name, PROGRAM)
    return "\n".join(_lines(usage, width)) + "\n"


def _lines(usage: Usage, width: int) -> Iterator[str]:
    verbs = verbs_of(usage.name)
    head = " ".join(filter(None, ("Usage: sandbox", usage.name)))
    yield from _wrap("COMMAND [OPTIONS]" if verbs else usage.line, width, f"{head} ", " " * (len(head) + 1))
    for text in filter(
        None, (usage.summary, "\n".join(example_lines(usage.examples, width - len(INDENT))), usage.more)
    ):
        yield ""
        yield from _paragraph(text, width)
    for title, rows in sections_of(usage):
        yield from _section(title, rows, width)
    for title, names in verbs:
        longest = max(len(name.rpartition(" ")[2]) for _, named in verbs for name in named)
        listed = [(f"{name.rpartition(' ')[2]:<{longest}}", BY_NAME[name].summary) for name in names]
        yield from _section(title, listed, width)
    for text in filter(None, (usage.see_also and f"See also: {usage.see_also}.", EXIT_STATUSES * (not usage.name))):
        yield ""
        yield from _paragraph(text.rstrip("\n"), width)


LEAST_COLUMN: Final = 20
"""Columns before the explanations of examples; a terminal with less room has each below its command."""


def example_lines(examples: Sequence[str], width: int) -> Iterator[str]:
    """Yield examples with their explanations in a column that leaves room for the longest of these.

    The explanation of a longer command begins on the next line. A command is never wrapped: it is there to be copied.
    """
    rows = [text.partition("  ")[::2] for text in examples]
    words = [(command, said.strip()) for command, said in rows]
    longest = max((len(command) for command, said in words if said), default=0)
    room = width - max((len(said) for _, said in words), default=0)
    column = min(longest + 3, room) if room >= LEAST_COLUMN else len(INDENT)
    for command, said in words:
        is_long = len(command) + 2 > column
        if is_long or not said:
            yield command
        if said:
            yield from _wrap(said, max(width, column + 20), f"{'' if is_long else command:<{column}}", " " * column)


def verbs_of(name: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the verbs of the program ("") by group, or the sub-verbs of a verb."""
    if not name:
        return (*GROUPS.items(),)
    own = tuple(known for known in BY_NAME if known.startswith(f"{name} "))
    return (("Commands", own),) if own else ()


def sections_of(usage: Usage) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Return the arguments and options of a verb by title, with explanations; `--help` is last."""
    rows = {section.title: [(param.typed, param.meaning) for param in section.params] for section in usage.sections}
    rows.setdefault("Options", []).append((HELP.typed, HELP.meaning))
    return tuple((title, tuple(found)) for title, found in rows.items())


def _section(title: str, rows: Iterable[tuple[str, str]], width: int) -> Iterator[str]:
    rows = tuple(rows)
    column = min(max(len(term) for term, _ in rows), TERM) + 2
    blank = " " * (len(INDENT) + column)
    yield ""
    yield f"{title}:"
    for term, meaning in rows:
        is_long = len(term) > column - 2
        if is_long:
            yield f"{INDENT}{term}"
        yield from _wrap(meaning, width, blank if is_long else f"{INDENT}{term:<{column}}", blank)


def _paragraph(text: str, width: int) -> Iterator[str]:
    """Yield a paragraph's lines; it keeps its line breaks if it has any, since then it shows commands."""
    if "\n" in text or text.startswith("sandbox "):
        yield from (f"{INDENT}{line}" for line in text.split("\n"))
    else:
        yield from _wrap(text, width, INDENT, INDENT)


def _wrap(text: str, width: int, first: str, others: str) -> Iterator[str]:
    from textwrap import wrap

    yield from wrap(
        text,
        width,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )
