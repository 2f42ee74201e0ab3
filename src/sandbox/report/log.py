"""A run in a log file: every step with its seconds and all its output, as plain text and bounded."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from sandbox.core.human import seconds
from sandbox.core.plaintext import plain
from sandbox.errors import Unwritten
from sandbox.report.advice import advice_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from sandbox.errors import Row, SandboxError

LARGEST: Final = 8_000_000
"""Most characters of a log: a program may print without end."""


class LogReporter:
    """Writes to a file that only the user may read; `now` gets each step's label."""

    def __init__(self, path: Path, now: Callable[[str], None]) -> None:
        self._path = path
        path.touch(mode=0o600)
        self._file = path.open("a", encoding="utf-8", errors="replace")
        self._now = now
        self._lock = threading.Lock()
        self._written = 0

    def close(self) -> None:
        """Close the file; later output is dropped."""
        with self._lock, suppress(OSError):  # another try for what a full disk did not take
            self._file.close()

    def heading(self, text: str) -> None:
        """Write what is tried where."""
        self._write(text)

    def blank(self) -> None:
        """Write no empty lines: a log is for searching."""

    def line(self, text: str) -> None:
        """Write a line of output."""
        self._write(text)

    def rows(self, rows: Sequence[Row]) -> None:
        """Write labels and texts."""
        for label, text in rows:
            self._write(f"{label}: {text}")

    def warn(self, error: SandboxError) -> None:
        """Write something that went wrong but does not end the run."""
        self.problem("warning", error)

    def problem(self, word: str, error: SandboxError) -> None:
        """Write an error in full."""
        self._write(f"{word}: {error.brief}")
        self.rows(error.details)
        self.rows([("next", advice_text(hint)) for hint in error.hints])

    @contextmanager
    def step(self, label: str, title: str) -> Iterator[LoggedStep]:
        """Write a step's name, its lines, and how long it took."""
        self._now(label)
        self._write(f"== {label} {title}")
        step, began = LoggedStep(self._write, title), time.monotonic()
        how = "failed"
        try:
            yield step
            how = "done"
        finally:
            self._write(f"== {label} {step.text} {how} after {seconds(time.monotonic() - began)} {step.noted}".rstrip())

    def _write(self, text: str) -> None:
        with self._lock:
            if self._file.closed or self._written > LARGEST:
                return
            text = plain(text)
            self._written += len(text)
            try:
                self._file.write(f"{text}\n" if self._written <= LARGEST else "== the rest is not logged\n")
                self._file.flush()
            except OSError as error:
                self._written = LARGEST + 1  # write the note only once
                raise Unwritten.place(self._path, error) from error


class LoggedStep:
    """A step in a log: its output as it arrives, its last title and note at the end."""

    def __init__(self, write: Callable[[str], None], title: str) -> None:
        self._write = write
        self.text = title
        self.noted = ""

    def line(self, text: str) -> None:
        """Write a line of the command's output."""
        self._write(text)

    def now(self, text: str) -> None:
        """Ignore the current activity: the output shows it."""

    def title(self, text: str) -> None:
        """Change the step's title, once more is known."""
        self.text = text

    def note(self, text: str) -> None:
        """Add a note after the seconds."""
        self.noted = text
