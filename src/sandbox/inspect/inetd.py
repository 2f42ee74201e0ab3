"""What inetd and xinetd start when somebody connects, as their files say, and whether one of them runs. Pure.

Sources: inetd(8), xinetd.conf(5), services(5); the ports of names are IANA's, as /etc/services has them.
"""

from __future__ import annotations

import re
from posixpath import basename
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.container.snapshot import readable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.container.snapshot import Snapshot
    from sandbox.inspect.facts import Start
    from sandbox.inspect.file_changes import FileDiff

LINES: Final = re.compile(r"/etc/inetd(?:\.conf|\.d/[^/.][^/]*)")
BLOCKS: Final = re.compile(r"/etc/xinetd(?:\.conf|\.d/[^/.][^/]*)")
READERS: Final = (
    (LINES, ("inetd", "openbsd-inetd", "inetutils-inetd", "rlinetd", "xinetd")),
    (BLOCKS, ("xinetd",)),
)
"""Which services read which files; Debian's xinetd reads inetd.conf as well (-inetd_compat)."""
SERVICES: Final = "/etc/services"
PORTS: Final[Mapping[str, int]] = {
    "echo": 7,
    "discard": 9,
    "systat": 11,
    "daytime": 13,
    "netstat": 15,
    "chargen": 19,
    "ftp": 21,
    "ssh": 22,
    "telnet": 23,
    "smtp": 25,
    "time": 37,
    "whois": 43,
    "bootps": 67,
    "tftp": 69,
    "gopher": 70,
    "finger": 79,
    "http": 80,
    "pop3": 110,
    "auth": 113,
    "ident": 113,
    "nntp": 119,
    "netbios-ssn": 139,
    "imap2": 143,
    "imap": 143,
    "https": 443,
    "exec": 512,
    "biff": 512,
    "login": 513,
    "shell": 514,
    "printer": 515,
    "talk": 517,
    "ntalk": 518,
    "uucp": 540,
    "rsync": 873,
    "telnets": 992,
    "imaps": 993,
    "pop3s": 995,
    "cvspserver": 2401,
    "svn": 3690,
    "nrpe": 5666,
    "sane-port": 6566,
    "git": 9418,
    "amanda": 10080,
}
"""Ports of names, where the sandbox has no list of them, but a host has: netbase is there by its priority."""
_BLOCK: Final = re.compile(r"^[ \t]*service[ \t]+(\S+)\s*\{([^}]*)\}", re.MULTILINE)
_SETS: Final = re.compile(r"^[ \t]*(\w+)[ \t]*\+?=[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_FIELDS: Final = 6
"""Of a line of inetd.conf: service, type of socket, protocol, wait, user, program; then its words."""
EVERY: Final = frozenset(("", "*", "0.0.0.0", "[::]", "::"))  # noqa: S104 - it is only compared


class InetdEntry(Struct, frozen=True, kw_only=True):
    """A service of an inetd: the file that has it, `port` as `23/tcp`, or the name as `telnet/tcp` if it has none.

    `address` is `*` for every one. `runs` is the command, empty for what the inetd does itself.
    `inetd`: the service that a boot starts and that reads the file; empty where none does.
    """

    path: str
    port: str
    address: str
    user: str
    runs: str
    inetd: str

    @property
    def has_number(self) -> bool:
        """Whether its port is known by its number."""
        return self.port[:1].isdigit()


def program_of(runs: str) -> str:
    """Return the name of the program that a command starts: tcpd(8) checks who connects, and starts the next word."""
    words = [*map(basename, runs.split()), "", ""]
    return words[1] if words[0] == "tcpd" and words[1] else words[0]


def inetd_entries(
    difference: FileDiff, before: Mapping[str, bytes], after: Snapshot, starts: Mapping[str, Start]
) -> Iterator[InetdEntry]:
    """Yield the entries that are new; `before` are the contents of files before, `starts` how units start."""
    for path in (*difference.added, *difference.changed):
        if path in after.contents and (LINES.fullmatch(path) or BLOCKS.fullmatch(path)):
            inetd = _reader(path, starts)
            known = frozenset(_entries(path, before.get(path, b""), after, inetd))
            yield from (entry for entry in _entries(path, after.contents[path], after, inetd) if entry not in known)


def _reader(path: str, starts: Mapping[str, Start]) -> str:
    names = next(names for pattern, names in READERS if pattern.fullmatch(path))
    at_boot = {name.removesuffix(".service") for name, start in starts.items() if start.is_at_boot}
    return next((name for name in names if name in at_boot), "")


def _entries(path: str, content: bytes, after: Snapshot, inetd: str) -> Iterator[InetdEntry]:
    text = content.decode(errors="replace")
    for name, protocol, user, runs, port in _lines(text) if LINES.fullmatch(path) else _blocks(text):
        address, _, service = name.rpartition(":")
        where = "*" if address in EVERY else address.strip("[]")
        yield InetdEntry(
            path=readable(path),
            port=readable(f"{port or _number(service, protocol, after)}/{protocol}"),
            address=readable(where),
            user=readable(user),
            runs=readable(runs),
            inetd=inetd,
        )


Row = tuple[str, str, str, str, str]
"""Service, protocol, user, command, number of the port or nothing."""


def _lines(text: str) -> Iterator[Row]:
    for line in text.splitlines():
        words = line.split()
        if len(words) >= _FIELDS and not words[0].startswith(("#", "<")):
            name, _, protocol, _, user, program = words[:_FIELDS]
            arguments = words[_FIELDS + (basename(program) != "tcpd") :]  # the first word is the program's own name
            runs = "" if program == "internal" else " ".join((program, *arguments))
            yield name, _protocol(protocol), re.split(r"[.:/]", user)[0], runs, ""


def _blocks(text: str) -> Iterator[Row]:
    plain = re.sub(r"^[ \t]*#.*$", "", text, flags=re.MULTILINE)
    for name, body in _BLOCK.findall(plain):
        said = dict(_SETS.findall(body))
        if said.get("disable", "no").lower() in ("yes", "true", "1"):
            continue
        kind = "udp" if said.get("socket_type") == "dgram" else "tcp"
        address = said.get("bind") or said.get("interface") or ""
        runs = f"{said.get('server', '')} {said.get('server_args', '')}".strip()
        protocol = _protocol(said.get("protocol", kind))
        yield f"{address}:{name}", protocol, said.get("user", "root"), runs, said.get("port", "")


def _protocol(text: str) -> str:
    """Return `tcp` or `udp` of `tcp6`, `udp,sndbuf=16k`, or `rpc/udp` as it is: the kernel chooses its port."""
    found = re.match(r"(tcp|udp)(?:6|46|4)?\b", text)
    return found[1] if found else text


def _number(service: str, protocol: str, after: Snapshot) -> str:
    if service.isdigit():
        return service
    text = after.contents.get(SERVICES, b"").decode(errors="replace")
    listed = {
        name: words[1].partition("/")[0]
        for line in text.splitlines()
        if len(words := line.partition("#")[0].split()) > 1 and words[1].endswith(f"/{protocol}")
        for name in (words[0], *words[2:])
    }
    is_known = protocol in ("tcp", "udp") and service in PORTS
    return listed.get(service) or (str(PORTS[service]) if is_known else service)
