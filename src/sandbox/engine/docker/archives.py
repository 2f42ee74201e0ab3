"""Tar archives on their way into the engine and out of it."""

from __future__ import annotations

import io
import tarfile
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


def only_file(archive: bytes) -> bytes | None:
    """Return the content of the regular file at the start of a tar archive, or None for another kind."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        member = tar.next()
        content = tar.extractfile(member) if member is not None and member.isreg() else None
        return None if content is None else content.read()
