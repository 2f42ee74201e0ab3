"""The new packages as a drawing of their dependencies, in inline SVG."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.inspect.findings import InstalledPackage

MOST: Final = 80
"""Most packages in a drawing; the table has all."""
WIDTH: Final = 190
HEIGHT: Final = 26
LONGEST: Final = 22
LEAST: Final = 75
"""Smallest scale in per cent; narrower windows scroll."""


def graph(packages: Sequence[InstalledPackage]) -> str:
    """Return the drawing; empty for one package alone and for too many."""
    if not 1 < len(packages) <= MOST:
        return ""
    places = _places(packages)
    columns = max(column for column, _ in places.values()) + 1
    rows = max(row for _, row in places.values()) + 1
    lines = [
        f'<path d="M{x1 + WIDTH - 30} {y1 + 9} C{x1 + WIDTH - 10} {y1 + 9} {x2 - 20} {y2 + 9} {x2} {y2 + 9}"/>'
        for package in packages
        for parent in package.needed_by
        if parent in places
        for (x1, y1), (x2, y2) in [(_at(places[parent]), _at(places[package.name]))]
    ]
    boxes = [box for name, place in places.items() for box in _box(name, place)]
    size = f"0 0 {columns * WIDTH} {rows * HEIGHT}"
    least = f"min-width:{columns * WIDTH * LEAST // 100}px"
    head = f'<svg viewBox="{size}" width="{columns * WIDTH}" style="{least}" role="img" aria-label="what needs what">'
    return f"{head}{''.join(lines)}{''.join(boxes)}</svg>"


def _places(packages: Sequence[InstalledPackage]) -> dict[str, tuple[int, int]]:
    """Return the column and row of each package: to the right of the first that needs it."""
    columns = {package.name: 0 for package in packages if package.asked or not package.needed_by}
    waiting = [package for package in packages if package.name not in columns]
    while waiting:
        ready = {row.name: min(columns[n] for n in row.needed_by if n in columns) + 1 for row in waiting
                 if set(row.needed_by) & columns.keys()}  # fmt: skip
        columns |= ready or {row.name: 0 for row in waiting}
        waiting = [row for row in waiting if row.name not in columns]
    used: dict[int, int] = {}
    places = {}
    for name, column in columns.items():
        places[name] = (column, used.get(column, 0))
        used[column] = used.get(column, 0) + 1
    return places


def _at(place: tuple[int, int]) -> tuple[int, int]:
    return place[0] * WIDTH + 1, place[1] * HEIGHT + 1


def _box(name: str, place: tuple[int, int]) -> Iterator[str]:
    x, y = _at(place)
    text = name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"
    yield f'<rect x="{x}" y="{y}" width="{WIDTH - 30}" height="{HEIGHT - 8}" rx="3"/>'
    yield f'<text x="{x + 6}" y="{y + 13}">{escape(text)}<title>{escape(name)}</title></text>'
