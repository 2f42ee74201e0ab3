"""Where apt's packages come from and which keys signed for it, as lines that a lock shows.

Sources: apt-get(8) (indextargets); RFC 9580, 4.2 (packets) and 5.2.3 (the issuer's fingerprint in a signature).
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

from sandbox.managers.repositories import plain_rows, without_user

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FINGERPRINT: Final = 33
"""The type of a signature's subpacket that holds the key's fingerprint."""
SIGNATURE: Final = 2
"""The tag of a signature's packet."""


def parse(output: str) -> tuple[str, ...]:
    """Return lines such as `http://deb.example/debian bookworm main, signed by 4CB5...`."""
    if "\nfile " not in f"\n{output}":
        return plain_rows(output)
    rows = [line.removeprefix("repository ") for line in output.splitlines() if line.startswith("repository ")]
    signed = dict(_signatures(output))
    return tuple(without_user(row) + _by(row, signed) for row in dict.fromkeys(rows))


def _by(row: str, signed: Mapping[str, tuple[str, ...]]) -> str:
    site, _, rest = row.partition(" ")
    start = re.sub(r"^[a-z]+://", "", site).rstrip("/").replace("/", "_")
    release = rest.partition(" ")[0]
    for name, keys in signed.items():
        if name.startswith(start) and (f"_dists_{release.replace('/', '_')}_" in name or "_dists_" not in name):
            return f", signed by {', '.join(keys)}" if keys else ""
    return ""


def _signatures(output: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for part in re.split(r"^file ", output, flags=re.MULTILINE)[1:]:
        name, _, text = part.partition("\n")
        yield name, issuers(text)


def issuers(armour: str) -> tuple[str, ...]:
    """Return the fingerprints of the keys that made the signatures of a text; what can't be read has none."""
    lines = armour.partition("\n\n")[2] or re.sub(r"^-----BEGIN.*\n(?:[A-Za-z]+: .*\n)*", "", armour)
    body = "".join(line for line in lines.splitlines() if not line.startswith(("-----", "=")))
    try:
        data = base64.b64decode(body, validate=True)
        return tuple(dict.fromkeys(_fingerprints(data)))
    except (binascii.Error, IndexError):
        return ()


def _fingerprints(data: bytes) -> Iterator[str]:
    while data:
        tag, body, data = _packet(data)
        if tag == SIGNATURE and body[0] == 4:  # noqa: PLR2004 - the version whose subpackets begin there
            yield from _issuers(body[6 : 6 + int.from_bytes(body[4:6], "big")])


def _issuers(area: bytes) -> Iterator[str]:
    while area:
        length, start = _length(area)
        if area[start] & 0x7F == FINGERPRINT:
            yield area[start + 2 : start + length].hex().upper()
        area = area[start + length :]


def _packet(data: bytes) -> tuple[int, bytes, bytes]:
    """Return the first packet's tag and body, and what follows it."""
    if data[0] & 0x40:
        length, start = _length(data[1:])
        tag, start = data[0] & 0x3F, start + 1
    else:
        size = 1 << (data[0] & 3)
        tag, start = data[0] >> 2 & 0xF, 1 + size
        length = int.from_bytes(data[1:start], "big")
    return tag, data[start : start + length], data[start + length :]


def _length(data: bytes) -> tuple[int, int]:
    """Return a length of one, two or five octets and how many these were."""
    if data[0] < 192:  # noqa: PLR2004 - RFC 9580, 4.2.1
        return data[0], 1
    if data[0] < 255:  # noqa: PLR2004
        return ((data[0] - 192) << 8) + data[1] + 192, 2
    return int.from_bytes(data[1:5], "big"), 5
