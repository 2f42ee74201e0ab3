"""The SDK's hijacked connections as byte streams."""

from __future__ import annotations

import contextlib
import socket
import ssl
import sys
from typing import Any, Final

from sandbox.engine.streams import SocketConnection

KEEP_ALIVE: Final = {"TCP_KEEPIDLE": 20, "TCP_KEEPALIVE": 20, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 6}
"""Seconds until the first question, between two, and how many remain without an answer (tcp(7); macOS: KEEPALIVE)."""


def keep_alive(connection: socket.socket) -> None:
    """Let the kernel ask the other end of a TCP connection whether it is there: a minute's silence is its end."""
    if connection.family not in (socket.AF_INET, socket.AF_INET6):
        return
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEP_ALIVE.items():
        number = getattr(socket, name, None)
        if number is not None and (name != "TCP_KEEPALIVE" or sys.platform == "darwin"):
            connection.setsockopt(socket.IPPROTO_TCP, number, value)


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

    def recv(self, size: int, /) -> bytes:
        """Return up to `size` bytes; nothing at the end or after a reset."""
        try:
            return super().recv(size)
        except ssl.SSLWantReadError as error:
            raise BlockingIOError from error

    def send(self, data: bytes, /) -> int:
        """Write some of `data`; return the number of bytes. Raises BlockingIOError, or OSError at a closed end."""
        try:
            return super().send(data)
        except ssl.SSLWantWriteError as error:
            raise BlockingIOError from error

    def close_write(self) -> None:
        """Close the writing side; reading goes on."""
        if isinstance(self._socket, ssl.SSLSocket):
            with contextlib.suppress(OSError):  # the other end closed first
                self._socket.unwrap()
        else:
            super().close_write()

    def close(self) -> None:
        """Close both directions; a second call has no effect."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._response.close()
        super().close()
