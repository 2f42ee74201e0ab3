"""Root file systems that distros publish: downloads, verifies and decompresses them to a plain tar."""

from __future__ import annotations

import http.client
import re
import tarfile
import tempfile
import urllib.error
import urllib.request
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from sandbox.core.compression import CHUNK, damage_errors, digest_of, unpacked_chunks
from sandbox.core.unreadable import unreadable_file
from sandbox.errors import Advice, PullFailed, UsageError
from sandbox.provision.bases.model import base_reference, changes, replace_base

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from sandbox.engine.protocol import Engine, Image

FETCH_LIMIT: Final = 60.0
"""Seconds within which a server must send something."""


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
        file.seek(0)
        found, _ = digest_of(file)
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
        raise unreadable_file(source, error) from error


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


def _require_tar(file: IO[bytes], source: str) -> None:
    start = b""
    try:
        with closing(unpacked_chunks(file, tarfile.BLOCKSIZE)) as chunks:
            while len(start) < tarfile.BLOCKSIZE and (chunk := next(chunks, b"")):
                start += chunk
        tarfile.TarInfo.frombuf(start[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except damage_errors() as error:
        message = f"{_public(source)} is not a root file system in a tar file"
        details = [("expected", "a tar file, plain or compressed with gzip, xz or zstd"), ("found", str(error))]
        raise UsageError(message, details=details) from error


def _content(file: IO[bytes], source: str) -> Generator[bytes, None, None]:
    try:
        yield from unpacked_chunks(file)
    except damage_errors() as error:
        message = f"{_public(source)} is damaged or incomplete"
        raise PullFailed(message, details=[("it said", str(error))]) from error
