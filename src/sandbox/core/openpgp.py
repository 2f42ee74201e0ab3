"""OpenPGP in short: the packets of a text or of bytes, and the public keys among them; nothing is verified here.

Source: RFC 9580, 4.2 (packets), 5.2.3 (subpackets of a signature), 5.5.2 and 5.5.4 (public keys and fingerprints), 6.2
(armour).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

SIGNATURE: Final = 2
"""The tag of a signature's packet."""
SECRET: Final = (5, 7)
"""The tags of a secret key and of a secret subkey."""
PUBLIC: Final = 6
"""The tag of a public key's packet."""
ISSUER: Final = 33
"""The type of a signature's subpacket that holds the key's fingerprint."""
EXPIRY: Final = 9
"""The type of the subpacket with the seconds that a key is valid from its creation on."""
SELF: Final = (0x10, 0x11, 0x12, 0x13, 0x1F)
"""The types of the signatures by which a key speaks of itself."""


class PublicKey(Struct, frozen=True, kw_only=True):
    """A public key: its fingerprint in hexadecimal, and when it expires in Unix time, 0 for never."""

    fingerprint: str
    expires: int = 0


def dearmor(text: str) -> bytes:
    """Return the bytes of the first armour in a text. Raises ValueError where there is none, or it is damaged."""
    found = re.search(r"-----BEGIN PGP [A-Z ]+-----\r?\n(.*?)\r?\n-----END PGP ", text, re.DOTALL)
    if found is None:
        raise ValueError("no armour")
    lines = [line.strip() for line in found[1].splitlines()]
    body = lines[lines.index("") + 1 :] if "" in lines else lines
    try:
        return base64.b64decode("".join(line for line in body if not line.startswith("=")), validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def armor(data: bytes) -> str:
    """Return a public key as text, without the checksum that nobody needs (RFC 9580, 6.1)."""
    whole = base64.b64encode(data).decode()
    body = "".join(f"{whole[at : at + 64]}\n" for at in range(0, len(whole), 64))
    return f"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{body}-----END PGP PUBLIC KEY BLOCK-----\n"


def packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the tag and body of each packet. Raises ValueError for what is none, or ends within one."""
    while data:
        try:
            tag, body, data = _packet(data)
        except IndexError:
            raise ValueError("it ends within a packet") from None
        yield tag, body


def public_keys(data: bytes) -> tuple[PublicKey, ...]:
    """Return the primary keys in bytes, in order. Raises ValueError for what are no packets, or a secret key."""
    found: list[PublicKey] = []
    created = 0
    for tag, body in packets(data):
        if tag in SECRET:
            raise ValueError("it is a secret key")
        if tag == PUBLIC and len(body) > 5:  # noqa: PLR2004 - a version and a time
            created = int.from_bytes(body[1:5], "big")
            found.append(PublicKey(fingerprint=_fingerprint(body)))
        elif tag == SIGNATURE and found and body[:1] == b"\x04" and body[1:2] and body[1] in SELF:
            for kind, value in subpackets(body):
                if kind == EXPIRY and len(value) == 4 and int.from_bytes(value, "big"):  # noqa: PLR2004
                    expires = created + int.from_bytes(value, "big")
                    found[-1] = PublicKey(fingerprint=found[-1].fingerprint, expires=expires)
    return tuple(found)


def subpackets(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the type and value of each hashed subpacket of a signature of version 4; damaged ones end it."""
    area = body[6 : 6 + int.from_bytes(body[4:6], "big")]
    while area:
        try:
            length, start = _length(area)
            kind = area[start] & 0x7F
        except IndexError:
            return
        if not length:
            return
        yield kind, area[start + 1 : start + length]
        area = area[start + length :]


def _fingerprint(body: bytes) -> str:
    if body[0] >= 5:  # noqa: PLR2004 - RFC 9580, 5.5.4.3
        head = bytes([0x95 + body[0]]) + len(body).to_bytes(4, "big")
        return hashlib.sha256(head + body).hexdigest().upper()
    head = b"\x99" + len(body).to_bytes(2, "big")
    return hashlib.sha1(head + body, usedforsecurity=False).hexdigest().upper()


def _packet(data: bytes) -> tuple[int, bytes, bytes]:
    """Return the first packet's tag and body, and what follows it."""
    if not data[0] & 0x80:
        raise ValueError("no packet")
    if data[0] & 0x40:
        length, start = _length(data[1:])
        tag, start = data[0] & 0x3F, start + 1
    else:
        size = 1 << (data[0] & 3)
        tag, start = data[0] >> 2 & 0xF, 1 + size
        length = int.from_bytes(data[1:start], "big")
    if start + length > len(data):
        raise ValueError("it ends within a packet")
    return tag, data[start : start + length], data[start + length :]


def _length(data: bytes) -> tuple[int, int]:
    """Return a length of one, two or five octets and how many these were."""
    if data[0] < 192:  # noqa: PLR2004 - RFC 9580, 4.2.1
        return data[0], 1
    if data[0] < 255:  # noqa: PLR2004
        return ((data[0] - 192) << 8) + data[1] + 192, 2
    return int.from_bytes(data[1:5], "big"), 5
