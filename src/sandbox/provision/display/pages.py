"""Files of a base, read through the engine's archive API into memory."""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING, Final

from sandbox.core.human import size
from sandbox.core.tar import chunk_file
from sandbox.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterable

LARGEST: Final = 8_000_000
"""Bytes of all files: noVNC 1.3 has 0.9 million."""


def regular_files(archive: Iterable[bytes]) -> dict[str, bytes]:
    """Return the content of the regular files of a folder, by their paths in it. Raises EngineError above LARGEST."""
    found: dict[str, bytes] = {}
    left = LARGEST
    with tarfile.open(fileobj=chunk_file(archive), mode="r|") as tar:
        for info in tar:
            file = tar.extractfile(info) if info.isreg() else None
            if file is None:
                continue
            left -= info.size
            if left < 0:
                message = f"a folder of the sandbox has more than {size(LARGEST)} in its files"
                raise EngineError(message)
            found[info.name.partition("/")[2]] = file.read()
    return found
