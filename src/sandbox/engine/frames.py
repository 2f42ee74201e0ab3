"""The frames of a stream without a terminal: a stream number, a length, the bytes (Engine API, "Stream format")."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER: Final = struct.Struct(">BxxxL")
ERRORS: Final = (2, 3)
"""Standard error, and what the engine has to say itself where it can't go on."""


class Frames:
    """Takes pieces of the stream in, in any cut, and gives `(is_error, bytes)` out as soon as bytes are there."""

    def __init__(self) -> None:
        self._head = b""
        self._left = 0
        self._stream = 0

    def feed(self, data: bytes) -> Iterator[tuple[bool, bytes]]:
        """Yield what `data` brings: whether it is of an error stream, and the bytes."""
        view = memoryview(data)
        while view:
            if self._left:
                piece, view = view[: self._left], view[self._left :]
                self._left -= len(piece)
                yield self._stream in ERRORS, bytes(piece)
                continue
            missing = HEADER.size - len(self._head)
            self._head += bytes(view[:missing])
            view = view[missing:]
            if len(self._head) == HEADER.size:
                self._stream, self._left = HEADER.unpack(self._head)
                self._head = b""
