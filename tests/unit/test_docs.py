"""What the docs name is there: docs/security.md can be repeated, CONTRIBUTING.md leads to files, rooms and targets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from tests.rooms import MAY_IMPORT
from tests.storm.run import STORMS

ROOT: Final = Path(__file__).parents[2]
TEXT: Final = (ROOT / "docs/security.md").read_text()
NAMED: Final = re.compile(r"(tests/[a-z_/]+\.py)((?:,?\s+`[a-z0-9_]+`)*)")
CLAIMS: Final = [(file, word) for file, words in NAMED.findall(TEXT) for word in re.findall(r"`(\w+)`", words)]
OF_OTHERS: Final = {"utils/config.py", "credentials/store.py"}
"""Modules of the docker SDK."""
ROWS: Final = [
    line
    for line in TEXT.partition("What it found on")[0].splitlines()
    if line.startswith("| ") and not line.startswith(("| ---", "| it can't", "| option", "| storm"))
]


@pytest.mark.parametrize(("file", "word"), CLAIMS)
def test_a_test_that_is_named_is_there(file: str, word: str) -> None:
    names = re.findall(r"^def (test_\w+)", (ROOT / file).read_text(), re.MULTILINE)
    assert [name for name in names if word in name]


@pytest.mark.parametrize("row", ROWS)
def test_every_line_of_the_tables_names_what_shows_it(row: str) -> None:
    shown = row.rstrip(" |").rpartition(" | ")[2]
    assert NAMED.search(shown) or "`make " in shown


def test_the_walk_finds_them() -> None:
    assert len(CLAIMS) > 30
    assert len(ROWS) > 25


def test_files_targets_and_storms_that_are_named_are_there() -> None:
    targets = re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {*re.findall(r"make ([a-z]+)`", TEXT)} <= {*targets}
    assert {*re.findall(r"--only ([a-z]+)", TEXT)} <= {*STORMS}
    assert [file for file in re.findall(r"tests/[a-z_/]+\.py", TEXT) if not (ROOT / file).is_file()] == []


def test_contributing_has_a_line_for_each_room_from_the_ground_up() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text().partition("## The map")[2].partition("## How")[0]
    assert re.findall(r"^\| `(\w+)(?:/|\.py)` \|", text, re.MULTILINE) == [
        room for room in MAY_IMPORT if room != "__main__"
    ]


@pytest.mark.parametrize(
    "name", ["CONTRIBUTING.md", "README.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
)
def test_modules_and_targets_that_a_page_names_are_there(name: str) -> None:
    text = (ROOT / name).read_text()
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert {*re.findall(r"`make ([a-z]+)", text)} <= {*targets}
    paths = {*re.findall(r"`([a-z_]+/[a-z_/]+\.py)\b", text)} - OF_OTHERS
    assert [path for path in paths if not (ROOT / path).exists() and not (ROOT / "src/sandbox" / path).exists()] == []
