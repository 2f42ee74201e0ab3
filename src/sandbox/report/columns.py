"""Text in columns of a terminal, where a wide character takes two: wrap, pad, place side by side."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from sandbox.core.plaintext import plain_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

GAP: Final = 3
USUAL: Final = 80
"""Columns of a terminal that does not say its size."""
NARROWEST: Final = 12
"""Least columns of a cell; below that, a table is hard to read."""
HANGING: Final = 2
"""Indentation of continuation lines."""


def terminal_columns() -> int:
    """Return the columns of the terminal at standard output, or of COLUMNS; 80 without: shutil takes 10 ms to load."""
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    try:
        return os.get_terminal_size(1).columns or USUAL
    except OSError:
        return USUAL


def width_of(text: str) -> int:
    """Return the columns that a line takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def fill(text: str, width: int) -> str:
    """Return a line, padded to a width."""
    return text + " " * (width - width_of(text))


def truncate(text: str, width: int) -> str:
    """Return a line of at most `width` columns; `…` marks an omission."""
    if width_of(text) <= width:
        return text
    while width_of(text) >= width and text:
        text = text[:-1]
    return f"{text}…"


def wrap(text: str, width: int, hanging: int = HANGING) -> list[str]:
    """Return a line as lines of at most `width` columns, cut at blanks; a word that is longer stays whole."""
    if width_of(text) <= width:
        return [text]
    lead = text[: len(text) - len(text.lstrip(" "))]
    lines, line = [], lead
    for word in text.split():
        if line.strip() and width_of(line) + 1 + width_of(word) > width:
            lines.append(line)
            line = lead + " " * hanging + word
        else:
            line = f"{line} {word}" if line.strip() else f"{line}{word}"
    return [*lines, line]


def wrap_at_blanks(text: str, width: int) -> list[str]:
    """Return a line as lines of at most `width` columns with its own blanks; a word that is longer is whole."""
    from textwrap import wrap as wrapped

    return wrapped(text, width, break_long_words=False, break_on_hyphens=False) or [""]


def chop(text: str, width: int) -> list[str]:
    """Return a line as lines of at most `width` columns, cut at blanks, and inside of a word that is longer."""
    lines = []
    for line in wrap(text, width, hanging=0):
        rest = line
        while width_of(rest) > width:
            head = rest
            while width_of(head) > width:
                head = head[:-1]
            lines.append(head)
            rest = rest[len(head) :]
        lines.append(rest)
    return lines


def side_by_side(table: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return a table's lines: as wide as its cells, else with cells of several lines, else one column below the other.

    The first row is the header, the first cell of each row its label. Words that are longer than a cell are cut.
    """
    rows = [[plain_line(cell) for cell in row] for row in table]
    natural = [max(width_of(row[column]) for row in rows) for column in range(len(rows[0]))]
    room = width - natural[0] - GAP * (len(natural) - 1)
    if room < NARROWEST * (len(natural) - 1):
        return list(_stack(rows, natural[0], width))
    widths = [natural[0], *_shares(natural[1:], room)]
    return [line for row in rows for line in _lines(row, widths)]


def fit_columns(table: Sequence[Sequence[str]], width: int | None) -> list[str]:
    """Return a list's lines: as wide as its cells, else with cells of several lines, else each row as a text.

    The first row is the header. Without a `width` it has all the room that it needs.
    """
    natural = [max(width_of(row[column]) for row in table) for column in range(len(table[0]))]
    if width is None:
        return list(_rows(table, natural))
    room = width - GAP * (len(natural) - 1)
    if sum(natural) <= room:
        return list(_rows(table, natural))
    if sum(min(cell, NARROWEST) for cell in natural) <= room:
        return list(_rows(table, _shares(natural, room)))
    return [line for row in table[1:] for line in _running(row, width)]


def _rows(table: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    for row in table:
        yield from _lines(row, widths)


def _running(row: Sequence[str], width: int) -> Iterator[str]:
    """Yield a row's cells one after the other, in lines that fit; cells with only a dash are left out."""
    lines = [row[0]]
    for cell in row[1:]:
        if cell not in ("", "-") and width_of(lines[-1]) + GAP + width_of(cell) > width:
            lines.append(f"{' ' * HANGING}{cell}")
        elif cell not in ("", "-"):
            lines[-1] = f"{lines[-1]}{' ' * GAP}{cell}"
    yield from (truncate(part, width) for line in lines for part in wrap(line, width))


def _shares(natural: Sequence[int], room: int) -> list[int]:
    """Return the widths of columns that share `room`: what they need, or an equal share of the rest."""
    shares = dict.fromkeys(range(len(natural)), 0)
    waiting = list(shares)
    while waiting:
        share = room // len(waiting)
        small = [column for column in waiting if natural[column] <= share] or waiting
        for column in small:
            shares[column] = min(natural[column], share)
            room -= shares[column]
            waiting.remove(column)
    return list(shares.values())


def _lines(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    cells = [[truncate(line, width) for line in wrap(text, width)] for text, width in zip(row, widths, strict=True)]
    for number in range(max(map(len, cells))):
        parts = [cell[number] if number < len(cell) else "" for cell in cells]
        yield (" " * GAP).join(fill(text, width) for text, width in zip(parts, widths, strict=True)).rstrip()


def _stack(rows: Sequence[Sequence[str]], label: int, width: int) -> Iterator[str]:
    """Yield each column under its name, without its empty cells."""
    for column, name in enumerate(rows[0][1:], 1):
        yield from ([""] if column > 1 else [])
        yield name
        for row in rows[1:]:
            if row[column] == "-":
                continue
            for number, line in enumerate(wrap(row[column], max(width - label - GAP - HANGING, NARROWEST))):
                yield f"{' ' * HANGING}{fill('' if number else row[0], label)}{' ' * GAP}{line}".rstrip()
