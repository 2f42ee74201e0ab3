"""Packages from files of this host and from addresses: read, checked, and copied into a sandbox."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tarfile
import tempfile
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sandbox.core.compression import chunks, digest_of
from sandbox.core.human import size as size_text
from sandbox.core.plaintext import plain_line
from sandbox.core.tar import chunk_file
from sandbox.core.unreadable import unreadable_file
from sandbox.errors import Advice, CheckFailed, SandboxError, UsageError
from sandbox.managers.local_files import kinds, source_of, takers, unknown_reason, way_of
from sandbox.managers.package_archives import BrokenFile, place
from sandbox.managers.protocol import PackageFile, PackageRef
from sandbox.specs.places import CHECKSUM, is_address, place_word, split_checksum

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sandbox.container.box import Box
    from sandbox.distros.model import Distro, Target
    from sandbox.provision.network import HostNetwork

MACHINES: Final[Mapping[str, str]] = {
    "amd64": "amd64 x86_64 x86-64 x64 x86_64_v2 x86_64_v3 x86_64_v4",
    "386": "i386 i486 i586 i686 x86 ia32",
    "arm64": "arm64 aarch64",
    "arm": "arm armhf armel armv6l armv7 armv7h armv7l armv7hl armv6hl",
    "ppc64le": "ppc64le ppc64el",
    "s390x": "s390x",
    "riscv64": "riscv64",
    "loong64": "loong64 loongarch64",
    "mips64le": "mips64el",
}
"""The words of package formats for the machines of an engine's platforms."""
ANY: Final = ("all", "any", "noarch", "")


class LocalPackage(Struct, frozen=True, kw_only=True):
    """A package from a file: `text` as it was asked for, the reference, and how its content is read again.

    `word` is what a lock calls it.
    """

    text: str
    ref: PackageRef
    file: PackageFile
    pieces: Callable[[], Iterator[bytes]]

    @property
    def word(self) -> str:
        """What a lock calls it."""
        return place_word(self.text)


def read_package(
    text: str, target: Target, rows: Sequence[Distro], *, fetched: Callable[[str], Opened]
) -> LocalPackage:
    """Return the package of a path or an address, for a distro.

    Raise UsageError for what can't be read, is no package, or is one that the distro does not take; CheckFailed for
    a file that has another checksum than the text says.
    """
    path, wanted = split_checksum(text)
    if CHECKSUM in path:
        raise UsageError(f"{plain_line(path, 200)}: behind {CHECKSUM} stand 64 hexadecimal digits")
    name = file_name(path)
    _check_kind(text, name, target, rows)
    opened = fetched(text) if is_address(path) else host_file(path)
    return package_in(text, name, target, opened, wanted)


class Opened(Struct, frozen=True, kw_only=True):
    """A file that can be read: its bytes, its SHA-256 in hexadecimal, and what opens it from its start."""

    size: int
    sha256: str
    open: Callable[[], IO[bytes]]


def host_file(path: str) -> Opened:
    """Return a file of this host. Raises UsageError for what is none, or can't be read."""
    try:
        with _file(path) as file:
            digest, size = digest_of(file)
    except OSError as error:
        raise unreadable_file(path, error) from error
    return Opened(size=size, sha256=digest, open=lambda: _open(path))


@contextmanager
def _file(path: str) -> Iterator[IO[bytes]]:
    file = _open(path)
    try:
        yield file
    finally:
        file.close()


def _open(path: str) -> IO[bytes]:
    shown = plain_line(path, 200)
    try:
        number = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)  # a FIFO would wait for a writer
    except OSError as error:
        raise unreadable_file(path, error, fits=lambda name: bool(takers(name)[0])) from error
    mode = os.fstat(number).st_mode
    if not stat.S_ISREG(mode):
        os.close(number)
        what = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a FIFO", stat.S_IFSOCK: "a socket"}
        message = f"{shown} is {what.get(stat.S_IFMT(mode), 'a device')}, not a package file"
        raise UsageError(message, hints=[Advice.program("ls", "-l", shown)])
    return os.fdopen(number, "rb")


