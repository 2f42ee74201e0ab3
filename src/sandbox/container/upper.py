"""What a sandbox has changed, in the folder of this host where the kernel keeps it: opened and read with care.

What a package has put there is hostile: no link is followed, nothing but a plain file is opened to be read, and no time
of access changes. Source: overlayfs.rst of Linux.
"""

from __future__ import annotations

import errno
import os
import stat
import tarfile
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Final

from sandbox.container.tarstream import BLOCK
from sandbox.engine.overlay import root_folder, upper_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sandbox.container.box import Box

OVERLAY: Final = "trusted.overlay."
PLAIN: Final = frozenset({"origin", "impure", "uuid"})
"""Attributes of overlayfs, behind OVERLAY, that say nothing about what is seen."""
OPAQUE: Final = "opaque"
"""That of a folder below which nothing of the image is seen, if it is `y`."""
DEEPEST: Final = 100
"""Folders in each other, each of which is open meanwhile."""
PIECE: Final = 1 << 16
"""Bytes to read at a time: more of them cost a mapping each."""


class Unfit(Exception):
    """Only the kernel can say what is seen of this layer."""


def folder_of(box: Box, *, find: Callable[[str, int], str] = upper_folder) -> str:
    """Return the folder of this host with the sandbox's layer; empty where this process can't read it."""
    found = box.engine.container(box.id)
    return find(found.id, found.pid) if found is not None else ""


def root_of(box: Box) -> str:
    """Return the folder of this host at which the sandbox's files are; empty where this process can't read it."""
    return folder_of(box, find=root_folder)


@contextmanager
def open_root(box: Box) -> Iterator[int | None]:
    """Give the sandbox's root as an open folder; None where this process can't have it. Raises OSError."""
    root = root_of(box)
    if not root:
        yield None
        return
    with open_folder(root) as handle:
        # the number of its first process could be another's by the time that this was opened
        yield handle if root_of(box) == root else None


def archive_of(folder: str, path: str) -> Iterator[bytes]:
    """Yield a tar archive of an absolute path in a folder: a layer, or a sandbox's root, as an engine's copy of it is.

    Of a layer it has nothing that is the image's.

    So it has links, and no sockets. Raises OSError where the path is not there, or only the kernel can read it;
    ValueError for devices and pipes.
    """
    *above, name = path.strip("/").split("/")
    with ExitStack() as stack:
        here = stack.enter_context(open_folder(folder))
        for part in above:
            here = stack.enter_context(open_folder(part, here))
        yield from _archive(here, name, name)
        yield bytes(2 * BLOCK)


def _archive(folder: int, name: str, shown: str) -> Iterator[bytes]:
    """Yield the members of an entry of an open folder."""
    if shown.count("/") > DEEPEST:
        raise ValueError("deep folders")
    handle = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    try:
        found = os.fstat(handle)
        if deciding(os.listxattr(way(handle))) - {OPAQUE}:
            raise OSError(errno.EOPNOTSUPP, "only the kernel can read it", shown)
        if stat.S_ISREG(found.st_mode):
            yield _header(shown, tarfile.REGTYPE, found)
            yield from _pieces(handle, found.st_size)
            yield bytes(-found.st_size % BLOCK)
        elif stat.S_ISDIR(found.st_mode):
            yield _header(shown, tarfile.DIRTYPE, found)
            with open_folder(way(handle)) as inner:
                for child in sorted(os.listdir(inner)):  # noqa: PTH208 - an open folder has no path
                    yield from _archive(inner, child, f"{shown}/{child}")
        elif stat.S_ISLNK(found.st_mode):
            yield _header(shown, tarfile.SYMTYPE, found, os.readlink("", dir_fd=handle))
        elif not stat.S_ISSOCK(found.st_mode) and (not stat.S_ISCHR(found.st_mode) or found.st_rdev):
            raise ValueError(f"{shown!r} is no plain file")
    finally:
        os.close(handle)


def _header(name: str, kind: bytes, found: os.stat_result, target: str = "") -> bytes:
    info = tarfile.TarInfo(name)
    info.linkname = target
    info.type, info.mode, info.mtime = kind, stat.S_IMODE(found.st_mode), int(found.st_mtime)
    info.size = found.st_size if kind == tarfile.REGTYPE else 0
    return info.tobuf(tarfile.GNU_FORMAT)


def _pieces(handle: int, size: int) -> Iterator[bytes]:
    """Yield the first `size` bytes of a file. Raises OSError where it has become shorter."""
    file = os.open(way(handle), os.O_RDONLY | os.O_NOATIME | os.O_CLOEXEC)
    try:
        while size:
            piece = os.read(file, min(size, PIECE))
            if not piece:
                raise OSError(errno.EIO, "a file has become shorter")
            size -= len(piece)
            yield piece
    finally:
        os.close(file)


def deciding(attributes: Iterable[str]) -> set[str]:
    """Return the attributes of overlayfs, without their prefix, that decide what is seen."""
    return {name.removeprefix(OVERLAY) for name in attributes if name.startswith(OVERLAY)} - PLAIN


def way(handle: int) -> str:
    """Return a path to what is open already, whatever has its name now."""
    return f"/proc/self/fd/{handle}"


@contextmanager
def open_folder(folder: str, above: int | None = None) -> Iterator[int]:
    """Give an open folder; of one `above` no link."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOATIME | os.O_CLOEXEC
    handle = os.open(folder, flags if above is None else flags | os.O_NOFOLLOW, dir_fd=above)
    try:
        yield handle
    finally:
        os.close(handle)
