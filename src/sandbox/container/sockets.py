"""What listens in a sandbox, as the kernel's tables of sockets show it (proc(5), net/tcp)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.container.box import Box

TCP_LISTENS: Final = "0A"
STATES: Final = {"tcp": TCP_LISTENS, "udp": "07"}
"""The states of sockets that wait for others (include/net/tcp_states.h): a UDP socket that is bound to no peer."""
EPHEMERAL: Final = 32768
"""The first port that the kernel gives to who asks for none: a UDP client's, not a service's."""
LARGEST: Final = 4_000_000
_ROW: Final = re.compile(r"\s*\d+: ([0-9A-F]{8}(?:[0-9A-F]{24})?):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]+ ([0-9A-F]{2}) ")


class ListeningPort(Struct, frozen=True, kw_only=True, order=True):
    """A port that something listens on; `address` as `127.0.0.1`, `::1`, `*` for all."""

    number: int
    protocol: str
    address: str

    @property
    def is_local(self) -> bool:
        """Whether nobody beyond the container's own loopback can reach it."""
        return self.address == "::1" or self.address.startswith("127.")


def listening_ports(table: str, protocol: str) -> Iterator[ListeningPort]:
    """Yield what listens, by the text of a table of `tcp` or `udp`, of either family of addresses."""
    for line in table.split("\n"):
        match = _ROW.match(line)
        if match and match[3] == STATES.get(protocol):
            number = int(match[2], 16)
            if protocol == "tcp" or number < EPHEMERAL:
                yield ListeningPort(number=number, protocol=protocol, address=address(match[1]))


def address(digits: str) -> str:
    """Return an address of such a table, whose words of 32 bits have the machine's order, little endian here."""
    import ipaddress

    raw = b"".join(bytes.fromhex(digits[at : at + 8])[::-1] for at in range(0, len(digits), 8))
    found = ipaddress.ip_address(raw)
    mapped = getattr(found, "ipv4_mapped", None)
    return "*" if found.is_unspecified else str(mapped or found)


def tcp_ports(box: Box) -> dict[int, bool]:
    """Return the TCP ports that something listens on, with whether anyone beyond the container's loopback can."""
    _, output = box.read(("cat", "/proc/net/tcp", "/proc/net/tcp6"), limit=LARGEST)
    ports: dict[int, bool] = {}
    for port in listening_ports(output.decode(errors="replace"), "tcp"):
        ports[port.number] = ports.get(port.number, False) or not port.is_local
    return ports
