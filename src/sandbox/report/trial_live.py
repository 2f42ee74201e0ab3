"""A running matrix of trials: a live table at a terminal, otherwise a plain line for each cell."""

from __future__ import annotations

import io
import shutil
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from typing import IO, TYPE_CHECKING, Final, TextIO, cast

from sandbox.core.echo import hide_keys
from sandbox.core.foreground import can_write, is_ours
from sandbox.core.human import seconds
from sandbox.core.plaintext import plain_line
from sandbox.core.signals import leave_signals_to_main
from sandbox.report.trial_text import cell_lines, grid, mark

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.trials.results import Cell, CellResult

PER_SECOND: Final = 5
BUSY: Final = 8
"""Columns for a cell's current step."""
STEADY: Final = 16
"""Least columns of a cell, so that the table keeps its shape."""


class Lines:
    """Prints a line on standard error when a cell ends; nothing with `quiet`."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._lock = threading.Lock()

    def began(self, cell: Cell, where: str) -> None:
        """Print nothing at the start of a cell."""

    def now(self, cell: Cell, text: str) -> None:
        """Print nothing: the log has it."""

    def end(self, result: CellResult) -> None:
        """Print how a cell ended."""
        if not self._quiet:
            reason = f"   {plain_line(result.reason, 120)}" if result.reason else ""
            with self._lock:
                sys.stderr.write(f"{mark(result):<12} {result.cell.title}{reason}\n")
                sys.stderr.flush()


class LiveTable:
    """The current table; rich asks for it a few times a second."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self._cells = cells
        self._began: dict[Cell, float] = {}
        self._busy: dict[Cell, str] = {}
        self._done: dict[Cell, CellResult] = {}
        self._start = time.monotonic()

    def began(self, cell: Cell, where: str) -> None:  # noqa: ARG002 - the table has no room for it
        """Record when a cell began."""
        self._began[cell] = time.monotonic()

    def now(self, cell: Cell, text: str) -> None:
        """Record a cell's current step: one word."""
        self._busy[cell] = text

    def end(self, result: CellResult) -> None:
        """Record how a cell ended."""
        self._done[result.cell] = result

    def text(self, width: int, height: int) -> str:
        """Return the lines that fit a terminal: running cells first if not all fit."""
        shown = {cell: self._cell_text(cell) for cell in self._cells}
        lines = grid(self._cells, shown, width=width - 1) or cell_lines(
            self._in_order(height - 3), shown, width=width - 1
        )
        if len(lines) > height - 3:
            lines = cell_lines(self._in_order(height - 3), shown, width=width - 1)
        total = f"{len(self._done)} of {len(self._cells)} done, {seconds(time.monotonic() - self._start)}"
        return "\n".join([*(line[: width - 1] for line in lines), "", total])

    def _in_order(self, most: int) -> list[Cell]:
        """Return the cells that fit, in the matrix's order: running ones, failed ones, others."""
        ranked = sorted(self._cells, key=lambda cell: (not self._is_busy(cell), not self._has_failed(cell)))
        chosen = {*ranked[: max(most, 1)]}
        return [cell for cell in self._cells if cell in chosen]

    def _is_busy(self, cell: Cell) -> bool:
        return cell in self._began and cell not in self._done

    def _has_failed(self, cell: Cell) -> bool:
        return cell in self._done and self._done[cell].status != "passed"

    def _cell_text(self, cell: Cell) -> str:
        if cell in self._done:
            text = mark(self._done[cell])
        elif cell not in self._began:
            text = "waits"
        else:
            step = plain_line(self._busy.get(cell, ""))
            text = f"{seconds(time.monotonic() - self._began[cell])} {step[:BUSY]}"
        return f"{text:<{STEADY}}"


class _Drawing(io.TextIOBase):
    """Standard error while the terminal is ours and not blocked; later drawings are dropped."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def fileno(self) -> int:
        """Return the descriptor of the terminal, for its size."""
        return self._stream.fileno()

    def write(self, text: str) -> int:
        """Draw, if possible."""
        if is_ours(2) and can_write(2):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Drop what was drawn."""
        if is_ours(2) and can_write(2):
            self._stream.flush()


@contextmanager
def watch_matrix(cells: Sequence[Cell], environ: Mapping[str, str], *, quiet: bool) -> Iterator[Lines | LiveTable]:
    """Yield the watcher of a matrix; at a terminal the table is visible during the block."""
    if quiet or not is_ours(2) or environ.get("TERM") in (None, "", "dumb"):
        yield Lines(quiet=quiet)
        return
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    hide_keys()
    table = LiveTable(cells)

    def draw() -> Text:
        width, height = shutil.get_terminal_size()
        text = Text(table.text(width, height), no_wrap=True, overflow="crop")
        text.highlight_regex("✓", "green")
        text.highlight_regex("✗", "red")
        return text

    class Screen(Console):
        """Leaves the cursor visible: a stopped or killed run could not restore it."""

        def show_cursor(self, show: bool = True) -> bool:  # noqa: ARG002 - rich's own signature
            return False

    console = Screen(file=cast("IO[str]", _Drawing(sys.stderr)), force_terminal=True, highlight=False)
    live = Live(
        get_renderable=draw, console=console, refresh_per_second=PER_SECOND, transient=True, redirect_stdout=False
    )
    with ExitStack() as stack:
        with leave_signals_to_main():
            stack.enter_context(live)
        yield table
