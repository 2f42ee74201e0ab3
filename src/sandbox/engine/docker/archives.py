"""Tar archives on their way into the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class ArchiveSource:
    """An iterable that the SDK accepts as a stream; its HTTP library reads it piece by piece."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = filter(None, chunks)  # an empty piece would end the stream

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def read(self, _size: int = -1) -> bytes:
        """Return the next piece, whatever its size; nothing at the end."""
        return next(self._chunks, b"")
