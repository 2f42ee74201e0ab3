"""A package index as one file of this machine: made of a sandbox's archives, and read as if a stranger had written it.

The archives stand in it as they came, since an install waits for that: a list behind them says where the contents of
the files are. Only these are read again. What a reader of tar understands otherwise than another one does never gets
into a sandbox.
"""

from __future__ import annotations

import hashlib
import re
import struct
import tarfile
from typing import IO, TYPE_CHECKING, Final

from msgspec import DecodeError, Struct, msgpack
from msgspec.structs import replace

from sandbox.core.tar import PIECE

if TYPE_CHECKING:
    from collections.abc import Collection, Generator, Iterable, Iterator, Sequence
    from tarfile import TarInfo

LARGEST: Final = 200_000_000
"""Most bytes of an index: Debian's has 60 MB, with what apt makes of it."""
MOST: Final = 5000
"""Most files of an index."""
LONGEST_LIST: Final = 2_000_000
MAGIC: Final = b"sandbox index 2\n"
FETCHED: Final = struct.Struct(">d")
END: Final = struct.Struct(">dI16s")
"""What ends the file: the epoch at which the index was fetched, the bytes of the list before it, MAGIC."""
NAME: Final = re.compile(r"[A-Za-z0-9._+:%@~=,-]{1,255}")
LATEST: Final = 1 << 33
"""The end of a tar header's octal time."""
BLOCK: Final = 512
ARCHIVE_END: Final = 2 * BLOCK
"""Bytes of zeros that end an archive at the least."""
LONGEST_END: Final = 1 << 16


class IndexMember(Struct, frozen=True, array_like=True):
    """A file of an index: its absolute path in a sandbox, where its bytes begin, how many, the epoch of its change."""

    path: str
    start: int
    size: int
    changed: int


class IndexContents(Struct, frozen=True, kw_only=True):
    """The list of an index: the SHA-256 of all before the list, the files in their order, when it was `fetched`.

    `roots` are the manager's places, absolute paths, that all files are or lie below.
    """

    digest: bytes
    roots: tuple[str, ...]
    files: tuple[IndexMember, ...]
    fetched: float = 0.0


class RawArchives(Struct, frozen=True, kw_only=True):
    """Archives in a file, one behind the other: where each ends, by the place that it is of, and their SHA-256."""

    ends: tuple[tuple[str, int], ...]
    digest: bytes


def is_path_below(path: str, roots: Sequence[str]) -> bool:
    """Return whether a path is one of `roots` or lies below one, by plain names alone."""
    root = next((root for root in roots if path == root or path.startswith(f"{root}/")), None)
    if root is None:
        return False
    parts = path[len(root) :].split("/")[1:]
    return all(NAME.fullmatch(part) and part not in (".", "..") for part in parts)


def write_archives(archives: Iterable[tuple[str, Iterable[bytes]]], out: IO[bytes]) -> RawArchives:
    """Write archives, each of one of a manager's places, as they come. Raises ValueError for too much, OSError."""
    digest, ends, total = hashlib.sha256(), list[tuple[str, int]](), 0
    for root, chunks in archives:
        for piece in chunks:
            total += len(piece)
            if total > LARGEST:
                raise ValueError("too much")
            out.write(piece)
            digest.update(piece)
        ends.append((root, total))
    return RawArchives(ends=tuple(ends), digest=digest.digest())


def write_list(file: IO[bytes], raw: RawArchives, fetched: float, left_out: Collection[str] = ()) -> IndexContents:
    """Write the list of the plain files in a file's archives behind these, and return it.

    What has a name of `left_out` is none of them. Raises ValueError for anything else in them, and for too much.
    """
    files, start = list[IndexMember](), 0
    for root, end in raw.ends:
        files += _members(file, root, start, end, left_out)
        start = end
    if len(files) > MOST:
        raise ValueError("too much")
    roots = tuple(root for root, _ in raw.ends)
    contents = IndexContents(digest=raw.digest, roots=roots, files=tuple(files))
    _check(contents, roots, start, fetched)
    text = msgpack.encode(contents)
    file.seek(start)
    file.write(text + END.pack(fetched, len(text), MAGIC))
    return replace(contents, fetched=fetched)


def write_time(file: IO[bytes], size: int, fetched: float) -> None:
    """Write when an index was fetched, or found to be the newest, into its file of so many bytes. Raises OSError."""
    file.seek(size - END.size)
    file.write(FETCHED.pack(fetched))


