"""Streams to processes that need no process: what they wrote is there at once, what is sent to them is kept."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sandbox.errors import EngineError, NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.engine.protocol import Connection, Exec


def frame(data: bytes, *, error: bool = False) -> bytes:
    return struct.pack(">BxxxL", 2 if error else 1, len(data)) + data


class FakeConnection:
    """Gives its chunks, one a call or a part of it, and keeps what is sent; `on_end` hears of the end of its input."""

    def __init__(self, *chunks: bytes, on_end: Callable[[], object] = lambda: None) -> None:
        self.chunks = list(chunks)
        self.sent = b""
        self.write_closed = self.closed = False
        self.on_read: Callable[[], object] = lambda: None
        self._on_end = on_end
        self._pair: tuple[socket.socket, socket.socket] | None = None

    @property
    def pending(self) -> bool:
        return bool(self.chunks)

    def fileno(self) -> int:
        """Return a descriptor for select: readable, as everything that is to come has come, or has ended."""
        if self.closed:
            return -1
        if self._pair is None:
            self._pair = socket.socketpair()
            self._pair[1].shutdown(socket.SHUT_WR)
        return self._pair[0].fileno()

    def setblocking(self, flag: bool, /) -> None:
        """Nothing here ever waits."""

    def recv(self, size: int, /) -> bytes:
        self.on_read()
        chunk = self.chunks.pop(0) if self.chunks else b""
        self.chunks[:0] = [chunk[size:]] * (len(chunk) > size)
        return chunk[:size]

    def send(self, data: bytes, /) -> int:
        self.sent += data
        return len(data)

    def sendall(self, data: bytes, /) -> None:
        self.sent += data

    def close_write(self) -> None:
        is_first, self.write_closed = not self.write_closed and not self.closed, True
        if is_first:
            self._on_end()

    def close(self) -> None:
        is_first, self.closed = not self.write_closed and not self.closed, True
        for end in self._pair or ():
            end.close()
        if is_first:
            self._on_end()

    def __del__(self) -> None:
        with suppress(OSError):
            for end in self._pair or ():
                end.close()


class ArrivingConnection(FakeConnection):
    """What an engine sends while it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.ours, self.engine = socket.socketpair()

    @property
    def pending(self) -> bool:
        return False

    def fileno(self) -> int:
        return self.ours.fileno()

    def recv(self, size: int, /) -> bytes:
        return self.ours.recv(size)

    def close(self) -> None:
        super().close()
        self.ours.close()
        self.engine.close()


@dataclass
class FakeExec:
    """A command that has written what it will and ended with `code`, or lost its container (None)."""

    stream: FakeConnection
    code: int | None = 0
    ident: str = "exec"
    is_running: bool = False
    sizes: list[tuple[int, int]] = field(default_factory=list)

    def resize(self, rows: int, columns: int) -> None:
        self.sizes.append((rows, columns))

    def status(self) -> int:
        if self.code is None:
            raise NotFound("no such exec")
        if self.is_running:
            raise EngineError("the connection to the sandbox ended before the command in it did")
        return self.code


if TYPE_CHECKING:
    _connection: Connection = FakeConnection()
    _exec: Exec = FakeExec(FakeConnection())
