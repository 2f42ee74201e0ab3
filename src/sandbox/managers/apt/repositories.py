"""Where apt's packages come from and which keys signed for it, as lines that a lock shows.

Source: apt-get(8) (indextargets).
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from sandbox.core.openpgp import ISSUER, SIGNATURE, packets, subpackets
from sandbox.managers.repositories import plain_rows, without_user

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


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
    except ValueError:
        return ()


def _fingerprints(data: bytes) -> Iterator[str]:
    for tag, body in packets(data):
        if tag == SIGNATURE and body[:1] == b"\x04":  # the version whose subpackets begin there
            yield from (value[1:].hex().upper() for kind, value in subpackets(body) if kind == ISSUER)
