"""Copies bytes both ways between the standard streams and a process in a sandbox."""

from __future__ import annotations

import errno
import os
import select
import signal
import stat
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from sandbox.core.foreground import LOOK, can_write, is_elsewhere, is_ours, is_terminal
from sandbox.engine.frames import Frames
from sandbox.engine.terminal_modes import TerminalModes
from sandbox.errors import Interrupted, Unwritten

if TYPE_CHECKING:
    from sandbox.engine.protocol import Connection

CHUNK: Final = 65536
BACKLOG: Final = 1 << 20
"""Bytes that may wait for a slow side before its source is no longer read."""
TERMINAL_CHUNK: Final = 4096
"""Bytes that a terminal or pipe accepts without blocking when select calls it writable (pipe(7), PIPE_BUF)."""


class Pump:
    """Copies both ways between the standard streams and one connection; a slow side does not stop the other."""

    def __init__(self, stream: Connection, *, framed: bool) -> None:
        self._stream = stream
        self._frames = Frames() if framed else None
        self._piece = CHUNK if framed else TERMINAL_CHUNK
        self._in = bytearray()
        self._out = {1: bytearray(), 2: bytearray()}
        self._modes = {descriptor: TerminalModes() for descriptor in self._out if is_terminal(descriptor)}
        self._reading = framed is False or not is_elsewhere(0)  # a command in the background has no input
        self._half_closed = False
        self._received = False
        stream.setblocking(False)
        self._end_input()

    @property
    def spoke(self) -> bool:
        """Whether the process has written something, and it was forwarded."""
        return self._received and not self._waiting()

    def turn(self, *others: int) -> bool:
        """Wait for data, or until one of `others` is readable, and copy it; False at the process's end."""
        if self._stream.pending:
            return self._receive()
        away = LOOK if self._reading and is_elsewhere(0) else None
        readable, writable, _ = select.select([*others, *self._sources(away is not None)], self._sinks(), [], away)
        if 0 in readable:
            self._read_input()
        if self._stream.fileno() in writable:
            self._send()
        for descriptor in (1, 2):
            if descriptor in writable:
                self._write(descriptor, self._piece)
        return self._stream.fileno() not in readable or self._receive()

    def _sources(self, is_away: bool) -> list[int]:
        sources = [0] if self._reading and not is_away and len(self._in) < BACKLOG else []
        return [*sources, self._stream.fileno()] if self._waiting() < BACKLOG else sources

    def _sinks(self) -> list[int]:
        sinks = [descriptor for descriptor, waiting in self._out.items() if waiting]
        return [*sinks, self._stream.fileno()] if self._in else sinks

    def _waiting(self) -> int:
        return sum(len(waiting) for waiting in self._out.values())

    def flush(self) -> None:
        """Write what still waits for the standard streams."""
        for descriptor, waiting in self._out.items():
            while waiting:
                self._write(descriptor, len(waiting))

    def reset_terminals(self) -> None:
        """Turn off at the terminals that are ours what the process has left on, as one that was killed does."""
        for descriptor, modes in self._modes.items():
            if (undo := modes.reset()) and is_ours(descriptor) and can_write(descriptor):
                with suppress(OSError):
                    os.write(descriptor, undo)

    def _read_input(self) -> None:
        if is_elsewhere(0):  # typed text is for the shell
            return
        try:
            data = os.read(0, CHUNK)
        except OSError:  # the terminal was closed, or there never was an input
            data = b""
        self._in += data
        self._reading = bool(data)
        self._end_input()

    def _send(self) -> None:
        try:
            del self._in[: self._stream.send(bytes(self._in[:CHUNK]))]
        except BlockingIOError:
            return
        except OSError:  # the process has ended; its last output still has to be read
            self._in.clear()
            self._reading = False
        self._end_input()

    def _end_input(self) -> None:
        if not self._reading and not self._in and not self._half_closed:
            self._half_closed = True
            self._stream.close_write()

    def _receive(self) -> bool:
        try:
            data = self._stream.recv(CHUNK)
        except BlockingIOError:
            return True
        self._received = True
        if self._frames is None:
            self._out[1] += data
        else:
            for is_error, piece in self._frames.feed(data):
                self._out[2 if is_error else 1] += piece
        return bool(data)

    def _write(self, descriptor: int, limit: int) -> None:
        waiting = self._out[descriptor]
        try:
            written = bytes(waiting[: os.write(descriptor, bytes(waiting[:limit]))])
        except BlockingIOError:
            return
        except BrokenPipeError as error:
            raise Interrupted(signal.SIGPIPE) from error
        except OSError as error:
            raise _unwritten(descriptor, error) from error
        del waiting[: len(written)]
        if modes := self._modes.get(descriptor):
            modes.feed(written)


def _unwritten(descriptor: int, error: OSError) -> Interrupted | Unwritten:
    """Return the meaning of a failed write to a standard stream: its terminal was closed, or the reason."""
    if error.errno == errno.EIO and stat.S_ISCHR(os.fstat(descriptor).st_mode):
        return Interrupted(signal.SIGHUP)
    return Unwritten.stream(descriptor, error)