def package_in(text: str, name: str, target: Target, opened: Opened, wanted: str = "") -> LocalPackage:
    """Return the package that stands in a file. Raises UsageError for a broken one, CheckFailed for another one."""
    shown = plain_line(split_checksum(text)[0], 200)
    if wanted and wanted != opened.sha256:
        message = f"{shown} is another file than the one that was asked for"
        raise CheckFailed(message, details=[("asked for", f"sha256:{wanted}"), ("it is", f"sha256:{opened.sha256}")])
    source = source_of(name, target.manager) or ""
    way = way_of(target.manager, source)
    with opened.open() as file:
        try:
            facts = way.read(file)
        except BrokenFile as error:
            hints = [] if is_address(shown) else [Advice.program("file", shown, after=", shows what it is")]
            message = f"{shown} can't be installed: {plain_line(str(error), 200)}"
            raise UsageError(message, hints=hints) from error
    own = PackageFile(
        source=split_checksum(text)[0],
        path=place(opened.sha256, facts.file_name),
        sha256=opened.sha256,
        size=opened.size,
        architecture=facts.architecture,
        seal=facts.seal,
        needs=facts.needs,
        is_signed=facts.is_signed,
    )
    ref = PackageRef(name=facts.name, version=facts.version, source=source, file=own)
    return LocalPackage(text=text, ref=ref, file=own, pieces=_pieces_of(opened))


def file_name(path: str) -> str:
    """Return the last part of a path, or of an address without what is asked of its server."""
    from urllib.parse import unquote, urlsplit

    return PurePosixPath(unquote(urlsplit(path).path) if is_address(path) else path).name


def _check_kind(text: str, name: str, target: Target, rows: Sequence[Distro]) -> None:
    """Raise UsageError for a file that the distro's manager does not take, with the distros that do."""
    if source_of(name, target.manager) is not None:
        if source_of(name, target.manager) == "":
            way_of(target.manager)
        return
    shown = plain_line(split_checksum(text)[0], 120)
    kind, managers = takers(name)
    if managers:
        names = [row.name for row in rows if row.manager in managers]
        first = next(iter(names), "debian")
        message = f"{shown} is {kind}, which {target.distro.title} can't install"
        hints = [Advice.again("--distro", first)]
        raise UsageError(message, details=[("taken by", ", ".join(names[:12]))], hints=hints)
    reason = unknown_reason(name)
    if reason:
        raise UsageError(f"{shown} can't be tried: {reason}")
    if os.path.isdir(split_checksum(text)[0]):  # noqa: PTH112 - False, not an error, for what can be no path
        raise UsageError(f"{shown} is a folder, not a package file", hints=[Advice.program("ls", shown)])
    message = f"{shown} has no ending of a package file"
    hints = [] if is_address(text) else [Advice.sandbox("try", "--run", shown, after=", if it is an installer")]
    raise UsageError(message, details=[("files here", ", ".join(kinds(target.manager)))], hints=hints)


def fetcher(network: HostNetwork, *, allows_local: bool, known: dict[str, Opened]) -> Callable[[str], Opened]:
    """Return what downloads an address, each once; raise UsageError for one without its checksum, with the line."""
    from sandbox.provision.download import fetch

    def fetch_once(text: str) -> Opened:
        url, wanted = split_checksum(text)
        if url not in known:
            file, sha256, size = fetch(url, network=network, allows_local=allows_local)
            known[url] = Opened(size=size, sha256=sha256, open=lambda: io.BufferedReader(_FromStart(file)))
        found = known[url]
        if not wanted:
            line = f"{url}{CHECKSUM}{found.sha256}"
            message = f"{plain_line(url, 200)} has no checksum, without which it could be another file tomorrow"
            details = [("now it is", f"sha256:{found.sha256}, {size_text(found.size)}"), ("with it", line)]
            raise UsageError(message, details=details, hints=[Advice.mend((text, line))])
        return found

    return fetch_once


