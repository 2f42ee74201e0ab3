"""The open ports in a sandbox, from the kernel's tables of sockets (proc(5), net/tcp)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.container.box import Box

TCP_LISTENS: Final = "0A"
STATES: Final = {"tcp": TCP_LISTENS, "udp": "07"}
"""The states of waiting sockets (include/net/tcp_states.h); for UDP, a socket without a peer."""
CHOSEN: Final = (32768, 60999)
"""The first and the last port that the kernel gives to who asks for none, where nothing else is set
(ip_local_port_range in Documentation/networking/ip-sysctl.rst)."""
LARGEST: Final = 4_000_000
_ROW: Final = re.compile(r"\s*\d+: ([0-9A-F]{8}(?:[0-9A-F]{24})?):([0-9A-F]{4}) [0-9A-F]+:[0-9A-F]+ ([0-9A-F]{2}) ")

PortChoice = Literal["", "own", "kernel"]


class ListeningPort(Struct, frozen=True, kw_only=True, order=True):
    """A port that something listens on; `address` as `127.0.0.1`, `::1`, `*` for all.

    `choice`: whose the number is, where whoever listens was started twice to see that.
    """

    number: int
    protocol: str
    address: str
    choice: PortChoice = ""

    @property
    def is_local(self) -> bool:
        """Whether only the container's own loopback can reach it."""
        return self.address == "::1" or self.address.startswith("127.")


def listening_ports(table: str, protocol: str) -> Iterator[ListeningPort]:
    """Yield the open ports in the text of a `tcp` or `udp` table, for IPv4 or IPv6."""
    for line in table.split("\n"):
        match = _ROW.match(line)
        if match and match[3] == STATES.get(protocol):
            yield ListeningPort(number=int(match[2], 16), protocol=protocol, address=address(match[1]))


def port_range(text: str) -> tuple[int, int]:
    """Return the range in ip_local_port_range, or the default if the text has none."""
    words = text.split()
    return (int(words[0]), int(words[1])) if len(words) == 2 and all(map(str.isdecimal, words)) else CHOSEN  # noqa: PLR2004


def compare_starts(first: Iterable[ListeningPort], second: Iterable[ListeningPort]) -> frozenset[ListeningPort]:
    """Return the ports of a first start; those that are others in a second start were chosen by the kernel.

    Both are ports that the kernel may choose. One that the second start lacks, without another in its place, proves
    nothing: on a busy machine squid had opened no TCP port yet.
    """
    ports = frozenset(first)
    again = {(port.number, port.protocol) for port in second}
    others = {protocol for _, protocol in again - {(port.number, port.protocol) for port in ports}}
    return frozenset(
        replace(port, choice="own")
        if (port.number, port.protocol) in again
        else replace(port, choice="kernel")
        if port.protocol in others
        else port
        for port in ports
    )


def address(digits: str) -> str:
    """Return an address of such a table; its 32-bit words have the machine's byte order, here little endian."""
    import ipaddress

    raw = b"".join(bytes.fromhex(digits[at : at + 8])[::-1] for at in range(0, len(digits), 8))
    found = ipaddress.ip_address(raw)
    # Java listens on ::ffff:127.0.0.1 for 127.0.0.1: without this it counted as reachable from outside.
    mapped = getattr(found, "ipv4_mapped", None)
    return "*" if found.is_unspecified else str(mapped or found)


def tcp_ports(box: Box) -> dict[int, bool]:
    """Return the TCP ports that listen, and whether they are reachable from outside of the container."""
    _, output = box.read(("cat", "/proc/net/tcp", "/proc/net/tcp6"), limit=LARGEST)
    ports: dict[int, bool] = {}
    for port in listening_ports(output.decode(errors="replace"), "tcp"):
        ports[port.number] = ports.get(port.number, False) or not port.is_local
    return ports
