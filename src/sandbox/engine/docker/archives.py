"""Tar archives on their way into the engine and out of it."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class ArchiveSource:
    """An iterable that the SDK takes for a stream: it asks for `read` and sends what iteration gives."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._chunks)

    def read(self) -> bytes:
        """Return all of it."""
        return b"".join(self._chunks)


def only_file(archive: bytes) -> bytes | None:
    """Return the content of the first regular file of a tar archive, or None where it holds none."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            content = tar.extractfile(member) if member.isreg() else None
            if content is not None:
                return content.read()
    return None