class _FromStart(io.RawIOBase):
    """A file read from its start with a place of its own, however often it is open."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._at = file, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        end = os.fstat(self._file.fileno()).st_size if whence == io.SEEK_END else 0
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: end}[whence]
        self._at = max(start + offset, 0)
        return self._at

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # typeshed: WriteableBuffer
        piece = os.pread(self._file.fileno(), len(buffer), self._at)
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)


def check_architecture(packages: Sequence[PackageRef], platform: str) -> None:
    """Raise UsageError for a file that is for another machine than the sandbox has; `platform` as `linux/amd64`."""
    machine = platform.split("/")[1] if platform.count("/") else ""
    words = MACHINES.get(machine, machine).split()
    for ref in packages:
        if ref.file is None or not machine or ref.file.architecture in (*ANY, *words):
            continue
        there = next((name for name, known in MACHINES.items() if ref.file.architecture in known.split()), "")
        message = (
            f"{plain_line(ref.file.source, 120)} is for {plain_line(ref.file.architecture, 40)}, "
            f"and the sandbox is {machine}"
        )
        hints = [Advice.again("--platform", f"linux/{there}", after=", if the engine can emulate it")] if there else []
        raise UsageError(message, details=[("package", ref.text)], hints=hints)


def unsigned_warnings(packages: Sequence[PackageRef]) -> tuple[SandboxError, ...]:
    """Return what to say of files of formats with signatures that have none."""
    files = [ref.file for ref in packages if ref.file and not ref.file.is_signed]
    return tuple(
        SandboxError(f"{plain_line(file.source, 200)} is not signed: its checksum alone says what it is")
        for file in files
    )


def copy_in(box: Box, packages: Sequence[LocalPackage]) -> None:
    """Copy files into a sandbox, where their manager finds them. Raises CheckFailed for one that changed meanwhile."""
    with tempfile.TemporaryFile() as spool:
        with tarfile.open(fileobj=spool, mode="w") as tar:
            for folder in dict.fromkeys(parent for package in packages for parent in _parents(package.file.path)):
                info = tarfile.TarInfo(folder.lstrip("/"))
                info.type, info.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(info)
            for package in packages:
                info = tarfile.TarInfo(package.file.path.lstrip("/"))
                info.size, info.mode = package.file.size, 0o644
                _add(tar, info, package)
        spool.seek(0)
        box.copy_in("/", chunks(spool))


def copy_beside(
    box: Box, files: Mapping[str, PackageFile], folder: str, *, network: HostNetwork, known: dict[str, Opened]
) -> None:
    """Copy files, by the names that they get, into a folder of a sandbox, for a script that looks for them there.

    Raise UsageError for one that can't be read any more, CheckFailed for one that is another by now.
    """
    packages = []
    for name, file in files.items():
        opened = (
            fetcher(network, allows_local=True, known=known)(f"{file.source}{CHECKSUM}{file.sha256}")
            if is_address(file.source)
            else host_file(file.source)
        )
        if opened.sha256 != file.sha256:
            message = f"{plain_line(file.source, 200)} is another file by now than the one that was tried"
            rows = [("was", f"sha256:{file.sha256}"), ("is", f"sha256:{opened.sha256}")]
            raise CheckFailed(message, details=rows)
        there = replace(file, path=f"{folder}/{name}")
        ref = PackageRef(name=name, file=there)
        packages.append(LocalPackage(text=file.source, ref=ref, file=there, pieces=_pieces_of(opened)))
    copy_in(box, packages)


def _pieces_of(opened: Opened) -> Callable[[], Iterator[bytes]]:
    def pieces() -> Iterator[bytes]:
        with opened.open() as file:
            yield from chunks(file)

    return pieces


def _parents(path: str) -> tuple[str, str]:
    folder = path.rpartition("/")[0]
    return folder.rpartition("/")[0], folder


def _add(tar: tarfile.TarFile, info: tarfile.TarInfo, package: LocalPackage) -> None:
    digest, count = hashlib.sha256(), 0

    def pieces() -> Iterator[bytes]:
        nonlocal count
        for piece in package.pieces():
            digest.update(piece)
            count += len(piece)
            yield piece

    changed = CheckFailed(f"{plain_line(package.file.source, 200)} changed while it was read")
    with suppress(OSError):
        tar.addfile(info, chunk_file(pieces()))
    if count < info.size or digest.hexdigest() != package.file.sha256:
        raise changed
