"""Names and versions as apk has them: apk-package(5), and apk_version of its sources.

Lower and upper case letters differ; `.name`, which is a virtual package, and `name@tag` are not for us.
"""

from __future__ import annotations

import re
from typing import Final

from sandbox.managers.grammar import Grammar

NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_+.-]*")
VERSION: Final = re.compile(r"[0-9][A-Za-z0-9._~-]*")
_FULL: Final = re.compile(rf"({NAME.pattern})-([0-9][A-Za-z0-9._~]*-r[0-9]+)")
"""How apk lists what is installed; apk add knows no package by it."""


def _corrections(text: str) -> tuple[str, ...]:
    """Return the likely intended text: the version after =."""
    found = _FULL.fullmatch(text)
    return (f"{found[1]}={found[2]}",) if found else ()


_GRAMMAR: Final = Grammar(
    name=NAME,
    characters=re.compile(r"[A-Za-z0-9_+.-]"),
    version=VERSION,
    expected="expected NAME or NAME=VERSION; names have letters, digits, +, -, _ and ., and begin with a letter, "
    "a digit or _",
    versions="a version such as 1.6-r0",
    marks=(
        (re.compile(r"!(?P<name>[^\s=<>~@]+)(?:[=<>~@].*)?"), 'begins with !, which means "keep it away" to apk'),
        (
            re.compile(r"(?P<name>[^\s=<>~@]+)@(?P<tag>[A-Za-z_][^\s=<>~@]*)"),
            "names a tagged repository behind @, and a sandbox has none; use the name alone",
        ),
        (re.compile(r"~(?P<name>[^\s=<>~@]+)|(?P<like>[^\s=<>~@]+)~"), "asks for a range of versions (~) without one"),
    ),
    texts=((_FULL, "has its version after a dash; write it after ="),),
    corrections=_corrections,
)
parse_reference = _GRAMMAR.parse

_PARTS: Final = re.compile(r"([0-9.]*)([a-z]?)((?:_[a-z]+[0-9]*)*)(?:~[0-9a-f]+)?(?:-r([0-9]+))?")
_SUFFIX: Final = re.compile(r"_([a-z]+)([0-9]*)")
_ORDER: Final = ("alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p")
"""What a suffix makes of a version: the first four come before it without one, the others after."""

SortKey = tuple[tuple[int, ...], str, tuple[tuple[int, int], ...], int]


def sort_key(version: str) -> SortKey:
    """Return what orders versions, the older first; one outside the grammar is the oldest."""
    found = _PARTS.fullmatch(version)
    if found is None:
        return ((), "", (), 0)
    digits = tuple(int(part) for part in found[1].split(".") if part)
    suffixes = tuple((_rank(word), int(number or 0)) for word, number in _SUFFIX.findall(found[3]))
    return (digits, found[2], (*suffixes, (_rank(""), 0)), int(found[4] or 0))


def _rank(word: str) -> int:
    return _ORDER.index(word) if word in _ORDER else len(_ORDER)
