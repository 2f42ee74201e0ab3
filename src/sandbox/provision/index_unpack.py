"""A kept package index as files of a running sandbox, written at its root, where this process can."""

from __future__ import annotations

import errno
import hashlib
import os
from contextlib import ExitStack, suppress
from typing import IO, TYPE_CHECKING, Final

from sandbox.container.upper import open_folder
from sandbox.provision.index_file import END

if TYPE_CHECKING:
    from sandbox.provision.index_file import IndexContents, IndexMember

PIECE: Final = 1 << 20
NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


def unpack_index(file: IO[bytes], size: int, contents: IndexContents, root: int) -> None:
    """Write the files of an index file of so many bytes below an open folder, as this process's own.

    Each takes the place of what has its name; a missing folder is made. What is there is hostile: no link is followed,
    and nothing is written on another file system than the folder's. Raises OSError where that is not possible,
    ValueError behind contents that were changed.
    """
    digest, place = hashlib.sha256(), 0
    file.seek(size - END.size)
    end = size - END.size - int(END.unpack(file.read(END.size))[1])
    file.seek(0)
    for member in contents.files:
        _read(file, member.start - place, digest)
        _write(file, member, digest, root)
        place = member.start + member.size
    _read(file, end - place, digest)
    if digest.digest() != contents.digest:
        raise ValueError("its contents were changed")


def _write(file: IO[bytes], member: IndexMember, digest: hashlib._Hash, root: int) -> None:
    *above, name = member.path.strip("/").split("/")
    with ExitStack() as stack:
        here = root
        for part in above:
            try:
                os.mkdir(part, 0o755, dir_fd=here)
                is_new = True
            except FileExistsError:
                is_new = False
            here = stack.enter_context(open_folder(part, here))
            if is_new:
                os.fchmod(here, 0o755)  # whatever this process's umask is
            if os.fstat(here).st_dev != os.fstat(root).st_dev:
                raise OSError(errno.EXDEV, "something is mounted there", part)
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=here)
        with os.fdopen(os.open(name, NEW, 0o644, dir_fd=here), "wb", buffering=0) as out:
            os.fchmod(out.fileno(), 0o644)
            _read(file, member.size, digest, out)
            os.utime(out.fileno(), (member.changed, member.changed))


def _read(file: IO[bytes], size: int, digest: hashlib._Hash, out: IO[bytes] | None = None) -> None:
    """Take so many bytes of a file into a digest, and into another file."""
    while size > 0 and (piece := file.read(min(size, PIECE))):
        digest.update(piece)
        size -= len(piece)
        rest = memoryview(piece)
        while out is not None and rest:
            rest = rest[out.write(rest) :]
