"""A run in a file: every step with its seconds and all its output, plain and bounded."""

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
"""Characters of one log: what is tried may print without end."""


class LogReporter:
    """Writes to a file of its own, which only the user may read; `now` hears each step's label."""

    def __init__(self, path: Path, now: Callable[[str], None]) -> None:
        self._path = path
        path.touch(mode=0o600)
        self._file = path.open("a", encoding="utf-8", errors="replace")
        self._now = now
        self._lock = threading.Lock()
        self._written = 0

    def close(self) -> None:
        """Close the file; what comes after is dropped."""
        with self._lock, suppress(OSError):  # what a full disk did not take is tried once more
            self._file.close()

    def heading(self, text: str) -> None:
        """Say what is tried where."""
        self._write(text)

    def blank(self) -> None:
        """Leave no empty line: a log is to be searched."""

    def line(self, text: str) -> None:
        """Write a line of an output that is known already."""
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
                self._written = LARGEST + 1  # said once
                raise Unwritten.place(self._path, error) from error


class LoggedStep:
    """A step of a log: its output as it comes, its last title and note at its end."""

    def __init__(self, write: Callable[[str], None], title: str) -> None:
        self._write = write
        self.text = title
        self.noted = ""

    def line(self, text: str) -> None:
        """Write a line of the command's output."""
        self._write(text)

    def now(self, text: str) -> None:
        """Leave out what is being done at the moment: the lines say it."""

    def title(self, text: str) -> None:
        """Take what the step was, once that is known better."""
        self.text = text

    def note(self, text: str) -> None:
        """Take what belongs behind the seconds."""
        self.noted = text
