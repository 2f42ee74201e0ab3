"""A command's output as plain lines, with bounds on memory and time."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING, Final

from sandbox.core.plaintext import plain

if TYPE_CHECKING:
    from collections.abc import Callable

LONGEST_LINE: Final = 4000
"""Characters of a line that people read."""
LONGEST_RECORD: Final = 400_000
"""Characters of a line that programs read: Provides of librust-winapi-dev in Debian 12 has 75,649."""
LONGEST_TEXT: Final = 8_000_000
"""Characters of output to keep, whatever the number of lines: the program may be hostile."""
LONGEST_LIST: Final = 500_000
"""Lines of output to keep: enough for a list of a distro's whole index."""
# A script that prints 1 GB cost minutes when every line was read.
FLOOD: Final = 2 * LONGEST_TEXT
"""Bytes after which the output is only sampled, since it could not be kept anyway."""
PAUSE: Final = 0.1
"""Seconds between two samples of such an output."""
SAMPLE: Final = 2 * LONGEST_LINE
"""Bytes of a sample: the latest ones."""
BURST: Final = 20_000
"""Lines that are always forwarded: more than any install prints at once."""
# Each forwarded line costs the client a handful of patterns.
RATE: Final = 500
"""Lines a second to forward of a command that has printed more than that."""
LAST: Final = 50
"""Lines to forward together then: the latest ones."""
GAP: Final = "... too many lines to show; the last ones:"


class LineSplitter:
    """Cuts a stream of bytes into plain lines at newlines and carriage returns.

    Of what comes behind `flood` bytes, where that is given, or a list of the longest, only now and then a piece is
    looked at, and the last one. A line has at most `longest` bytes.
    """

    def __init__(self, flood: int | None = None, longest: int = LONGEST_LINE) -> None:
        self._flood = flood
        self._longest = longest
        self._rest = self._held = b""
        self._total = self._count = 0
        self._next = self._next_turn = 0.0
        self._is_torn = False
        self.has_gap = False
        """Whether output was skipped before the lines that were returned last."""

    def feed(self, data: bytes) -> list[str]:
        """Take bytes in; return the lines that are complete."""
        self._total += len(data)
        self.has_gap = False
        if self._flood is None or (self._total <= self._flood and self._count <= LONGEST_LIST):
            return self._cut_lines(data)
        held = self._held + data
        if len(held) > SAMPLE:  # a skipped part begins and ends in the middle of a line
            held, self._rest, self._is_torn = held[-SAMPLE:], b"", True
        self._held, now = held, time.monotonic()
        if now < self._next:
            return []
        self._next = now + PAUSE
        return self._scan()

    def before_another(self) -> list[str]:
        """Return what is held now that another stream speaks, so that the order stays; not at every word of a flood."""
        self.has_gap = False
        if not self._held or (now := time.monotonic()) < self._next_turn:
            return []
        self._next_turn = now + PAUSE
        return self._scan()

    def _scan(self) -> list[str]:
        data, self._held = self._held, b""
        if self._is_torn:
            _, newline, whole = data.replace(b"\r", b"\n").partition(b"\n")
            data = whole if newline else data
        self.has_gap, self._is_torn = self._is_torn, False
        return self._cut_lines(data)

    def _cut_lines(self, data: bytes) -> list[str]:
        pieces = (self._rest + data).replace(b"\r", b"\n").split(b"\n")
        self._rest = pieces.pop()[-self._longest :]
        self._count += len(pieces)
        return [plain(piece[: self._longest]) for piece in pieces if piece]

    def end(self) -> list[str]:
        """Return the text after the last newline."""
        lines = self._scan()
        return [*lines, *(self._cut_lines(b"\n") if self._rest else [])]


def plain_text(output: bytes) -> str:
    """Return a whole output of a program as the text of its plain lines, for another program."""
    cut, text = LineSplitter(longest=LONGEST_RECORD), TailBuffer(LONGEST_LIST)
    text.extend(cut.feed(output))
    text.extend(cut.end())
    return text.text()


class ThrottledLines:
    """Forwards lines as they arrive. In a flood: at most a number a second, the latest ones, and the last ones."""

    def __init__(self, tell: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._tell = tell
        self._clock = clock
        self._room = float(BURST)
        self._since = clock()
        self._waiting: deque[str] = deque(maxlen=LAST)
        self._has_gap = False

    def take(self, lines: list[str], *, has_gap: bool = False) -> None:
        """Forward lines or delay them; `has_gap`: lines before them were skipped."""
        now = self._clock()
        self._room, self._since = min(BURST, self._room + (now - self._since) * RATE), now
        self._has_gap |= has_gap
        if not self._waiting and len(lines) <= self._room:
            self._hand_on(lines)
            return
        self._has_gap |= len(self._waiting) + len(lines) > LAST
        self._waiting.extend(lines)
        if self._room >= LAST:
            self.end()

    def end(self) -> None:
        """Forward the delayed lines."""
        self._hand_on(list(self._waiting))
        self._waiting.clear()

    def _hand_on(self, lines: list[str]) -> None:
        if lines and self._has_gap:
            self._tell(GAP)
            self._has_gap = False
        for line in lines:
            self._tell(line)
        self._room -= len(lines)


class TailBuffer:
    """The last lines of an output, bounded in number and characters."""

    def __init__(self, lines: int) -> None:
        self._lines: deque[str] = deque()
        self._limit = lines
        self._length = 0

    def extend(self, lines: list[str]) -> None:
        """Add lines, and drop the oldest."""
        self._lines.extend(lines)
        self._length += sum(map(len, lines))
        while len(self._lines) > self._limit or self._length > LONGEST_TEXT:
            self._length -= len(self._lines.popleft())

    def text(self) -> str:
        """Return them as one text."""
        return "\n".join(self._lines)
