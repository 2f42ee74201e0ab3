"""The output of a command as plain lines, bounded in what is kept and in what it costs to read."""

from __future__ import annotations

import time
from collections import deque
from typing import Final

from sandbox.plaintext import plain

LONGEST_LINE: Final = 4000
LONGEST_TEXT: Final = 8_000_000
"""Characters of an output that are kept, however few lines they are: what prints them may be hostile."""
LONGEST_LIST: Final = 500_000
"""Lines of an output that are kept: a distro's whole index is a list of names."""
FLOOD: Final = 2 * LONGEST_TEXT
"""Bytes of an output beyond which it need not be read as a whole: it could not be kept either."""
PAUSE: Final = 0.1
"""Seconds between two pieces of such an output that are looked at."""


class Lines:
    """Cuts a stream of bytes into plain lines at newlines and carriage returns.

    Of what comes behind `flood` bytes, where that is given, or a list of the longest, only now and then a piece is
    looked at, and the last one.
    """

    def __init__(self, flood: int | None = None) -> None:
        self._flood = flood
        self._rest = self._held = b""
        self._total = self._count = 0
        self._next = 0.0

    def feed(self, data: bytes) -> list[str]:
        """Take bytes in; return the lines that are complete."""
        self._total += len(data)
        if self._flood is not None and (self._total > self._flood or self._count > LONGEST_LIST):
            self._held, now = data[-LONGEST_LINE:], time.monotonic()
            if now < self._next:
                return []
            self._next, self._held = now + PAUSE, b""
        return self._cut(data)

    def _cut(self, data: bytes) -> list[str]:
        pieces = (self._rest + data).replace(b"\r", b"\n").split(b"\n")
        self._rest = pieces.pop()[-LONGEST_LINE:]
        self._count += len(pieces)
        return [plain(piece[:LONGEST_LINE]) for piece in pieces if piece]

    def end(self) -> list[str]:
        """Return what has no newline behind it, and the last piece."""
        return self._cut(self._held + b"\n") if self._rest or self._held else []


class Kept:
    """The last lines of an output, bounded by their number and their characters."""

    def __init__(self, lines: int) -> None:
        self._lines: deque[str] = deque()
        self._limit = lines
        self._length = 0

    def extend(self, lines: list[str]) -> None:
        """Take lines in, and let the oldest go."""
        self._lines.extend(lines)
        self._length += sum(map(len, lines))
        while len(self._lines) > self._limit or self._length > LONGEST_TEXT:
            self._length -= len(self._lines.popleft())

    def text(self) -> str:
        """Return them as one text."""
        return "\n".join(self._lines)
