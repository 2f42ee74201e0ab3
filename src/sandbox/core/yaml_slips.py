"""What is wrong with a text that is no YAML, in words for who wrote it: a parser names what it looked for.

The parser's own words are those of libyaml 0.2 and PyYAML 6.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

    Place = tuple[int, int]

TAB: Final = "a tab indents this line; YAML allows only spaces"
QUOTE: Final = "the value goes on after its closing quote; use the other kind of quotes around all of it"
COLON: Final = "a space is missing after the colon"
_KEY: Final = re.compile(r"\s*(?:-\s+)?[A-Za-z_][\w.-]*:(?=[^\s:/])")
"""A key whose colon has no blank behind it; `http://` is none."""


class Slip(Struct, frozen=True, kw_only=True):
    """What a parser said: its problem and what it was reading, each with line and column from 1."""

    said: str
    context: str
    at: Place
    begun: Place


def explain(slip: Slip, lines: Sequence[str]) -> tuple[Place, str]:
    """Return the place of a slip and what it is; what is not known is said as the parser says it."""
    line = _line(lines, slip.at)
    char, before = line[slip.at[1] - 1 : slip.at[1]], line[: slip.at[1] - 1]
    if "tab character" in slip.said or "\t" in line[: len(line) - len(line.lstrip())] or char == "\t":
        return slip.at, TAB
    if "quoted scalar" in slip.context:
        return _in_quotes(slip)
    if before.rstrip(" &*")[-1:] in ("'", '"'):
        return slip.at, QUOTE
    if "flow" in slip.context:
        what = "the list is not closed by ]" if "sequence" in slip.context else "the mapping is not closed by }"
        return slip.begun, f"{what}, or lacks a comma"
    if "start any token" in slip.said or "node content" in slip.said:
        return slip.at, _quotes(char)
    if "alias" in slip.context or "anchor" in slip.context:
        return slip.begun, _quotes(_line(lines, slip.begun)[slip.begun[1] - 1 : slip.begun[1]])
    return _of_lines(slip, lines, before)


def _line(lines: Sequence[str], place: Place) -> str:
    return lines[place[0] - 1] if place[0] <= len(lines) else ""


def _quotes(char: str) -> str:
    return f"a value can't begin with {char}; put it in quotes"


def _in_quotes(slip: Slip) -> tuple[Place, str]:
    if "end of stream" in slip.said or "document indicator" in slip.said:
        return slip.begun, "this quote is never closed"
    return slip.at, "in double quotes a backslash begins an escape; use single quotes"


def _of_lines(slip: Slip, lines: Sequence[str], before: str) -> tuple[Place, str]:
    """Return the slip of keys, colons and lists."""
    number, said = slip.at[0], slip.said
    if "block scalar" in slip.context:
        return slip.begun, "| and > begin a text on the following lines; put the value in quotes"
    if "sequence entries" in said:
        return slip.at, "a list begins on its own line, below its key"
    for above in (number, slip.begun[0], number - 1):
        text = lines[above - 1] if 0 < above <= len(lines) else ""
        if found := _KEY.match(text):
            return (above, found.end()), COLON
    if "mapping values" in said:
        return slip.at, "a colon with a space after it begins another value; put all of the text in quotes"
    if "expected ':'" in said:
        return slip.begun, "a key needs a colon and a space after it"
    if before.rstrip()[-1:] in ("]", "}"):
        return slip.at, "the value goes on after its closing bracket; put all of it in quotes"
    if "document start" in said and any(row.startswith(("...", "---")) for row in lines[: number - 1]):
        return slip.at, "more than one document"
    if not before.strip() and ("expected key" in said or "indicator" in said or "start>" in said or "end>" in said):
        return slip.at, "the indentation of this line differs from the lines it belongs to"
    return slip.at, f"not YAML: {said}"
