"""A trial as one file: base, package files, lock and spec, each with its checksum; written here, and read as hostile.

The file is a plain tar. Its first member, manifest.json, names all others with their sizes and SHA-256; packages are
compressed by nature, so only the base is (gzip). A bundle proves that it is whole, not who made it.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import re
import tarfile
import tempfile
import zlib
from typing import IO, TYPE_CHECKING, Final

import msgspec.json
from msgspec import Struct
from msgspec.structs import replace

from sandbox.core.compression import CHUNK, chunks, digest_of
from sandbox.core.files import whole_file
from sandbox.core.tar import chunk_file
from sandbox.core.unreadable import unreadable_file
from sandbox.errors import Advice, SandboxError, Unwritten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from sandbox.container.box import Box

MANIFEST: Final = "manifest.json"
BASE: Final = "base.tar.gz"
SPEC: Final = "spec.yaml"
LOCK: Final = "lock.yaml"
PACKAGES: Final = "packages/"
FORMAT: Final = 1
LEVEL: Final = 4
"""gzip level: compresses a Debian base in 3 s; the default level takes twice as long for a tenth less."""

MOST_MEMBERS: Final = 10_000
LARGEST_TEXT: Final = 4_000_000
"""Most bytes of the manifest, the spec and the lock."""
LARGEST_BASE: Final = 16_000_000_000
"""Most bytes of an uncompressed base."""
NAME: Final = re.compile(r"packages/[A-Za-z0-9][A-Za-z0-9._+~:%@-]{0,250}|base\.tar\.gz|spec\.yaml|lock\.yaml")
PLACE: Final = re.compile(r"(?:/(?!\.\.?(?:/|$))[A-Za-z0-9._+~:%@-]+)+")


class BundleMember(Struct, frozen=True, kw_only=True):
    """The manifest's entry of a member: `size` in bytes, `place`: the path of a package file in the sandbox."""

    size: int
    sha256: str
    place: str = ""


class Manifest(Struct, frozen=True, kw_only=True):
    """The content of a bundle: `target` is the distro, `path` the base's PATH, `unpacked` its uncompressed bytes."""

    format: int
    tool: str
    target: str
    platform: str
    path: str
    unpacked: int
    members: dict[str, BundleMember]


