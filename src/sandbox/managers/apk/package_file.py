"""What an .apk of apk's format 2 says of itself: two or three gzip streams, a signature, the control files, the data.

Sources: apk-package(5), and the parser of apk-tools: the package's identity is the SHA-1 of its control stream, as the
database of installed packages has it (`C:Q1...`), and `datahash` the SHA-256 of the data.
"""

from __future__ import annotations

import base64
import io
import zlib
from hashlib import sha1, sha256
from typing import IO, Final

from sandbox.core.compression import chunks
from sandbox.managers.apk.names import NAME
from sandbox.managers.package_archives import (
    LARGEST_TEXT,
    ArchiveFacts,
    BrokenFile,
    FileInstall,
    fields_of,
    members_of,
    one,
    valid_facts,
)

SIGNATURE: Final = ".SIGN."
INFO: Final = ".PKGINFO"


def read(file: IO[bytes]) -> ArchiveFacts:
    """Return what .PKGINFO says. Raises BrokenFile."""
    file.seek(0)
    if file.read(3) == b"ADB":
        raise BrokenFile("it has apk's format 3, and sandbox reads format 2")
    file.seek(0)
    first, raw = _stream(file)
    found, is_signed = _tar(first), False
    if any(name.startswith(SIGNATURE) for name in found):
        is_signed = True
        second, raw = _stream(file)
        found = _tar(second)
    if INFO not in found:
        raise BrokenFile(f"it has no {INFO}")
    fields = fields_of(found[INFO])
    _check_data(file, one(fields, "datahash"))
    name, version = one(fields, "pkgname"), one(fields, "pkgver")
    identity = base64.b64encode(sha1(raw).digest()).decode()  # noqa: S324 - apk's own identity
    needs = tuple(word for word in fields.get("depend", ()) if not word.startswith(("!", "-")))
    facts = ArchiveFacts(
        name=name,
        version=version,
        architecture=one(fields, "arch"),
        file_name=f"{name}-{version}.apk",
        seal=f"Q1{identity}",
        needs=needs,
        is_signed=is_signed,
    )
    return valid_facts(facts, NAME)


def _stream(file: IO[bytes]) -> tuple[bytes, bytes]:
    """Return the content of the gzip stream at the file's place, and its own bytes; the file is behind it then."""
    decoder, raw, content = zlib.decompressobj(wbits=31), b"", b""
    try:
        for piece in chunks(file, 1 << 16):
            content += decoder.decompress(piece, LARGEST_TEXT - len(content) + 1)
            raw += piece
            if len(content) > LARGEST_TEXT or len(raw) > LARGEST_TEXT:
                raise BrokenFile("its control files are too large")
            if decoder.eof:
                unused = len(decoder.unused_data)
                file.seek(-unused, io.SEEK_CUR)
                return content, raw[: len(raw) - unused]
    except zlib.error as error:
        raise BrokenFile("it is no .apk, or damaged") from error
    raise BrokenFile("it ends too early")


def _tar(content: bytes) -> dict[str, bytes]:
    return members_of([content, bytes(1024)], wanted=lambda name: name == INFO or name.startswith(SIGNATURE))


def _check_data(file: IO[bytes], wanted: str) -> None:
    digest, size = sha256(), 0
    for piece in chunks(file):
        digest.update(piece)
        size += len(piece)
    if not wanted and size:
        return
    if digest.hexdigest() != wanted:
        raise BrokenFile("its data differs from its own checksum" if size else "it has no data: it ends too early")


FILES: Final = FileInstall(
    kind="an .apk",
    endings=(".apk",),
    read=read,
    install=(),
    download=(),
    overwrite=("apk", "add", "--allow-untrusted", "--force-overwrite"),
    present=("apk", "info", "-e"),
)
