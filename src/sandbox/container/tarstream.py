"""The members of a tar stream of any size, with a digest of each file; nothing of it is unpacked or kept.

Sources: tar(5) of libarchive and pax(1) of POSIX for the formats, Go's archive/tar for what engines write. The standard
library's reader takes five times as long a member, and a file system has tens of thousands.
"""

from __future__ import annotations

import re
import struct
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

from sandbox.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

BLOCK: Final = 512
EMPTY: Final = bytes(BLOCK)
"""The block that ends an archive."""
HEADER: Final = struct.Struct("100s8s8s8s12s12s8sc100s6s2s32s32s8s8s155s12x")
LONGEST: Final = 1_000_000
"""Most bytes of an extension header, such as a long name, and of a file whose content is kept."""
FILE_TYPES: Final = (b"0", b"\0", b"7")
CAPABILITY: Final = b"SCHILY.xattr.security.capability"
_RECORD: Final = re.compile(rb"(\d{1,7}) ([^=]+)=")


class Member(NamedTuple):
    """A member: `name` without slashes at its ends, as bytes are in a str (surrogateescape); `kind` the tar type flag.

    `digest` is of a regular file's content, `content` the content itself where it was asked for.
    """

    name: str
    kind: str
    mode: int
    uid: int
    gid: int
    size: int
    link: str
    digest: bytes
    capability: bytes
    content: bytes | None


def members(chunks: Iterable[bytes], is_wanted: Callable[[str], bool] = lambda _: False) -> Iterator[Member]:
    """Yield the members of a tar stream; the contents of `is_wanted` names below a megabyte come along.

    Raise EngineError for a stream that is none, or ends too early.
    """
    source = _Source(chunks)
    try:
        yield from _members(source, is_wanted)
    except (ValueError, struct.error) as error:
        raise _damage_error(str(error)) from error


def _members(source: _Source, is_wanted: Callable[[str], bool]) -> Iterator[Member]:
    extra: dict[bytes, bytes] = {}
    while (block := source.take(BLOCK)) != EMPTY:
        fields = HEADER.unpack(block)
        flag, size = fields[7], _number(fields[4])
        if flag in b"xgLK":
            extra |= _extension(flag, source.take_with_padding(size))
            continue
        yield _member(fields, extra, source, is_wanted)
        extra = {}


def _member(
    fields: tuple[bytes, ...], extra: dict[bytes, bytes], source: _Source, is_wanted: Callable[[str], bool]
) -> Member:
    flag = fields[7]
    name = _text(extra.get(b"path") or _header_name(fields)).strip("/")
    size = int(extra.get(b"size", b"")) if b"size" in extra else _number(fields[4])
    digest, content = b"", None
    if flag in FILE_TYPES:
        digest, content = source.digest(size, keep=size <= LONGEST and is_wanted(name))
    return Member(
        name=name,
        kind=flag.decode("latin-1").replace("\0", "0"),
        mode=_number(fields[1]) & 0o7777,
        uid=int(extra.get(b"uid", b"")) if b"uid" in extra else _number(fields[2]),
        gid=int(extra.get(b"gid", b"")) if b"gid" in extra else _number(fields[3]),
        size=size if flag in FILE_TYPES else 0,
        link=_text(extra.get(b"linkpath") or fields[8].partition(b"\0")[0]),
        digest=digest,
        capability=extra.get(CAPABILITY, b""),
        content=content,
    )


def _header_name(fields: tuple[bytes, ...]) -> bytes:
    """Return the name of a header's own fields: ustar has the folders of a long one apart (not GNU tar's format)."""
    name, prefix = fields[0].partition(b"\0")[0], fields[15].partition(b"\0")[0]
    return prefix + b"/" + name if prefix and fields[9] == b"ustar\0" else name


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


@lru_cache(1 << 14)
def _number(field: bytes) -> int:
    """Return a header's number: octal digits, or base 256 if the high bit is set."""
    if field[0] & 0x80:
        return int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
    return int(field.strip(b" \0") or b"0", 8)


def _extension(flag: bytes, content: bytes) -> dict[bytes, bytes]:
    """Return the fields in an extension header; global ones contain nothing that we read."""
    match flag:
        case b"x":
            return dict(_records(content))
        case b"L":
            return {b"path": content.rstrip(b"\0")}
        case b"K":
            return {b"linkpath": content.rstrip(b"\0")}
        case _:
            return {}


def _records(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (key, value) of records `LENGTH KEY=VALUE`; values may contain anything."""
    start = 0
    while found := _RECORD.match(content, start):
        end = start + int(found[1])
        if not found.end() < end <= len(content):
            return
        yield found[2], content[found.end() : end - 1]
        start = end


def _damage_error(why: str) -> EngineError:
    return EngineError(f"the engine's archive is damaged: {why}")


class _Source:
    """The chunks as a byte stream."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = b""
        self._at = 0

    def take(self, count: int) -> bytes:
        """Return exactly `count` bytes; empty at the very end."""
        end = self._at + count
        if end <= len(self._rest):
            piece, self._at = self._rest[self._at : end], end
            return piece
        pieces = [bytes(piece) for piece in self._pieces(count)]
        return b"".join(pieces)

    def _pieces(self, count: int) -> Iterator[memoryview]:
        """Yield exactly `count` bytes, in the pieces in which they arrive."""
        while count:
            if self._at >= len(self._rest):
                self._rest, self._at = next(self._chunks, b""), 0
                if not self._rest:
                    message = "it is cut off"
                    raise _damage_error(message)
            end = min(self._at + count, len(self._rest))
            yield memoryview(self._rest)[self._at : end]
            count -= end - self._at
            self._at = end

    def take_with_padding(self, size: int) -> bytes:
        """Return a header's content, and skip the padding of its last block."""
        if size > LONGEST:
            message = f"a header of {size} bytes"
            raise _damage_error(message)
        content = self.take(size)
        self.take(-size % BLOCK)
        return content

    def digest(self, size: int, *, keep: bool) -> tuple[bytes, bytes | None]:
        """Return the digest of a file's content, and the content if it is wanted."""
        end = self._at + size
        if end <= len(self._rest) and not keep:  # almost every file arrives in one piece
            found = sha256(memoryview(self._rest)[self._at : end]).digest()[:16]
            self._at = end
            self.take(-size % BLOCK)
            return found, None
        hashed, kept = sha256(), []
        for piece in self._pieces(size):
            hashed.update(piece)
            if keep:
                kept.append(bytes(piece))
        self.take(-size % BLOCK)
        return hashed.digest()[:16], b"".join(kept) if keep else None
