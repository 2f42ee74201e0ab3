"""A package index as one file of this machine: made of a sandbox's archives, and read as if a stranger had written it.

The contents of its files stand one behind the other, a list of them at the end. Nothing of an archive is copied as it
is: what a reader of tar understands otherwise than another one does never gets here, nor into a sandbox.
"""

from __future__ import annotations

import hashlib
import re
import struct
import tarfile
from typing import IO, TYPE_CHECKING, Final

from msgspec import DecodeError, Struct, msgpack

from sandbox.core.tar import PIECE, chunk_file

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
    from tarfile import TarInfo

LARGEST: Final = 200_000_000
"""Most bytes of an index: Debian's has 60 MB, with what apt makes of it."""
MOST: Final = 5000
"""Most files of an index."""
LONGEST_LIST: Final = 2_000_000
MAGIC: Final = b"sandbox index 1\n"
END: Final = struct.Struct(">I16s")
NAME: Final = re.compile(r"[A-Za-z0-9._+:%@~=,-]{1,255}")
LATEST: Final = 1 << 33
"""The end of a tar header's octal time."""
BLOCK: Final = 512


class IndexMember(Struct, frozen=True, array_like=True):
    """A file of an index: its absolute path in a sandbox, its bytes, and the epoch at which it was last changed."""

    path: str
    size: int
    changed: int


class IndexContents(Struct, frozen=True, kw_only=True):
    """The list of an index: the epoch at which it was fetched, the SHA-256 of all contents, the files in their order.

    `roots` are the manager's places, absolute paths, that all files are or lie below.
    """

    fetched: float
    digest: bytes
    roots: tuple[str, ...]
    files: tuple[IndexMember, ...]


def is_path_below(path: str, roots: Sequence[str]) -> bool:
    """Return whether a path is one of `roots` or lies below one, by plain names alone."""
    root = next((root for root in roots if path == root or path.startswith(f"{root}/")), None)
    if root is None:
        return False
    parts = path[len(root) :].split("/")[1:]
    return all(NAME.fullmatch(part) and part not in (".", "..") for part in parts)


def write_index(
    archives: Iterable[tuple[str, Iterable[bytes]]],
    out: IO[bytes],
    fetched: float,
    left_out: Collection[str] = (),
) -> IndexContents:
    """Write the plain files of archives, each of one of a manager's places, and return their list.

    What has a name of `left_out` is none of them. Raises ValueError for anything else in them, and for too much.
    """
    digest, files, roots, total = hashlib.sha256(), list[IndexMember](), list[str](), 0
    for root, chunks in archives:
        roots.append(root)
        try:
            with tarfile.open(fileobj=chunk_file(chunks), mode="r|") as tar:
                for member in tar:
                    if member.name.rpartition("/")[2] in left_out:
                        continue
                    if (found := _member_of(member, root)) is None:
                        continue
                    files.append(found)
                    total += found.size
                    if len(files) > MOST or total > LARGEST:
                        raise ValueError("too much")
                    _copy(tar, member, out, digest)
        except (tarfile.TarError, OverflowError) as error:
            raise ValueError(str(error)) from error
    contents = IndexContents(fetched=fetched, digest=digest.digest(), roots=tuple(roots), files=tuple(files))
    _check(contents, tuple(roots))
    text = msgpack.encode(contents)
    out.write(text + END.pack(len(text), MAGIC))
    return contents


def read_index(file: IO[bytes], size: int, roots: Sequence[str]) -> IndexContents:
    """Return the list of an index file of so many bytes, for a manager with these places.

    Raises ValueError for what is none: damaged, too large, or with a file elsewhere. Raises OSError.
    """
    if not END.size <= size <= LARGEST + LONGEST_LIST + END.size:
        raise ValueError("its size")
    file.seek(size - END.size)
    length, magic = END.unpack(file.read(END.size))
    start = size - END.size - length
    if magic != MAGIC or length > LONGEST_LIST or start < 0:
        raise ValueError("its end")
    file.seek(start)
    try:
        contents = msgpack.decode(file.read(length), type=IndexContents)
    except DecodeError as error:
        raise ValueError("its list") from error
    _check(contents, roots)
    if sum(member.size for member in contents.files) != start:
        raise ValueError("its contents")
    return contents


def tar_of(file: IO[bytes], contents: IndexContents) -> Generator[bytes, None, None]:
    """Yield an archive to unpack at the root, owned by root. Raises ValueError behind contents that were changed."""
    file.seek(0)
    digest, made = hashlib.sha256(), set[str]()
    for member in contents.files:
        for folder in _folders(member.path, contents.roots):
            if folder not in made:
                made.add(folder)
                yield _header(folder, tarfile.DIRTYPE, 0o755, 0, int(contents.fetched))
        yield _header(member.path, tarfile.REGTYPE, 0o644, member.size, member.changed)
        left = member.size
        while left and (piece := file.read(min(left, PIECE * 16))):
            digest.update(piece)
            left -= len(piece)
            yield piece
        yield bytes(-member.size % BLOCK)
    if digest.digest() != contents.digest:
        raise ValueError("its contents were changed")
    yield bytes(2 * BLOCK)


def _header(path: str, kind: bytes, mode: int, size: int, changed: int) -> bytes:
    info = tarfile.TarInfo(path.lstrip("/"))
    info.type, info.mode, info.size, info.mtime = kind, mode, size, changed
    return info.tobuf(tarfile.GNU_FORMAT)


def _folders(path: str, roots: Sequence[str]) -> Iterator[str]:
    """Yield the folders of a file from its manager's place on; a place that is a file itself has none."""
    root = next(root for root in roots if path == root or path.startswith(f"{root}/"))
    parts = path[len(root) :].split("/")[1:]
    yield from ("/".join((root, *parts[:depth])) for depth in range(len(parts)))


def _member_of(member: TarInfo, root: str) -> IndexMember | None:
    """Return a regular file of an archive of `root`, None for a folder. Raises ValueError for anything else."""
    first, *parts = [part for part in member.name.split("/") if part not in ("", ".")] or [""]
    path = "/".join((root, *parts))
    if first != root.rpartition("/")[2] or not is_path_below(path, (root,)):
        raise ValueError(f"the path {member.name!r}")
    if member.type == tarfile.DIRTYPE:
        return None
    if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.size < 0:
        raise ValueError(f"{member.name!r} is no plain file")
    return IndexMember(path, member.size, int(member.mtime))


def _copy(tar: tarfile.TarFile, member: TarInfo, out: IO[bytes], digest: hashlib._Hash) -> None:
    content = tar.extractfile(member)
    left = member.size
    while content is not None and left and (piece := content.read(min(left, PIECE * 16))):
        digest.update(piece)
        out.write(piece)
        left -= len(piece)
    if left:
        raise ValueError(f"{member.name!r} is cut off")


def _check(contents: IndexContents, roots: Sequence[str]) -> None:
    """Raise ValueError for a list of anything but plain files at a manager's places, each once."""
    paths = {member.path for member in contents.files}
    folders = {folder for path in paths for folder in _parents(path)}
    if (
        contents.roots != tuple(roots)
        or not paths
        or len(paths) != len(contents.files)
        or len(paths) > MOST
        or paths & folders
        or not all(is_path_below(path, roots) for path in paths)
        or not all(member.size >= 0 and 0 <= member.changed < LATEST for member in contents.files)
        or not 0 <= contents.fetched < LATEST
    ):
        raise ValueError("its list")


def _parents(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path
