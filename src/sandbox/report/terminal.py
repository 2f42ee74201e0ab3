"""The run on standard error: live lines at a terminal, otherwise one plain line for each step."""

from __future__ import annotations

import shutil
import sys
import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from sandbox.core.foreground import can_write, is_ours, is_terminal
from sandbox.core.human import seconds
from sandbox.core.plaintext import plain, plain_line
from sandbox.core.signals import is_ending, left_to_main

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.errors import Row, SandboxError

LABEL: Final = 12
NARROW: Final = 20
TITLE: Final = 44
SECONDS: Final = 9
NOTE: Final = 20
"""Columns of most notes, such as `    13.3 MB on disk`."""
PATIENCE: Final = 0.2
"""Seconds to wait for a blocked terminal or pipe after a signal has ended the program."""
TICK: Final = 0.1
"""Seconds between two drawings of a live line."""

COLOURS: Final = {"error": "\x1b[1;31m", "warning": "\x1b[1;33m", "heading": "\x1b[1m", "dim": "\x1b[2m"}
RESET: Final = "\x1b[0m"
CLEAR: Final = "\r\x1b[2K"


class TerminalReporter:
    """Writes to standard error. `verbose` shows every line, `quiet` only problems."""

    def __init__(self, environ: Mapping[str, str], *, verbose: bool = False, quiet: bool = False) -> None:
        self._live = is_terminal(2) and environ.get("TERM") != "dumb" and not verbose
        self._coloured = is_terminal(2) and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
        self._verbose = verbose
        self._quiet = quiet
        self._lock = threading.Lock()

    @property
    def width(self) -> int:
        """The columns of a line; unlimited without a terminal."""
        return shutil.get_terminal_size((80, 24)).columns if is_terminal(2) else 1000

    def heading(self, text: str) -> None:
        """Show what is tried where."""
        self._say(self._paint("heading", text))

    def blank(self) -> None:
        """Show an empty line."""
        self._say("")

    def rows(self, rows: Sequence[Row]) -> None:
        """Show labels and texts, aligned."""
        width = max((len(label) for label, _ in rows), default=0) + 3
        for label, text in rows:
            for number, line in enumerate(self._wrap_text(text, width)):
                self._say(f"{'' if number else label:<{width}}{line}".rstrip())

    def _wrap_text(self, text: str, indent: int) -> list[str]:
        """Return the text in lines that fit the terminal; unchanged without one, for grep."""
        room = shutil.get_terminal_size((80, 24)).columns - indent - 1
        if not is_terminal(2) or room < NARROW:
            return [text]
        from textwrap import wrap

        return wrap(text, room, break_long_words=False, break_on_hyphens=False) or [""]

    def warn(self, error: SandboxError) -> None:
        """Show a problem that does not end the run."""
        self.problem("warning", error)

    def problem(self, word: str, error: SandboxError) -> None:
        """Show an error in full: what happened, the evidence, the next step."""
        self._write(f"{self._paint(word, f'{word}:')} {plain(error.brief)}")
        width = max([len("next"), *(len(label) for label, _ in error.details)]) + 3
        for label, text in error.details:
            for number, line in enumerate(plain(text).splitlines() or [""]):
                self._write(f"  {'' if number else label:<{width}}{line}")
        from sandbox.report.advice import advice_text

        for number, hint in enumerate(error.hints):
            self._write(f"  {'' if number else 'next':<{width}}{plain_line(advice_text(hint))}")

    @contextmanager
    def step(self, label: str, title: str) -> Iterator[LiveStep]:
        """Show a step while the block runs."""
        step = LiveStep(self, label, title, live=self._live and not self._quiet, verbose=self._verbose)
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
        width = shutil.get_terminal_size((80, 24)).columns
        with self._lock:
            _to_stderr(f"{CLEAR}{text[: width - 1]}")

    def say(self, text: str) -> None:
        """Write one line, in place of the live one."""
        self._say(text, clear=self._live and is_ours(2))

    def dim(self, text: str) -> str:
        """Return the text in a dim colour."""
        return self._paint("dim", text)

    def _say(self, text: str, *, clear: bool = False) -> None:
        if not self._quiet:
            self._write(text, clear=clear)

    def _write(self, text: str, *, clear: bool = False) -> None:
        with self._lock:
            _to_stderr(f"{CLEAR if clear else ''}{text}\n")

    def _paint(self, role: str, text: str) -> str:
        return f"{COLOURS[role]}{text}{RESET}" if self._coloured else text


class LiveStep:
    """A step's line: drawn ten times a second at a terminal, else written once at its end."""

    def __init__(self, reporter: TerminalReporter, label: str, title: str, *, live: bool, verbose: bool) -> None:
        self._reporter = reporter
        self._label, self._title, self._now, self._note = label, title, "", ""
        self._started = time.monotonic()
        self._verbose = verbose
        self._over = threading.Event()
        self._ticker = threading.Thread(target=self._tick, daemon=True) if live else None
        if self._ticker is not None:
            with left_to_main():
                self._ticker.start()

    def line(self, text: str) -> None:
        """Show a line of the command's output, if verbose."""
        if self._verbose:
            self._reporter.say(f"    {text}")

    def now(self, text: str) -> None:
        """Show the current activity."""
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
        self._reporter.say("\n".join(self._lines(elapsed, instead or self._note)))

    def _lines(self, elapsed: str, note: str) -> list[str]:
        """Return the step as one line, or as several on a narrow terminal."""
        width, label = self._reporter.width, f"  {self._label:<{LABEL}}"
        room = width - len(label) - SECONDS - 1
        column = max(NARROW, min(TITLE, room - NOTE))
        whole = f"{label}{self._title:<{column}}{elapsed:>{SECONDS}}    {note}".rstrip()
        if len(whole) < width:
            return [whole]
        from textwrap import wrap

        titles = wrap(self._title, column, break_long_words=False, break_on_hyphens=False) or [""]
        last = f"{titles.pop():<{column}}{elapsed:>{SECONDS}}"
        fits = len(label) + len(last) + 4 + len(note) < width
        texts = [*titles, f"{last}    {note}".rstrip()] if fits else [*titles, last, *([note] if note else [])]
        return [f"{label if not number else '':<{len(label)}}{text}" for number, text in enumerate(texts)]

    def _tick(self) -> None:
        while not self._over.wait(TICK):
            elapsed = seconds(time.monotonic() - self._started)
            self._reporter.draw(f"  {self._label:<{LABEL}}{elapsed:>9}   {self._now or self._title}")


def _to_stderr(text: str) -> None:
    """Write; ignore a closed terminal, and don't wait for a stopped one."""
    if is_ending() and not can_write(2, PATIENCE):
        return
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(text)
        sys.stderr.flush()
