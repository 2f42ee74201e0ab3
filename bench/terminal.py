"""A program at a terminal of its own, timed as its user sees it; both sides of every comparison run in one of these."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import termios
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROMPT: Final = re.compile(rb"root@[a-z0-9-]+:/# ")
LIMIT: Final = 180.0
"""Seconds after which something counts as hanging."""
CHUNK: Final = 65536
TAIL: Final = 4096
"""Bytes before new output that are searched again: a pattern may arrive in pieces."""


class BenchError(Exception):
    """Something can't be measured here; the text says what and what to do."""


class Terminal:
    """A process at the other side of a pseudo terminal; `started` and all results are seconds of perf_counter()."""

    def __init__(self, argv: Sequence[str], *, env: Mapping[str, str], folder: Path) -> None:
        self._argv = tuple(argv)
        self._data = bytearray()
        self.started = time.perf_counter()
        self._pid, self._terminal = pty.fork()
        if self._pid == 0:
            _become(argv, env, folder)
        fcntl.ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self._process = os.pidfd_open(self._pid)

    def read_until(self, pattern: re.Pattern[bytes]) -> bytes:
        """Return all output up to and with `pattern`; what comes behind it stays for the next call."""
        searched = 0
        while (found := pattern.search(self._data, max(0, searched - TAIL))) is None:
            searched = len(self._data)
            if not self._receive():
                raise BenchError(f"{self._argv} ended before its prompt:\n{self._data.decode(errors='replace')}")
        taken = bytes(self._data[: found.end()])
        del self._data[: found.end()]
        return taken

    def send(self, data: bytes) -> None:
        """Type or paste; output is read meanwhile, as a terminal window does, or both sides would wait forever."""
        os.set_blocking(self._terminal, False)
        try:
            while data:
                ready = select.select([self._terminal], [self._terminal], [], LIMIT)
                if ready[0]:
                    self._receive()
                if ready[1]:
                    with suppress(BlockingIOError):
                        data = data[os.write(self._terminal, data[:CHUNK]) :]
        finally:
            os.set_blocking(self._terminal, True)

    def peak_memory(self) -> int:
        """Return the most memory that the process had resident so far, in bytes (VmHWM of proc(5))."""
        status = Path(f"/proc/{self._pid}/status").read_text(encoding="ascii")
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024

    def wait(self) -> int:
        """Read on until the process has ended; return its exit status."""
        watched = [self._process, self._terminal]
        while self._process not in (ready := self._select(watched)):
            if ready and not self._receive():
                watched = [self._process]
        return os.waitstatus_to_exitcode(os.waitpid(self._pid, 0)[1])

    def close(self) -> None:
        """Close the window."""
        os.close(self._terminal)
        os.close(self._process)

    def _receive(self) -> bool:
        """Take what there is; return whether there will be more."""
        self._select([self._terminal])
        try:
            piece = os.read(self._terminal, CHUNK)
        except OSError:  # Linux says EIO where the other side is closed
            return False
        self._data += piece
        return bool(piece)

    def _select(self, descriptors: list[int]) -> list[int]:
        ready = select.select(descriptors, [], [], LIMIT)[0]
        if not ready:
            raise BenchError(
                f"{self._argv} says nothing for {LIMIT:g} s; its last words:\n{bytes(self._data[-500:])!r}"
            )
        return ready


def _become(argv: Sequence[str], env: Mapping[str, str], folder: Path) -> None:
    """Run the program in the forked child, or end it: nothing of ours may go on there."""
    try:
        os.chdir(folder)
        os.execvpe(argv[0], list(argv), dict(env))
    finally:
        os._exit(127)
