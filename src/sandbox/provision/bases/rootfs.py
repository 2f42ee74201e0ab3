"""Root file systems that distros publish: downloads, verifies and decompresses them to a plain tar."""

from __future__ import annotations

import gzip
import hashlib
import http.client
import lzma
import re
import tarfile
import tempfile
import urllib.error
import urllib.request
import zlib
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlsplit, urlunsplit

from sandbox.errors import Advice, PullFailed, UsageError
from sandbox.provision.bases.model import base_reference, changes, replace_base

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from sandbox.engine.protocol import Engine, Image

CHUNK: Final = 1 << 18
FETCH_LIMIT: Final = 60.0
"""Seconds within which a server must send something."""

MAGIC: Final = {b"\x1f\x8b": "gz", b"\xfd7zXZ\x00": "xz", b"\x28\xb5\x2f\xfd": "zst"}
"""First bytes of the supported compressions: RFC 1952, the xz file format, RFC 8878."""


def import_base(
    engine: Engine,
    source: str,
    name: str,
    *,
    version: str,
    sha256: str | None = None,
    on_bytes: Callable[[int, int], None] = lambda _done, _total: None,
) -> Image:
    """Make the base `name` of a root tarball (.tar, gzip, xz or zstd; a path or an http(s) URL) and return it.

    `sha256` (64 hex digits) is checked before the engine sees a byte. `on_bytes` is given how much is fetched and the
    whole, in bytes (0: unknown). Raise UsageError for a bad name, checksum text, path or a file that is no tar,
    PullFailed where it can't be fetched, is cut off or has another checksum. Then nothing new is left on the engine.
    """
    reference, wanted = base_reference(name), _checksum(sha256)
    with _spool(source, on_bytes) as file:
        found = _digest(file)
        if wanted is not None and found != wanted:
            raise _mismatch(source, wanted, found)
        _require_tar(file, source)
        lines = changes(origin=f"{_public(source)} sha256:{found}", version=version, command=("/bin/sh",))
        with closing(_content(file, source)) as chunks:
            return replace_base(engine, chunks, reference, lines)


def _checksum(text: str | None) -> str | None:
    if text is None:
        return None
    digits = text.strip().removeprefix("sha256:").lower()
    if not re.fullmatch(r"[0-9a-f]{64}", digits):
        message = f"expected a SHA-256 checksum of 64 hex digits, got {text[:80]!r}"
        raise UsageError(message, hints=[Advice.program("sha256sum", "ROOTFS.tar.xz")])
    return digits


def _mismatch(source: str, wanted: str, found: str) -> PullFailed:
    return PullFailed(
        f"{_public(source)} has another checksum than --sha256",
        details=[("expected", wanted), ("got", found)],
        hints=[Advice.say("download it again, and compare it with the checksum that the distro publishes")],
    )


def _public(source: str) -> str:
    """Return a source for a report: a URL without user, password and query, or the last part of a path."""
    if not _is_url(source):
        return Path(source).name
    parts = urlsplit(source)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _is_url(source: str) -> bool:
    return "://" in source


@contextmanager
def _spool(source: str, on_bytes: Callable[[int, int], None]) -> Iterator[IO[bytes]]:
    """Yield the source as a file that can be read twice; a downloaded one is a temporary file."""
    if not _is_url(source):
        with _open(source) as file:
            yield file
        return
    with tempfile.TemporaryFile() as spool:
        _fetch(source, spool, on_bytes)
        yield spool


def _open(source: str) -> IO[bytes]:
    path = Path(source)
    if path.is_dir():
        message = f"{source} is a folder, not a tar file"
        raise UsageError(message, hints=[Advice.program("tar", "-C", source, "-cf", "rootfs.tar", ".")])
    try:
        return path.open("rb")
    except OSError as error:
        message = f"{source} can't be read: {error.strerror}"
        raise UsageError(message) from error


