"""Connections to processes in containers as one kind of byte stream, and what a forked child has of them."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import weakref
from typing import Final

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
        except ConnectionResetError:
            return b""

    def send(self, data: bytes, /) -> int:
        """Write some of `data`; return the number of bytes. Raises BlockingIOError, or OSError at a closed end."""
        return self._socket.send(data)

    def sendall(self, data: bytes, /) -> None:
        """Write all of `data`."""
        self._socket.sendall(data)

    def close_write(self) -> None:
        """Close the writing side; reading goes on."""
        with contextlib.suppress(OSError):  # the other end closed first
            self._socket.shutdown(socket.SHUT_WR)

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
