"""The run on standard error: live lines at a terminal, otherwise one plain line for each step."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from sandbox.core.foreground import can_write, is_ours, is_terminal
from sandbox.core.human import seconds
from sandbox.core.plaintext import plain, plain_line
from sandbox.core.signals import is_ending, leave_signals_to_main
from sandbox.report.colours import has_colours, paint, paint_verdict
from sandbox.report.columns import chop, fill, terminal_columns, truncate, width_of, wrap_at_blanks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.errors import Row, SandboxError

LABEL: Final = 12
NARROW: Final = 20
NARROWEST: Final = 8
TITLE: Final = 44
SECONDS: Final = 9
GAP: Final = 4
NOTE: Final = 20
"""Columns of most notes, as `    13.3 MB on disk`."""
UNLIMITED: Final = 1000
"""Columns that stand for a file or a pipe."""
SILENCE: Final = 60.0
"""Seconds without output after which a step says how to end it."""
HOW_TO_END: Final = "Ctrl-C ends it"
PATIENCE: Final = 0.2
"""Seconds to wait for a blocked terminal or pipe after a signal has ended the program."""
TICK: Final = 0.1
"""Seconds between two drawings of a live line."""

CLEAR: Final = "\r\x1b[2K"


class TerminalReporter:
    """Writes to standard error. `verbose` shows every line, `quiet` only problems."""

    def __init__(self, environ: Mapping[str, str], *, verbose: bool = False, quiet: bool = False) -> None:
        self._live = is_terminal(2) and environ.get("TERM") != "dumb" and not verbose
        self._coloured = has_colours(environ, 2)
        self._verbose = verbose
        self.is_quiet = quiet
        self._lock = threading.Lock()

    @property
    def width(self) -> int:
        """The columns of a line; unlimited without a terminal."""
        return terminal_columns() if is_terminal(2) else UNLIMITED

    def heading(self, text: str) -> None:
        """Show what is tried where."""
        self._say(self._paint("heading", text))

    def blank(self) -> None:
        """Show an empty line."""
        self._say("")

    def rows(self, rows: Sequence[Row]) -> None:
        """Show labels and texts, aligned."""
        if not self.is_quiet:
            self.needed_rows(rows)

    def needed_rows(self, rows: Sequence[Row]) -> None:
        """Show labels and texts, aligned, also where progress is not shown."""
        width = max((len(label) for label, _ in rows), default=0) + 3
        for label, text in rows:
            for number, line in enumerate(self._wrap_text(text, width)):
                self._write(f"{'' if number else label:<{width}}{line}".rstrip())

    def _wrap_text(self, text: str, indent: int) -> list[str]:
        """Return the text in lines that fit the terminal; unchanged without one, for grep."""
        room = terminal_columns() - indent - 1
        if not is_terminal(2) or room < NARROW:
            return [text]
        return wrap_at_blanks(text, room)

    def warn(self, error: SandboxError) -> None:
        """Show a problem that does not end the run."""
        self.problem("warning", error)

    def problem(self, word: str, error: SandboxError) -> None:
        """Show an error in full: what happened, the evidence, the next step."""
        self._write(f"{self._paint(word, f'{word}:')} {plain(error.brief)}")
        width = max([len("next"), *(len(label) for label, _ in error.details)]) + 3
        for label, text in error.details:
            lines = [part for line in plain(text).splitlines() or [""] for part in self._wrap_text(line, width + 2)]
            for number, line in enumerate(lines):
                self._write(f"  {'' if number else label:<{width}}{line}")
        from sandbox.report.advice import advice_text

        for number, hint in enumerate(error.hints):
            self._write(f"  {'' if number else 'next':<{width}}{plain_line(advice_text(hint))}")

    @contextmanager
    def step(self, label: str, title: str) -> Iterator[LiveStep]:
        """Show a step while the block runs; what is typed meanwhile is for the shell, and not shown in its line."""
        if is_terminal(2) and not self.is_quiet:
            from sandbox.core.echo import hide_keys

            hide_keys()
        step = LiveStep(self, label, title, live=self._live and not self.is_quiet, verbose=self._verbose)
        try:
            yield step
        except KeyboardInterrupt:
            step.end("interrupted")
            raise
        except BaseException:
            step.end("failed")
            raise
        step.end()

    def draw(self, text: str) -> None:
        """Replace the current line, cut to the terminal's width, if the terminal is ours and not blocked."""
        if not (is_ours(2) and can_write(2)):
            return
        width = terminal_columns()
        with self._lock:
            _to_stderr(f"{CLEAR}{text[: width - 1]}")

    def say(self, text: str) -> None:
        """Write one line, in place of the live one."""
        self._say(text, clear=self._live and is_ours(2))

    def verdict(self, line: str, note: str) -> str:
        """Return a line whose end, a step's note, is green or red where that is a verdict."""
        if not (self._coloured and note and line.endswith(note)):
            return line
        return line[: -len(note)] + paint_verdict(note)

    def _say(self, text: str, *, clear: bool = False) -> None:
        if not self.is_quiet:
            self._write(text, clear=clear)

    def _write(self, text: str, *, clear: bool = False) -> None:
        with self._lock:
            _to_stderr(f"{CLEAR if clear else ''}{text}\n")

    def _paint(self, role: str, text: str) -> str:
        return paint(role, text) if self._coloured else text


