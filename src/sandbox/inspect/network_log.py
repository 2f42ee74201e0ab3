"""Whom a sandbox talked to, from the notes of who listened on its network: pure, and every byte of it hostile.

Sources: RFC 1035 (names and answers), RFC 3596 (AAAA), RFC 9110 (a proxy is asked for a whole address, or CONNECT).
"""

from __future__ import annotations

import ipaddress
import re
import struct
from typing import TYPE_CHECKING, Final, Literal

from sandbox.container.snapshot import readable
from sandbox.inspect.findings import Contact

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MOST: Final = 100
"""Most records of an answer, and most names of an address, to read."""
JUMPS: Final = 20
"""Most pointers in a name to follow: a hostile name may form a ring."""
LONGEST: Final = 255
"""Most characters of a name (RFC 1035, 2.3.4)."""
A, AAAA = 1, 28
"""Types of records (RFC 1035, 3.2.2, and RFC 3596, 2.1)."""
Reached = tuple[Literal["tcp", "udp"], str, int]
"""Protocol, address, port."""
_NOTE: Final = re.compile(r"(tcp|udp) ([0-9a-f.:]{2,45}) (\d{1,5})", re.ASCII)
_ASKED: Final = re.compile(rb"(?:CONNECT ([^\s/:]{1,255}):(\d{1,5})|[A-Z]+ http://([^\s/:]{1,255})(?::(\d{1,5}))?[/ ])")


def contacts(notes: Iterable[str]) -> tuple[Contact, ...]:
    """Return whom the notes name; what is no note is passed over.

    `C tcp ADDRESS PORT` is a connection or packet that went out, `D HEX` an answer with names, `P HEX` the beginning of
    what a proxy was sent.
    """
    reached: dict[Reached, None] = {}
    asked: dict[tuple[str, int], None] = {}
    names: dict[str, dict[str, None]] = {}
    for note in notes:
        kind, _, text = note.partition(" ")
        if kind == "C" and (found := _contact_of(text)):
            reached[found] = None
        elif kind == "D":
            for name, address in answers(_bytes(text)):
                names.setdefault(address, {})[name] = None
        elif kind == "P" and (request := _ASKED.match(_bytes(text))):
            host = (request[1] or request[3]).decode("utf-8", "surrogateescape")
            asked[readable(host), int(request[2] or request[4] or 80)] = None
    direct = [
        Contact(protocol=protocol, address=address, port=port, names=tuple(names.get(address, ()))[:MOST])
        for protocol, address, port in reached
    ]
    return (*direct, *(Contact(protocol="proxy", address="", port=port, names=(name,)) for name, port in asked))


def _contact_of(text: str) -> Reached | None:
    found = _NOTE.fullmatch(text)
    if found is None:
        return None
    try:
        address = ipaddress.ip_address(found[2])
    except ValueError:
        return None
    return None if address.is_loopback else ("tcp" if found[1] == "tcp" else "udp", str(address), int(found[3]))


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""


def answers(packet: bytes) -> tuple[tuple[str, str], ...]:
    """Return the addresses of a DNS answer, each behind the name that was asked for.

    What is damaged is read as far as it is whole.
    """
    found: list[tuple[str, str]] = []
    try:
        _, flags, questions, count = struct.unpack_from(">4H", packet)
        if not flags & 0x8000 or not questions:
            return ()
        asked, at = _name(packet, 12)
        at += 4
        for _ in range(min(count, MOST)):
            _, at = _name(packet, at)
            kind, _, _, size = struct.unpack_from(">HHIH", packet, at)
            data = packet[at + 10 : at + 10 + size]
            if (kind, len(data)) in ((A, 4), (AAAA, 16)):
                found.append((asked, str(ipaddress.ip_address(data))))
            at += 10 + size
    except (struct.error, IndexError):
        pass
    return tuple(found)


def _name(packet: bytes, at: int) -> tuple[str, int]:
    """Return (name, offset after it). Raises IndexError for an invalid name."""
    labels = list(_labels(packet, at))
    text = ".".join(label.decode("utf-8", "surrogateescape") for label, _ in labels if label)
    return readable(text[:LONGEST]), labels[-1][1]


def _labels(packet: bytes, at: int) -> Iterator[tuple[bytes, int]]:
    """Yield each label with the offset at which the name ends; the last label is empty."""
    end, jumps, length = 0, 0, 0
    while size := packet[at]:
        if size >= 0xC0:  # noqa: PLR2004 - two high bits mark a pointer
            end = end or at + 2
            at = (size & 0x3F) << 8 | packet[at + 1]
            jumps += 1
        else:
            yield packet[at + 1 : at + 1 + size], end
            at += 1 + size
            length += 1 + size
        if jumps > JUMPS or length > LONGEST:
            raise IndexError
    yield b"", end or at + 1
