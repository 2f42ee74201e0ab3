"""docs/security.md can be repeated: each test, target and storm that it names is there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from tests.storm.run import STORMS

ROOT: Final = Path(__file__).parents[2]
TEXT: Final = (ROOT / "docs/security.md").read_text()
NAMED: Final = re.compile(r"(tests/[a-z_/]+\.py)((?:,?\s+`[a-z0-9_]+`)*)")
CLAIMS: Final = [(file, word) for file, words in NAMED.findall(TEXT) for word in re.findall(r"`(\w+)`", words)]
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
