"""The user's terminal: raw mode and back, its size, and the pump between it and a sandbox."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import termios
import tty
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sandbox.engine.frames import Frames
from sandbox.errors import Interrupted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from sandbox.engine.base import Connection, Exec

CHUNK: Final = 65536
BACKLOG: Final = 1 << 20
"""Bytes that may wait for a slow side before its source is no longer read."""
TERMINAL_CHUNK: Final = 4096
"""What a terminal or pipe that select calls writable takes without blocking (pipe(7), PIPE_BUF)."""


def is_terminal() -> bool:
    """Return whether both standard input and output are a terminal."""
    return os.isatty(0) and os.isatty(1)


def size() -> tuple[int, int]:
    """Return the terminal's rows and columns, 24 and 80 where it says nothing."""
    for descriptor in (1, 0, 2):
        with contextlib.suppress(OSError):
            columns, rows = os.get_terminal_size(descriptor)
            if rows and columns:
                return rows, columns
    return 24, 80


class _Terminal:
    """Raw mode on standard input, given back at the end, on a stop (SIGTSTP) and never twice."""

    def __init__(self) -> None:
        self._saved = termios.tcgetattr(0)

    def raw(self) -> None:
        tty.setraw(0, termios.TCSADRAIN)

    def restore(self) -> None:
        with contextlib.suppress(termios.error):  # a terminal that has been closed needs nothing
            termios.tcsetattr(0, termios.TCSADRAIN, self._saved)

    def stop(self, _signum: int, _frame: FrameType | None) -> None:
        """Stop as the shell asked from outside, with the terminal as we found it, and go on raw."""
        self.restore()
        os.kill(os.getpid(), signal.SIGSTOP)
        self.raw()


RESTORE_SCREEN: Final = b"\x1b[?1049l\x1b[?25h\x1b[?2004l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[0m\r"
"""Leave the alternate screen, show the cursor, end bracketed paste and mouse reports: a program that died can't."""


@contextmanager
def raw_terminal() -> Iterator[None]:
    """Hold the terminal in raw mode while the block runs, whatever ends it."""
    terminal = _Terminal()
    before = signal.signal(signal.SIGTSTP, terminal.stop)
    try:
        terminal.raw()
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            os.write(1, RESTORE_SCREEN)
        raise
    finally:
        terminal.restore()
        signal.signal(signal.SIGTSTP, before)


@contextmanager
def _window_changes() -> Iterator[int]:
    """Yield a descriptor that becomes readable when the window's size has changed."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)

    def note(_signum: int, _frame: FrameType | None) -> None:
        with contextlib.suppress(OSError):
            os.write(writer, b"w")

    before = signal.signal(signal.SIGWINCH, note)
    try:
        yield reader
    finally:
        signal.signal(signal.SIGWINCH, before)
        os.close(reader)
        os.close(writer)


def interact(process: Exec) -> None:
    """Join the terminal to a process that has one, until the process ends; follow the window's size."""
    with _window_changes() as window, raw_terminal():
        pump, told = _Pump(process.stream, framed=False), None
        while pump.turn(window):
            if pump.spoke and _changed(window, told):
                told = size()
                process.resize(*told)
        pump.flush()


def _changed(window: int, told: tuple[int, int] | None) -> bool:
    """Return whether the process has to be told a size: at first, and whenever the window changes.

    Only once it has spoken: an engine lets a resize wait until the process is there, and the prompt with it.
    """
    with contextlib.suppress(BlockingIOError):
        return bool(os.read(window, CHUNK))
    return told is None


def filter_streams(process: Exec) -> None:
    """Join standard input, output and error to a process without a terminal: bytes in, bytes out, exact."""
    pump = _Pump(process.stream, framed=True)
    while pump.turn():
        pass
    pump.flush()


class _Pump:
    """Bytes both ways between the standard streams and one connection; a slow side does not stop the other."""

    def __init__(self, stream: Connection, *, framed: bool) -> None:
        self._stream = stream
        self._frames = Frames() if framed else None
        self._piece = CHUNK if framed else TERMINAL_CHUNK
        self._in = bytearray()
        self._out = {1: bytearray(), 2: bytearray()}
        self._reading = True
        self._half_closed = False
        self._received = False
        stream.setblocking(False)

    @property
    def spoke(self) -> bool:
        """Whether anything has come from the process, and has been written."""
        return self._received and not self._waiting()

    def turn(self, *others: int) -> bool:
        """Wait until something can move, or one of `others` is readable, and move it; False at the process's end."""
        if self._stream.pending:
            return self._receive()
        readable, writable, _ = select.select([*others, *self._sources()], self._sinks(), [])
        if 0 in readable:
            self._read_input()
        if self._stream.fileno() in writable:
            self._send()
        for descriptor in (1, 2):
            if descriptor in writable:
                self._write(descriptor, self._piece)
        return self._stream.fileno() not in readable or self._receive()

    def _sources(self) -> list[int]:
        sources = [0] if self._reading and len(self._in) < BACKLOG else []
        return [*sources, self._stream.fileno()] if self._waiting() < BACKLOG else sources

    def _sinks(self) -> list[int]:
        sinks = [descriptor for descriptor, waiting in self._out.items() if waiting]
        return [*sinks, self._stream.fileno()] if self._in else sinks

    def _waiting(self) -> int:
        return sum(len(waiting) for waiting in self._out.values())

    def flush(self) -> None:
        """Write what is still waiting for the standard streams."""
        for descriptor, waiting in self._out.items():
            while waiting:
                self._write(descriptor, len(waiting))

    def _read_input(self) -> None:
        try:
            data = os.read(0, CHUNK)
        except OSError:  # the terminal has been closed, or there never was an input
            data = b""
        self._in += data
        self._reading = bool(data)
        self._end_input()

    def _send(self) -> None:
        try:
            del self._in[: self._stream.send(bytes(self._in[:CHUNK]))]
        except BlockingIOError:
            return
        except OSError:  # the process has ended; what it wrote is still to be read
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
            del waiting[: os.write(descriptor, bytes(waiting[:limit]))]
        except BlockingIOError:
            return
        except BrokenPipeError as error:
            raise Interrupted(signal.SIGPIPE) from error
        except OSError as error:
            raise Interrupted(signal.SIGHUP) from error


def flush_standard_streams() -> None:
    """Let what Python holds for standard output and error go before raw bytes are written past it."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
