"""The version that apt chooses by itself. Sources: apt-cache(8), apt_preferences(5)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.managers.choices import INDEX, SECRET, Choice

if TYPE_CHECKING:
    from collections.abc import Sequence


_NAME: Final = re.compile(r"(\S+):")
_VERSION: Final = re.compile(r"(?: {5}| \*\*\* )(\S+) (-?\d+)")
_SOURCE: Final = re.compile(r" +-?\d+ (\S.*)")
_STATUS: Final = "/var/lib/dpkg/status"


def parse(output: str) -> tuple[Choice, ...]:
    """Return what apt-cache says: of the versions that a repository has the one of the highest priority, then newest.

    Its own candidate is what this machine would have, where an installed version is never lowered; a host has none yet.
    """
    is_known = INDEX.search(output) is not None
    found: dict[str, list[tuple[str, int, list[str]]]] = {}
    rows: list[tuple[str, int, list[str]]] = []
    for line in output.splitlines():
        if header := _NAME.fullmatch(line):
            rows = found.setdefault(header[1], [])
        elif version := _VERSION.fullmatch(line):
            rows.append((version[1], int(version[2]), []))
        elif rows and (source := _SOURCE.fullmatch(line)) and source[1] != _STATUS:
            rows[-1][2].append(SECRET.sub("//", source[1].removesuffix(" Packages")))
    return tuple(_of_rows(name, rows, is_known=is_known) for name, rows in found.items())


def _of_rows(name: str, rows: Sequence[tuple[str, int, list[str]]], *, is_known: bool) -> Choice:
    there = [row for row in rows if row[2]]
    best = max((row[1] for row in there), default=0)
    chosen = next((row[0] for row in there if row[1] == best and best >= 0), "")
    return Choice(name=name, chosen=chosen, places={row[0]: tuple(row[2]) for row in there}, is_known=is_known)