class Bundle(Struct, frozen=True, kw_only=True):
    """A verified bundle; `offsets`: the position of each member in the file."""

    file: Path
    manifest: Manifest
    offsets: Mapping[str, int]

    def read(self, name: str) -> bytes:
        """Return a small member. Raises SandboxError if it has changed since."""
        return b"".join(self.pieces(name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield a member. Raises SandboxError at the end if it has changed since."""
        member, digest = self.manifest.members[name], hashlib.sha256()
        with self.file.open("rb") as file:
            file.seek(self.offsets[name])
            for piece in _pieces(file, member.size):
                digest.update(piece)
                yield piece
        if digest.hexdigest() != member.sha256:
            raise damage_error(self.file, name, "its checksum differs from the manifest")

    def base(self) -> Iterator[bytes]:
        """Yield the base as a tar. Raises SandboxError if it is larger than the manifest says, or not gzip."""
        decoder, total = zlib.decompressobj(wbits=31), 0
        try:
            for piece in self.pieces(BASE):
                rest = piece
                while rest:
                    data = decoder.decompress(rest, CHUNK)
                    total += len(data)
                    if total > self.manifest.unpacked:
                        raise damage_error(self.file, BASE, "it is larger than the manifest says")
                    if data:
                        yield data
                    rest = decoder.unconsumed_tail
        except zlib.error as error:
            raise damage_error(self.file, BASE, "it is not gzip") from error

    @property
    def packages(self) -> dict[str, BundleMember]:
        """The package files by the names of their members."""
        return {name: member for name, member in self.manifest.members.items() if name.startswith(PACKAGES)}

    def bring(self, box: Box) -> None:
        """Copy the package files into the manager's cache in the sandbox. Raises EngineError."""
        with tempfile.TemporaryFile() as file:
            with tarfile.open(fileobj=file, mode="w") as tar:
                for name, member in self.packages.items():
                    info = tarfile.TarInfo(member.place.lstrip("/"))
                    info.size, info.mode = member.size, 0o644
                    tar.addfile(info, chunk_file(self.pieces(name)))
            file.seek(0)
            box.copy_in("/", chunks(file))


def _pieces(file: IO[bytes], size: int) -> Iterator[bytes]:
    """Yield at most `size` bytes of a file."""
    while size and (piece := file.read(min(size, CHUNK))):
        size -= len(piece)
        yield piece


def write_bundle(
    file: Path,
    *,
    manifest: Manifest,
    texts: Mapping[str, bytes],
    packages: Callable[[], Mapping[str, Path]],
    base: Iterable[bytes],
) -> Manifest:
    """Write a bundle, whole or not at all, and return its manifest; raise SandboxError for a disk that refuses.

    `packages` gives files of this host by the place that they had; it is called when the base has been read.
    `manifest` is completed by what is packed.
    """
    try:
        with tempfile.TemporaryFile(dir=file.absolute().parent) as spool:
            unpacked = _compress(base, spool)
            sources: dict[str, IO[bytes]] = {BASE: spool, **{name: io.BytesIO(data) for name, data in texts.items()}}
            places = _members(packages())
            members = {name: _member_of(stream) for name, stream in sources.items()}
            for name, (place, path) in places.items():
                with path.open("rb") as stream:
                    members[name] = _member_of(stream, place)
            full = replace(manifest, unpacked=unpacked, members=dict(sorted(members.items())))
            with whole_file(file) as out, tarfile.open(fileobj=out, mode="w") as tar:
                _add(tar, MANIFEST, io.BytesIO(msgspec.json.format(msgspec.json.encode(full))))
                for name in full.members:
                    if name in sources:
                        _add(tar, name, sources[name])
                        continue
                    with places[name][1].open("rb") as stream:
                        _add(tar, name, stream)
    except OSError as error:
        raise Unwritten.place(file, error) from error
    return full


def _members(packages: Mapping[str, Path]) -> dict[str, tuple[str, Path]]:
    """Return the files and their paths by member names; a duplicate name gets a number."""
    found: dict[str, tuple[str, Path]] = {}
    for place, path in packages.items():
        name = f"{PACKAGES}{place.rpartition('/')[2]}"
        found[f"{name}~{len(found)}" if name in found else name] = (place, path)
    return found


def _compress(chunks: Iterable[bytes], spool: IO[bytes]) -> int:
    total = 0
    with gzip.GzipFile(fileobj=spool, mode="wb", compresslevel=LEVEL, mtime=0) as packed:
        for chunk in chunks:
            packed.write(chunk)
            total += len(chunk)
    return total


def _member_of(stream: IO[bytes], place: str = "") -> BundleMember:
    stream.seek(0)
    digest, size = digest_of(stream)
    return BundleMember(size=size, sha256=digest, place=place)


def _add(tar: tarfile.TarFile, name: str, stream: IO[bytes]) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode = stream.seek(0, io.SEEK_END), 0o644
    stream.seek(0)
    tar.addfile(info, stream)


def open_bundle(file: Path) -> Bundle:
    """Return a bundle after verifying every member. Raises SandboxError that names the first bad one."""
    try:
        with tarfile.open(file, mode="r:") as tar:
            return _read(file, tar)
    except tarfile.TarError as error:
        raise damage_error(file, "the file", f"not a bundle, or incomplete ({error})") from error
    except OSError as error:
        hints = [Advice.sandbox("bundle", "SPEC", "-o", "FILE", after=" writes one")]
        raise unreadable_file(file, error, hints=hints) from error


def _read(file: Path, tar: tarfile.TarFile) -> Bundle:
    first = tar.next()
    if first is None or first.name != MANIFEST or not first.isreg() or first.size > LARGEST_TEXT:
        raise damage_error(file, MANIFEST, "it must be the first member")
    manifest = _manifest(file, (tar.extractfile(first) or io.BytesIO()).read())
    offsets: dict[str, int] = {}
    while (member := tar.next()) is not None:
        name = member.name
        if name not in manifest.members or name in offsets or not member.isreg():
            raise damage_error(file, name, "the manifest does not list it")
        if member.size != manifest.members[name].size:
            raise damage_error(file, name, f"it has {member.size} bytes, not {manifest.members[name].size}")
        offsets[name] = member.offset_data
    for name in manifest.members:
        if name not in offsets:
            raise damage_error(file, name, "it is missing")
    bundle = Bundle(file=file, manifest=manifest, offsets=offsets)
    for name in offsets:
        for _ in bundle.pieces(name):
            pass
    return bundle


def _manifest(file: Path, data: bytes) -> Manifest:
    try:
        found = msgspec.json.decode(data, type=Manifest)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise damage_error(file, MANIFEST, f"it can't be read: {error}") from error
    if found.format != FORMAT:
        message = f"{file.name} has bundle format {found.format}; this version of sandbox reads format {FORMAT}"
        raise SandboxError(message, details=[("written by", f"sandbox {found.tool[:40]}")])
    if problem := _problem(found):
        raise damage_error(file, *problem)
    return found


def _problem(found: Manifest) -> tuple[str, str] | None:
    """Return an invalid member and the reason, or None."""
    if len(found.members) > MOST_MEMBERS or not 0 <= found.unpacked <= LARGEST_BASE:
        return MANIFEST, "it lists more than a bundle may hold"
    if not re.fullmatch(r"(?:/[A-Za-z0-9._+-]+:?)+", found.path):
        return MANIFEST, "its path is unsafe"
    for name, member in found.members.items():
        if not NAME.fullmatch(name):
            return name, "a member may not have this name"
        if name.startswith(PACKAGES) and not PLACE.fullmatch(member.place):
            return name, "a package may not have this path"
        if name in (SPEC, LOCK) and member.size > LARGEST_TEXT:
            return name, "it is too large"
    return next(((name, "it is missing") for name in (BASE, SPEC, LOCK) if name not in found.members), None)


def damage_error(file: Path, member: str, why: str) -> SandboxError:
    """Return the error for a damaged bundle, with the name of the member."""
    shown = member[:100].encode("unicode_escape").decode("ascii")
    plain = why[:200].encode("unicode_escape").decode("ascii")
    message = f"{file.name} is damaged or was tampered with: {shown}: {plain}"
    return SandboxError(
        message, hints=[Advice.sandbox("bundle", "SPEC", "-o", "FILE", before="get it again, or rebuild it: ")]
    )