def _fetch(url: str, spool: IO[bytes], on_bytes: Callable[[int, int], None]) -> None:
    if not url.startswith(("http://", "https://")):
        message = f"expected a path, http:// or https://, got {_public(url)}"
        raise UsageError(message)
    try:
        with urllib.request.urlopen(url, timeout=FETCH_LIMIT) as answer:  # noqa: S310 # the scheme is checked above
            _copy(answer, spool, on_bytes)
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        message = f"could not download {_public(url)}"
        raise PullFailed(
            message, details=[("it said", str(reason))], hints=[Advice.program("curl", "-fLO", _public(url))]
        ) from error


def _copy(answer: http.client.HTTPResponse, spool: IO[bytes], on_bytes: Callable[[int, int], None]) -> None:
    total = int(answer.headers.get("Content-Length") or 0)
    done = 0
    while chunk := answer.read(CHUNK):
        done += spool.write(chunk)
        on_bytes(done, total)
    if total and done != total:
        message = f"the connection ended after {done} of {total} bytes"
        raise urllib.error.URLError(message)


def _digest(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in _chunks(file):
        digest.update(chunk)
    return digest.hexdigest()


def _plain(file: IO[bytes], size: int = CHUNK) -> Generator[bytes, None, None]:
    """Yield the file from its start, decompressed: an engine may not support its compression."""
    file.seek(0)
    start = file.read(6)
    file.seek(0)
    match next((kind for magic, kind in MAGIC.items() if start.startswith(magic)), None):
        case "gz":
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield from _chunks(cast("IO[bytes]", unpacked), size)
        case "xz":
            with lzma.LZMAFile(file) as unpacked:
                yield from _chunks(unpacked, size)
        case "zst":
            yield from _zstd_chunks(file, size)
        case _:
            yield from _chunks(file, size)


def _chunks(file: IO[bytes], size: int = CHUNK) -> Iterator[bytes]:
    while chunk := file.read(size):
        yield chunk


def _zstd_chunks(file: IO[bytes], size: int) -> Iterator[bytes]:
    """Yield the content of the file's frames; zstandard's own reader accepts an incomplete file."""
    new_decoder, _ = _zstd()
    decoder = None
    for data in _chunks(file, size):
        rest = data
        while rest:
            decoder = decoder or new_decoder()
            if unpacked := decoder.decompress(rest):
                yield unpacked
            rest = decoder.unused_data if decoder.eof else b""
            decoder = None if decoder.eof else decoder
    if decoder is not None:
        message = "the last frame is incomplete"
        raise EOFError(message)


def _zstd() -> tuple[Callable[[], Any], type[Exception]]:
    """Return a factory of decoders for one frame, and their error: the standard library's since Python 3.14."""
    try:
        from compression import zstd  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        import zstandard

        return zstandard.ZstdDecompressor().decompressobj, zstandard.ZstdError
    return zstd.ZstdDecompressor, zstd.ZstdError


def _broken() -> tuple[type[Exception], ...]:
    """Return the errors of a damaged or incomplete file of any compression, and of one that is not a tar."""
    return (tarfile.HeaderError, EOFError, OSError, zlib.error, lzma.LZMAError, _zstd()[1])


def _require_tar(file: IO[bytes], source: str) -> None:
    start = b""
    try:
        with closing(_plain(file, tarfile.BLOCKSIZE)) as chunks:
            while len(start) < tarfile.BLOCKSIZE and (chunk := next(chunks, b"")):
                start += chunk
        tarfile.TarInfo.frombuf(start[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except _broken() as error:
        message = f"{_public(source)} is not a root file system in a tar file"
        details = [("expected", "a tar file, plain or compressed with gzip, xz or zstd"), ("found", str(error))]
        raise UsageError(message, details=details) from error


def _content(file: IO[bytes], source: str) -> Generator[bytes, None, None]:
    try:
        yield from _plain(file)
    except _broken() as error:
        message = f"{_public(source)} is damaged or incomplete"
        raise PullFailed(message, details=[("it said", str(error))]) from error