def read_index(file: IO[bytes], size: int, roots: Sequence[str]) -> IndexContents:
    """Return the list of an index file of so many bytes, for a manager with these places.

    Raises ValueError for what is none: damaged, too large, or with a file elsewhere. Raises OSError.
    """
    if not END.size <= size <= LARGEST + LONGEST_LIST + END.size:
        raise ValueError("its size")
    file.seek(size - END.size)
    fetched, length, magic = END.unpack(file.read(END.size))
    start = size - END.size - length
    if magic != MAGIC or length > LONGEST_LIST or start < 0:
        raise ValueError("its end")
    file.seek(start)
    try:
        contents = msgpack.decode(file.read(length), type=IndexContents)
    except DecodeError as error:
        raise ValueError("its list") from error
    _check(contents, roots, start, fetched)
    return replace(contents, fetched=fetched)


def tar_of(file: IO[bytes], size: int, contents: IndexContents) -> Generator[bytes, None, None]:
    """Yield an archive to unpack at the root, owned by root. Raises ValueError behind contents that were changed."""
    file.seek(size - END.size)
    end = size - END.size - int(END.unpack(file.read(END.size))[1])
    file.seek(0)
    digest, made, place = hashlib.sha256(), set[str](), 0
    for member in contents.files:
        for _ in _pieces(file, member.start - place, digest):
            pass
        for folder in _folders(member.path, contents.roots):
            if folder not in made:
                made.add(folder)
                yield _header(folder, tarfile.DIRTYPE, 0o755, 0, int(contents.fetched))
        yield _header(member.path, tarfile.REGTYPE, 0o644, member.size, member.changed)
        yield from _pieces(file, member.size, digest)
        yield bytes(-member.size % BLOCK)
        place = member.start + member.size
    for _ in _pieces(file, end - place, digest):
        pass
    if digest.digest() != contents.digest:
        raise ValueError("its contents were changed")
    yield bytes(ARCHIVE_END)


def _pieces(file: IO[bytes], size: int, digest: hashlib._Hash) -> Iterator[bytes]:
    """Yield so many bytes of a file in pieces, and take them into a digest."""
    while size > 0 and (piece := file.read(min(size, PIECE * 16))):
        digest.update(piece)
        size -= len(piece)
        yield piece


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
    if member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE) or member.size < 0 or member.sparse is not None:
        raise ValueError(f"{member.name!r} is no plain file")
    return IndexMember(path, member.offset_data, member.size, int(member.mtime))


def _members(file: IO[bytes], root: str, start: int, end: int, left_out: Collection[str]) -> Iterator[IndexMember]:
    """Yield the plain files of the archive of `root` between two places of a file. Raises ValueError."""
    try:
        with tarfile.open(fileobj=_Forward(file, start, end), mode="r:") as tar:  # type: ignore[call-overload]
            for number, member in enumerate(tar):
                if number > MOST or member.offset_data + member.size > end:
                    raise ValueError(f"{member.name!r} is cut off")
                if member.name.rpartition("/")[2] not in left_out and (found := _member_of(member, root)) is not None:
                    yield found
            rest = end - tar.offset
    except (tarfile.TarError, OverflowError, RecursionError) as error:
        raise ValueError(str(error)) from error
    file.seek(end - rest)
    if not ARCHIVE_END <= rest <= LONGEST_END or any(file.read(rest)):
        raise ValueError("it has no end")


class _Forward:
    """A part of a file that is read forward alone: a member of less than no bytes would be read again and again."""

    def __init__(self, file: IO[bytes], start: int, end: int) -> None:
        self._file, self._end = file, end
        file.seek(start)

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, place: int) -> int:
        if place < self._file.tell():
            raise tarfile.ReadError("a member before the last one")
        return self._file.seek(place)

    def read(self, size: int) -> bytes:
        if not 0 <= size <= LONGEST_LIST:
            raise tarfile.ReadError("a header without an end")
        return self._file.read(max(0, min(size, self._end - self._file.tell())))


def _check(contents: IndexContents, roots: Sequence[str], end: int, fetched: float) -> None:
    """Raise ValueError for a list of anything but plain files at a manager's places, each once, before `end`."""
    paths = {member.path for member in contents.files}
    folders = {folder for path in paths for folder in _parents(path)}
    if (
        contents.roots != tuple(roots)
        or not paths
        or len(paths) != len(contents.files)
        or len(paths) > MOST
        or paths & folders
        or not all(is_path_below(path, roots) for path in paths)
        or not all(0 <= member.changed < LATEST for member in contents.files)
        or not _is_in_order(contents.files, end)
        or not 0 <= fetched < LATEST
    ):
        raise ValueError("its list")


def _is_in_order(files: Sequence[IndexMember], end: int) -> bool:
    """Return whether the contents of files stand one behind the other before `end`."""
    place = 0
    for member in files:
        if member.start < place or member.size < 0:
            return False
        place = member.start + member.size
    return place <= end


def _parents(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path
