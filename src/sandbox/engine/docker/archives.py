"""Tar archives on their way into the engine and out of it."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class ArchiveSource:
    """An iterable that the SDK takes for a stream; its HTTP library reads it piece by piece."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = filter(None, chunks)  # an empty piece would be the end of the stream

    def __iter__(self) -> Iterator[bytes]:
        return self._chunks

    def read(self, _size: int = -1) -> bytes:
        """Return the next piece, in the size it comes in; nothing at the end."""
        return next(self._chunks, b"")


def only_file(archive: bytes) -> bytes | None:
    """Return the content of the first regular file of a tar archive, or None where it holds none."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isreg() else None
            if content is not None:
                return content.read()
    return None
