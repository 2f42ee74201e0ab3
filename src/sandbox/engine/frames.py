"""Frames of a stream without a terminal: stream number, length, bytes (Engine API, "Stream format")."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox.engine.protocol import Connection

HEADER: Final = struct.Struct(">BxxxL")
ERRORS: Final = (2, 3)
"""Standard error, and the engine's own messages when it can't go on."""


class Frames:
    """Takes pieces of the stream in, in any cut, and gives `(is_error, bytes)` out as soon as bytes are there.

    Frames of one stream in a row are given out together: what prints single bytes has as many frames.
    """

    def __init__(self) -> None:
        self._head = b""
        self._left = 0
        self._is_error = False

    def feed(self, data: bytes) -> list[tuple[bool, bytes]]:
        """Parse `data`: return (is_error_stream, bytes) of each frame or part of one."""
        found: list[tuple[bool, bytes]] = []
        parts: list[bytes] = []
        position, end, left, is_error = 0, len(data), self._left, self._is_error
        while position < end:
            if not left:
                size = HEADER.size - len(self._head)
                head = self._head + data[position : position + size]
                position += size
                if len(head) < HEADER.size:
                    self._head = head
                    break
                self._head = b""
                (stream, left), was = HEADER.unpack(head), is_error
                is_error = stream in ERRORS
                if parts and was != is_error:
                    found.append((was, b"".join(parts)))
                    parts = []
            if left and position < end:
                parts.append(data[position : position + left])
                position, left = position + left, max(0, left - (end - position))
        if parts:
            found.append((is_error, b"".join(parts)))
        self._left, self._is_error = left, is_error
        return found


def so_far(stream: Connection, limit: int) -> bytes:
    """Return what both streams have received so far, at most `limit` bytes, without waiting."""
    frames, text = Frames(), bytearray()
    try:
        stream.setblocking(False)  # closed if the session was ended because of its disk
        while data := stream.recv(4096):
            for _, piece in frames.feed(data):
                text += piece[: limit - len(text)]
    except OSError:
        return bytes(text)
    return bytes(text)
