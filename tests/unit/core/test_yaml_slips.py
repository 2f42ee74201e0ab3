"""A text that is no YAML is refused at its place, in words for who wrote it."""

from __future__ import annotations

import pytest

from sandbox.core.yaml_slips import COLON, QUOTE, TAB
from sandbox.core.yamltext import parse

INDENT = "the indentation of this line differs from the lines it belongs to"
LIST = "the list is not closed by ], or lacks a comma"
OPEN = "this quote is never closed"
MAPPING = "a colon with a space after it begins another value; put all of the text in quotes"
SLIPS = {
    "a tab before a dash": ("packages:\n\t- jq\n", 2, 1, TAB),
    "a tab behind a list": ("packages:\n  - jq\n\t- x\n", 3, 1, TAB),
    "a tab before a key": ("a: b\r\n\tc: d\r\n", 2, 1, TAB),
    "a quote in quotes": ('setup: "echo "hi""\npackages: [jq]\n', 1, 15, QUOTE),
    "an apostrophe in a quote": ("setup:\n  - 'it's'\n", 2, 9, QUOTE),
    "text behind a quote": ('env:\n  A: "x" y\n', 2, 10, QUOTE),
    "a command behind a quote": ('setup: "a" && b\n', 1, 13, QUOTE),
    "no blank behind the first colon": ("distro:debian\npackages: [jq]\n", 1, 7, COLON),
    "no blank behind the last colon": ("packages: [jq]\ndistro:debian\n", 2, 7, COLON),
    "a list that is not closed": ("packages: [jq\nsetup: x\n", 1, 11, LIST),
    "a bracket too many": (
        "packages: [jq]]\n",
        1,
        15,
        "the value goes on after its closing bracket; put all of it in quotes",
    ),
    "a colon in a command": ("setup: echo: hi\n", 1, 12, MAPPING),
    "a quote with a colon in a command": ('checks:\n- run: jq "b: c"\n', 2, 13, MAPPING),
    "a key too deep": ("packages: [jq]\n  distro: debian\n", 2, 3, INDENT),
    "a first key too deep": ("  packages: [jq]\ndistro: debian\n", 2, 1, INDENT),
    "an item too shallow": ("packages:\n  - jq\n - x\n", 3, 2, INDENT),
    "an at sign": ("packages: @web\n", 1, 11, "a value can't begin with @; put it in quotes"),
    "a star": ("setup: *.txt\n", 1, 8, "a value can't begin with *; put it in quotes"),
    "a star and a name": (
        "a: *b\n",
        1,
        4,
        "* begins an alias, but no value before it has that name; quote the text",
    ),
    "a backslash": (
        'setup: "a\\d"\n',
        1,
        10,
        "in double quotes a backslash begins an escape; use single quotes",
    ),
    "a double quote left open": ('setup: "abc\npackages: x\n', 1, 8, OPEN),
    "a single quote left open": ("command: [a, 'b]\n", 1, 14, OPEN),
    "a redirection": (
        "setup: > /dev/null\n",
        1,
        8,
        "| and > begin a text on the following lines; put the value in quotes",
    ),
    "a list behind its key": ("setup: - a\n", 1, 8, "a list begins on its own line, below its key"),
    "two documents": ("a: b\n...\nc\n", 3, 1, "more than one document"),
    "the same key": ("packages: [jq]\npackages: [x]\n", 2, 1, "duplicate key; the first is on line 1"),
}


@pytest.mark.parametrize(("text", "line", "column", "message"), SLIPS.values(), ids=SLIPS)
def test_a_slip_is_told_at_its_place_in_words(text: str, line: int, column: int, message: str) -> None:
    [problem] = parse(text.encode(), source="x").problems
    assert (problem.line, problem.column, problem.message) == (line, column, message)


@pytest.mark.parametrize("text", ["a: b\r\nc: [d]\r\n", "\ufeffa: b\nc: [d]\n"])
def test_ends_of_lines_and_marks_of_other_systems_are_no_slips(text: str) -> None:
    document = parse(text.encode(), source="x")
    assert (document.problems, document.root) == ((), parse(b"a: b\nc: [d]\n", source="x").root)
