"""What an .rpm says of itself. Sources: the description of the format at rpm.org, rpmtag.h for the numbers of tags."""

from __future__ import annotations

import struct
from hashlib import md5, sha256
from typing import IO, TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.core.compression import chunks
from sandbox.managers.package_archives import ArchiveFacts, BrokenFile, FileInstall, next_bytes, valid_facts
from sandbox.managers.rpm.names import NAME

if TYPE_CHECKING:
    from collections.abc import Mapping

LEAD: Final = 96
MAGIC: Final = b"\xed\xab\xee\xdb"
HEADER_MAGIC: Final = b"\x8e\xad\xe8\x01"
LARGEST_HEADER: Final = 64_000_000
MOST_TAGS: Final = 0x10000

SIGNATURES: Final = (267, 268, 278, 1002, 1005)
"""DSA, RSA, OpenPGP, and the two of older files."""
SHA256HEADER: Final = 273
SHA1HEADER: Final = 269
MD5: Final = 1004
NAME_TAG, VERSION_TAG, RELEASE_TAG, EPOCH_TAG, ARCH_TAG = 1000, 1001, 1002, 1003, 1022
SOURCE_RPM: Final = 1044
SOURCE_PACKAGE: Final = 1106
PAYLOAD_DIGEST: Final = 5092
PAYLOAD_ALGORITHM: Final = 5093
SHA256: Final = 8
NUMBER, TEXT, BINARY, TEXTS = 4, 6, 7, 8
"""Types of values: 32-bit numbers, a text, bytes, several texts."""


class _Header(Struct, frozen=True, kw_only=True):
    """A header: its own bytes, and the type, offset and count of each tag's value in its store."""

    raw: bytes
    store: bytes
    tags: Mapping[int, tuple[int, int, int]]

    def text(self, tag: int) -> str:
        """Return the text of a tag, the first where there are several; empty where there is none."""
        kind, offset, _ = self.tags.get(tag, (0, 0, 0))
        if kind not in (TEXT, TEXTS, 9):
            return ""
        return self.store[offset : offset + 1000].partition(b"\0")[0].decode("utf-8", "replace")

    def number(self, tag: int) -> int | None:
        """Return the number of a tag."""
        kind, offset, _ = self.tags.get(tag, (0, 0, 0))
        value = self.store[offset : offset + 4]
        return int.from_bytes(value, "big") if kind == NUMBER and len(value) == 4 else None  # noqa: PLR2004 - 32 bits

    def binary(self, tag: int) -> bytes:
        """Return the bytes of a tag."""
        kind, offset, count = self.tags.get(tag, (0, 0, 0))
        return self.store[offset : offset + count] if kind == BINARY else b""


def read(file: IO[bytes]) -> ArchiveFacts:
    """Return what the header says, of a file whose checksums are right. Raises BrokenFile."""
    file.seek(0)
    if next_bytes(file, LEAD, "start")[:4] != MAGIC:
        raise BrokenFile("it is no .rpm")
    signature = _header(file)
    next_bytes(file, -len(signature.raw) % 8, "signature")
    header = _header(file)
    _check(file, signature, header)
    if not header.text(SOURCE_RPM) or SOURCE_PACKAGE in header.tags:
        raise BrokenFile("it is a source package, and sandbox installs binary ones")
    name, architecture, epoch = header.text(NAME_TAG), header.text(ARCH_TAG), header.number(EPOCH_TAG)
    plain = f"{header.text(VERSION_TAG)}-{header.text(RELEASE_TAG)}"
    facts = ArchiveFacts(
        name=name,
        version=f"{epoch}:{plain}" if epoch else plain,
        architecture=architecture,
        file_name=f"{name}-{plain}.{architecture}.rpm",
        seal=_seal(signature),
        is_signed=any(tag in signature.tags for tag in SIGNATURES),
    )
    return valid_facts(facts, NAME)


def _header(file: IO[bytes]) -> _Header:
    start = next_bytes(file, 16, "header")
    count, size = struct.unpack(">II", start[8:])
    if start[:4] != HEADER_MAGIC or count > MOST_TAGS or size > LARGEST_HEADER:
        raise BrokenFile("a header in it is damaged")
    index, store = next_bytes(file, 16 * count, "header"), next_bytes(file, size, "header")
    rows = (struct.unpack(">IIiI", index[16 * number : 16 * number + 16]) for number in range(count))
    return _Header(
        raw=start + index + store,
        store=store,
        tags={tag: (kind, offset, amount) for tag, kind, offset, amount in rows if 0 <= offset <= size},
    )


def _check(file: IO[bytes], signature: _Header, header: _Header) -> None:
    """Raise BrokenFile if a checksum differs: that of the header, and that of the payload or of both."""
    wanted = signature.text(SHA256HEADER)
    if wanted and sha256(header.raw).hexdigest() != wanted:
        raise BrokenFile("its header differs from its checksum")
    payload, both = sha256(), md5(header.raw, usedforsecurity=False)
    for piece in chunks(file):
        payload.update(piece)
        both.update(piece)
    of_payload = header.text(PAYLOAD_DIGEST) if header.number(PAYLOAD_ALGORITHM) in (SHA256, None) else ""
    of_both = signature.binary(MD5)
    if not (of_payload or of_both):
        raise BrokenFile("it has no checksum of its content")
    if (of_payload and payload.hexdigest() != of_payload) or (of_both and both.digest() != of_both):
        raise BrokenFile("its content differs from its checksum: it is damaged or incomplete")


def _seal(signature: _Header) -> str:
    """Return the name that rpm has for a checksum of the header, and the checksum."""
    for name, tag in (("SHA256HEADER", SHA256HEADER), ("SHA1HEADER", SHA1HEADER)):
        if found := signature.text(tag):
            return f"{name}:{found}"
    return ""


FILES: Final = FileInstall(
    kind="an .rpm",
    endings=(".rpm",),
    read=read,
    install=(),
    download=(),
    overwrite=("rpm", "-U", "--replacepkgs", "--oldpackage"),
    present=("rpm", "-q", "--qf", r"%{NAME}\n%{NAME}.%{ARCH}\n"),
)