class LiveStep:
    """A step's line: drawn ten times a second at a terminal, written once at its end, its columns where they were."""

    def __init__(self, reporter: TerminalReporter, label: str, title: str, *, live: bool, verbose: bool) -> None:
        self._reporter = reporter
        self._label, self._title, self._now, self._note = label, title, "", ""
        self._started = self._heard = time.monotonic()
        self._verbose = verbose
        self._over = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True) if live else None
        if self._ticker is not None:
            with leave_signals_to_main():
                self._ticker.start()

    def line(self, text: str) -> None:
        """Show a line of the command's output, where everything is asked for."""
        self._heard = time.monotonic()
        if self._verbose:
            self._reporter.say(f"    {text}")

    def now(self, text: str) -> None:
        """Say what is being done at the moment."""
        self._heard = time.monotonic()
        self._now = plain_line(text)

    def title(self, text: str) -> None:
        """Change the step's title, once more is known."""
        self._title = text

    def note(self, text: str) -> None:
        """Add a note after the seconds."""
        self._note = text

    def end(self, instead: str = "") -> None:
        """Write the step's final line; `failed` or `interrupted` replaces its note if it did not finish."""
        self._over.set()
        if self._ticker is not None:
            self._ticker.join()
        elapsed = seconds(time.monotonic() - self._started)
        note = instead or self._note
        lines = step_lines(self._label, self._title, elapsed, note, self._reporter.width)
        self._reporter.say("\n".join([*lines[:-1], self._reporter.verdict(lines[-1], note)]))

    def live_line(self, now: float) -> str:
        """Return the line as it is at a moment of the monotonic clock."""
        note = self._note or (HOW_TO_END if now - self._heard > SILENCE else "")
        elapsed = seconds(now - self._started)
        return live_line(self._label, self._now or self._title, elapsed, note, self._reporter.width)

    def _tick(self) -> None:
        while not self._over.wait(TICK):
            self._reporter.draw(self.live_line(time.monotonic()))


def title_columns(width: int) -> int:
    """Return the columns of a step's title on a terminal of `width`: the seconds stand behind it, come what may."""
    room = width - len("  ") - LABEL - SECONDS - 1
    return max(NARROWEST, min(TITLE, max(room - NOTE, min(room, NARROW))))


def live_line(label: str, title: str, elapsed: str, note: str, width: int) -> str:
    """Return a step that runs in one line of less than `width` columns, with `…` where something is missing."""
    column, seconds = _columns(elapsed, width)
    shown = fill(truncate(title, column - 1), column)
    line = f"{_head(label)}{shown}{elapsed:>{seconds}}"
    more = f"{' ' * GAP}{note}" if note else ""
    return truncate(line + more, width - 1) if len(line) < width else line


def step_lines(label: str, title: str, elapsed: str, note: str, width: int) -> list[str]:
    """Return a step that has ended in one line, or in several where the terminal is too narrow for that."""
    column, seconds = _columns(elapsed, width)
    head = _head(label)
    whole = f"{head}{fill(title, column)}{elapsed:>{seconds}}{' ' * GAP}{note}".rstrip()
    # without a terminal a step is one line, for grep, however long its title is
    if width >= UNLIMITED or (width_of(title) <= column and width_of(whole) < width):
        return [whole]
    titles = chop(title, column)
    last = f"{fill(titles.pop(), column)}{elapsed:>{seconds}}"
    is_beside = width_of(head) + width_of(last) + GAP + width_of(note) < width
    texts = [*titles, f"{last}{' ' * GAP}{note}".rstrip()] if is_beside else [*titles, last, *([note] if note else [])]
    return [f"{' ' * len(head) if number else head}{text}" for number, text in enumerate(texts)]


def _columns(elapsed: str, width: int) -> tuple[int, int]:
    """Return the columns of a title and of its time, which takes some of the title's when it is long: `1 min 14 s`."""
    more = max(0, width_of(elapsed) + 2 - SECONDS)
    return title_columns(width) - more, SECONDS + more


def _head(label: str) -> str:
    return f"  {label:<{LABEL}}"


def _to_stderr(text: str) -> None:
    """Write; ignore a closed terminal, and don't wait for a stopped one."""
    if is_ending() and not can_write(2, PATIENCE):
        return
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(text)
        sys.stderr.flush()
