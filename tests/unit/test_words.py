"""What a person reads (messages, help, docs/) has none of the turns of phrase that had to be read twice."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]

REFUSED = {
    r"\bis nothing that\b": "is invalid, or unknown",
    r"\b(?:can't|could not) be had\b|\bto be had\b": "is not available, could not get",
    r"\b(?:what|one that) is none\b": "invalid, an unknown one",
    r"\bone of the two\b": "can't be combined",
    r"\bthe same as ever\b": "unchanged",
    r"\b(?:is|are) there twice\b": "duplicate",
    r"\b(?:be|is|are) asked (?:what|whether|of)\b": "say who asks: inspect runs, apt reports",
    r"\bthat is known\b(?! as| to)": "known, before the noun",
    r"\bclash(?:es)? with\b": "conflicts with, can't be combined with",
    r"\bmakes no sense\b": "is invalid",
    r"\bgoes round in a circle\b": "extends itself, forms a circle",
    r"(?<!there )\bis no (?:file|folder|package|spec|distro|time|text|archive|engine)\b": "is not a",
}
"""Each pattern with what to write instead."""


ANY = re.compile("|".join(REFUSED))


def _messages(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the strings of a module that are not its docstrings, with their lines."""
    text = path.read_text()
    if not ANY.search(text):  # to parse every module takes seconds
        return
    tree = ast.parse(text)
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.lineno, node.value


def _refused(path: Path, texts: Iterable[tuple[int, str]]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line}: {text!r}; better: {better}"
        for line, text in texts
        for pattern, better in REFUSED.items()
        if " " in text and re.search(pattern, text)
    ]


def test_messages_have_no_turn_of_phrase_that_is_read_twice() -> None:
    modules = sorted((ROOT / "src").rglob("*.py"))
    assert len(modules) > 100
    assert [row for path in modules for row in _refused(path, _messages(path))] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_pages_have_none_either(page: Path) -> None:
    assert _refused(page, enumerate(page.read_text().splitlines(), 1)) == []


def test_a_refused_turn_of_phrase_is_found() -> None:
    assert ANY.search("--allow 'x' is nothing that can be granted")
    assert not ANY.search("there is no folder here")
