"""A matrix of trials on a terminal: a table if it fits, else a line for each cell; then the failures."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

from sandbox.core.human import seconds
from sandbox.core.plaintext import plain_line

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.trials.results import Cell, CellResult, TrialResult

GAP: Final = 3
SHORTEST: Final = 12
"""Least columns for the name of a cell."""
MORE: Final = 5
"""Most differences of two runs, and failed checks of a cell, to show; the log has all."""


def screen(found: TrialResult, again: Mapping[Cell, tuple[str, ...]], *, width: int = 80) -> str:
    """Return what is shown at the end, lines of at most `width` columns where words allow it.

    `again` has the words behind `sandbox trial` that run a cell alone.
    """
    cells = [row.cell for row in found.cells]
    shown = {row.cell: mark(row) for row in found.cells}
    table = grid(cells, shown, width=width) or cell_lines(cells, shown, width=width)
    failures = [line for row in found.failed for line in _failure(row)]
    return "\n".join([*table, "", *failures, *([""] if failures else []), *_closing(found, again)])


def mark(result: CellResult) -> str:
    """Return a cell's verdict and seconds, such as `✓ 4.1 s`, with its attempts if several."""
    tries = f" ({result.attempts} tries)" if result.attempts > 1 else ""
    return f"{'✓' if result.status == 'passed' else '✗'} {seconds(result.seconds)}{tries}"


def grid(cells: Sequence[Cell], shown: dict[Cell, str], *, width: int) -> list[str]:
    """Return a table of specs by distros; empty for one distro, a gap, or too little room."""
    specs, distros = list(dict.fromkeys(c.spec for c in cells)), list(dict.fromkeys(c.distro for c in cells))
    if len(distros) == 1 or len(specs) * len(distros) != len(cells):
        return []
    texts = {(cell.spec, cell.distro): shown[cell] for cell in cells}
    table = [["", *distros], *([spec, *(texts[spec, distro] for distro in distros)] for spec in specs)]
    widths = [max(len(row[column]) for row in table) + GAP for column in range(len(distros) + 1)]
    if sum(widths) - GAP > width:
        return []
    return ["".join(f"{text:<{room}}" for text, room in zip(row, widths, strict=True)).rstrip() for row in table]


def cell_lines(cells: Sequence[Cell], shown: dict[Cell, str], *, width: int) -> list[str]:
    """Return a line for each cell, with its name cut if necessary."""
    longest = max(len(shown[cell].rstrip()) for cell in cells)
    room = min(max(len(cell.title) for cell in cells), max(width - GAP - longest, SHORTEST))
    return [f"{plain_line(cell.title, room):<{room + GAP}}{shown[cell]}".rstrip() for cell in cells]


def _failure(row: CellResult) -> Iterator[str]:
    """Return the problem of a cell, in lines."""
    reasons = [row.problem, *_problem_lines(row)] if row.problem else []
    reasons += [f"check {check.number}: {check.title}: {check.problem}" for check in row.failures]
    reasons += [f"the second run differs: {text}" for text in row.differences]
    yield f"✗ {row.cell.title}"
    yield from (f"    {plain_line(text)}" for text in reasons[:MORE])
    if len(reasons) > MORE:
        yield f"    and {len(reasons) - MORE} more: {row.log}"


def _problem_lines(row: CellResult) -> Iterator[str]:
    """Return the details of a problem without its command, which the log has."""
    for label, text in row.details:
        if label != "ran":
            yield from (f"{label}: {line}" for line in text.splitlines())


def _closing(found: TrialResult, again: Mapping[Cell, tuple[str, ...]]) -> Iterator[str]:
    passed = len(found.cells) - len(found.failed)
    yield f"{passed} of {len(found.cells)} pass{'es' * (passed == 1)} in {seconds(found.seconds)}"
    moved = [row for row in found.cells if row.moved]
    for row in moved:
        yield f"moved      {row.cell.title}, from {', '.join(row.moved)}"
    unchecked = sorted({row.cell.spec for row in found.cells if row.status == "passed" and not row.checks})
    if unchecked:
        yield f"no checks  {', '.join(unchecked)}: only the install was tested"
    if found.folder:
        yield f"logs       {found.folder}"
    for row in found.failed[:1]:
        words = ("sandbox", "trial", *again.get(row.cell, ()), "--shell-on-fail")
        yield f"next       {shlex.join(words)}"
