"""The SDK's hijacked connections as one kind of byte stream, and the frames on them."""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import sys
import threading
import weakref
from typing import Any, Final

KEEP_ALIVE: Final = {"TCP_KEEPIDLE": 20, "TCP_KEEPALIVE": 20, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 6}
"""Seconds until the first question, between two, and how many remain without an answer (tcp(7); macOS: KEEPALIVE)."""


FORKS: Final = threading.RLock()
"""Whoever has it keeps other threads from forking: a connection that is on its way is not yet in `_open`."""
_open: Final[weakref.WeakSet[SocketConnection]] = weakref.WeakSet()


def _close_in_child() -> None:
    """Close the copies that a forked child has of its parent's connections: what they lead to is the parent's alone.

    A sandbox lives as long as its lifeline is open, so such a copy kept it alive when its owner was killed.
    """
    for connection in tuple(_open):
        connection.close_copy()
    _open.clear()
    FORKS.release()


os.register_at_fork(before=FORKS.acquire, after_in_parent=FORKS.release, after_in_child=_close_in_child)


def keep_alive(connection: socket.socket) -> None:
    """Let the kernel ask the other end of a TCP connection whether it is there: a minute's silence is its end."""
    if connection.family not in (socket.AF_INET, socket.AF_INET6):
        return
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEP_ALIVE.items():
        number = getattr(socket, name, None)
        if number is not None and (name != "TCP_KEEPALIVE" or sys.platform == "darwin"):
            connection.setsockopt(socket.IPPROTO_TCP, number, value)


class SocketConnection:
    """A stream to a process of a container; `early` is what came before it was made."""

    def __init__(self, connection: socket.socket, early: bytes = b"") -> None:
        self._socket = connection
        self._early = early
        _open.add(self)

    @property
    def pending(self) -> bool:
        """Whether `recv` returns at once even if the socket has no data."""
        return bool(self._early)

    def fileno(self) -> int:
        """Return the file descriptor for select; -1 once closed."""
        return self._socket.fileno()

    def setblocking(self, flag: bool, /) -> None:
        """Make reads and writes wait, or raise BlockingIOError."""
        self._socket.setblocking(flag)

    def recv(self, size: int, /) -> bytes:
        """Return up to `size` bytes; nothing at the end or after a reset."""
        if self._early:
            head, self._early = self._early[:size], self._early[size:]
            return head
        try:
            return self._socket.recv(size)
        except ssl.SSLWantReadError as error:
            raise BlockingIOError from error
        except ConnectionResetError:
            return b""

    def send(self, data: bytes, /) -> int:
        """Write some of `data`; return the number of bytes. Raises BlockingIOError, or OSError at a closed end."""
        try:
            return self._socket.send(data)
        except ssl.SSLWantWriteError as error:
            raise BlockingIOError from error

    def sendall(self, data: bytes, /) -> None:
        """Write all of `data`."""
        self._socket.sendall(data)

    def close_write(self) -> None:
        """Close the writing side; reading goes on."""
        try:
            if isinstance(self._socket, ssl.SSLSocket):
                self._socket.unwrap()
            else:
                self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            return  # the other end closed first

    def close(self) -> None:
        """Close both directions; a second call has no effect."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def close_copy(self) -> None:
        """Close this process's descriptor alone: `close` would end the connection of all who have it."""
        descriptor = self._socket.detach()
        if descriptor >= 0:
            os.close(descriptor)


class HijackedConnection(SocketConnection):
    """A stream that the SDK asked for.

    The SDK hands out the raw socket below the buffer that read the HTTP header; what the engine sent right behind the
    header sits in that buffer and would be lost, so it is taken out first (https://github.com/docker/docker-py/issues/2255
    and its kin lose it).
    """

    def __init__(self, response: Any) -> None:
        self._response = response  # kept alive: a garbage-collected response closes the socket
        buffered = response.raw._fp.fp  # noqa: SLF001 - the SDK has no public way to the socket
        connection: socket.socket = buffered.raw._sock  # noqa: SLF001
        keep_alive(connection)
        connection.setblocking(False)
        early = self._drain(buffered)
        connection.setblocking(True)
        super().__init__(connection, early)

    @staticmethod
    def _drain(buffered: Any) -> bytes:
        try:
            waiting = buffered.peek(1)
        except (BlockingIOError, ssl.SSLWantReadError):
            return b""
        return bytes(buffered.read1(len(waiting))) if waiting else b""

    def close(self) -> None:
        """Close both directions; a second call has no effect."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._response.close()
        super().close()
