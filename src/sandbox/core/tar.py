"""Tar archives from a sandbox, which may be hostile, and archives to send into one."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import stat
import tarfile
import tempfile
from itertools import takewhile
from typing import IO, TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path
    from tarfile import TarInfo

PIECE: Final = 1 << 16
IN_MEMORY: Final = 8_000_000
"""Bytes of an archive to keep in memory before it goes to disk."""
SHARED_BITS: Final = 0o755
"""Permissions that a file from a sandbox may keep: never setuid, never writable for others."""


class Unpacked(Struct, frozen=True, kw_only=True):
    """The result of unpacking: number of files, bytes, and a line for each member that was skipped."""

    files: int
    size: int
    left_out: tuple[str, ...]


def one_file(name: str, content: bytes) -> bytes:
    """Return an archive of one regular file, owned by root."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o644
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def links(targets: Mapping[str, str]) -> bytes:
    """Return an archive of symbolic links, owned by root: where each leads, by its path."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, target in targets.items():
            info = tarfile.TarInfo(path.lstrip("/"))
            info.type, info.linkname = tarfile.SYMTYPE, target
            tar.addfile(info)
    return buffer.getvalue()


def pack(source: Path, name: str, is_wanted: Callable[[TarInfo], bool] = lambda _: True) -> Iterator[bytes]:
    """Yield an archive of a file or folder of this host under another name, owned by root. Raises OSError.

    Only what `is_wanted` is in it.
    """

    def own(info: TarInfo) -> TarInfo | None:
        return _owned_by_root(info) if is_wanted(info) else None

    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            tar.add(source, arcname=name, filter=own)
        file.seek(0)
        while piece := file.read(PIECE):
            yield piece


def _owned_by_root(info: TarInfo) -> TarInfo:
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    return info


def unpack(chunks: Iterable[bytes], place: Path, *, is_root: bool = False) -> Unpacked:
    """Write an archive's root member as `place`; raise SandboxError for a damaged archive, OSError for a full disk.

    `is_root`: the archive is of a whole file system, whose root has no name, or none but `/`.
    Nothing is written outside `place`: absolute names and `..` are left out, as are devices, links that point out of
    it, and what stands behind a link.
    """
    work = _Unpacking(place, above=0 if is_root else 1)
    try:
        with tarfile.open(fileobj=chunk_file(chunks), mode="r|") as tar:
            for member in tar:
                work.take(tar, member)
    except tarfile.TarError as error:
        message = f"the engine's archive is damaged: {error}"
        raise SandboxError(message) from error
    return Unpacked(files=work.files, size=work.size, left_out=tuple(work.left_out))


def spool_file(chunks: Iterable[bytes]) -> IO[bytes]:
    """Return a temporary file of chunks, at its start; it has no name, and goes with its last user."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked for it closes it
    for piece in chunks:
        file.write(piece)
    file.seek(0)
    return file


def chunk_file(chunks: Iterable[bytes]) -> IO[bytes]:
    """Return a read-only file over chunks of any size; each read returns as much as asked for."""
    return io.BufferedReader(_Chunks(chunks), PIECE)


class _Chunks(io.RawIOBase):
    """The chunks as they come."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # typeshed: WriteableBuffer
        while not self._rest:
            piece = next(self._chunks, None)
            if piece is None:
                return 0
            self._rest = memoryview(piece)
        count = min(len(buffer), len(self._rest))
        buffer[:count], self._rest = self._rest[:count], self._rest[count:]
        return count


class _Unpacking:
    """Unpacks the members of one archive into one place; the first `above` parts of their names are the place's own."""

    def __init__(self, place: Path, above: int) -> None:
        self._place = place
        self._above = above
        self.files = self.size = 0
        self.left_out: list[str] = []

    def take(self, tar: tarfile.TarFile, member: TarInfo) -> None:
        parts = [part for part in member.name.split("/") if part not in ("", ".")]
        path = self._place.joinpath(*parts[self._above :])
        is_named = len(parts) >= self._above and (not self._above or not member.name.startswith("/"))
        if not is_named or ".." in parts or not self._is_reached_without_links(path):
            self._leave(member, "points out of the copied folder")
        elif path.is_symlink() and not member.isreg():
            self._leave(member, "is in the archive twice")
        elif path.exists() and path.is_dir() != member.isdir():
            self._leave(member, "exists already, as another kind of file")
        elif member.isdir():
            path.mkdir(exist_ok=True)
        elif member.isreg():
            self._write(tar, member, path)
        elif member.islnk():
            self._link_hard(member, path)
        elif member.issym():
            self._link(member, path, depth=len(parts) - 1 - self._above)
        else:
            self._leave(member, "is a device or a pipe")

    def _is_reached_without_links(self, path: Path) -> bool:
        """Return whether every folder between the place and the path is a real folder."""
        way = [folder for folder in path.parents if folder == self._place or self._place in folder.parents]
        return all(folder.is_dir() and not folder.is_symlink() for folder in way)

    def _write(self, tar: tarfile.TarFile, member: TarInfo, path: Path) -> None:
        content = tar.extractfile(member)
        if content is None:
            return
        with contextlib.suppress(FileNotFoundError):
            path.unlink()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
        descriptor = os.open(path, flags, member.mode & SHARED_BITS | stat.S_IWUSR)
        try:
            with os.fdopen(descriptor, "wb") as file:
                shutil.copyfileobj(content, file, PIECE)
        except OSError:
            path.unlink(missing_ok=True)  # a partial file
            raise
        self.files, self.size = self.files + 1, self.size + member.size

    def _link_hard(self, member: TarInfo, path: Path) -> None:
        parts = [part for part in member.linkname.split("/") if part not in ("", ".")]
        source = self._place.joinpath(*parts[self._above :])
        inside = ".." not in parts and self._is_reached_without_links(source)
        if not inside or source.is_symlink() or not source.is_file() or path.exists():
            return self._leave(member, "is a link to a file that is not copied")
        shutil.copyfile(source, path, follow_symlinks=False)
        self.files += 1
        return None

    def _link(self, member: TarInfo, path: Path, *, depth: int) -> None:
        """Make a symbolic link that stays inside, `depth` folders below the place.

        It goes up first and down then: going up from a name that is a link itself would begin elsewhere.
        """
        parts = [part for part in member.linkname.split("/") if part not in ("", ".")]
        ups = len(list(takewhile(lambda part: part == "..", parts)))
        if ups > depth or ".." in parts[ups:] or member.linkname.startswith("/"):
            return self._leave(member, f"is a link to {member.linkname}, which is outside of the copied folder")
        if not member.linkname:
            return self._leave(member, "is a link to nothing")
        path.unlink(missing_ok=True)
        path.symlink_to(member.linkname)
        return None

    def _leave(self, member: TarInfo, why: str) -> None:
        self.left_out.append(f"{member.name} {why}")


def only_file(archive: bytes) -> bytes | None:
    """Return the content of the regular file at the start of a tar archive, or None for another kind."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        member = tar.next()
        content = tar.extractfile(member) if member is not None and member.isreg() else None
        return None if content is None else content.read()
