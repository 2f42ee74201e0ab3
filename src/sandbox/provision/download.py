"""A file from an address: https only, from public networks only, with bounds, into a file that has no name.

Whoever shares a spec chooses the address, and we ask from the user's own machine: so each address that a name stands
for is checked, of a redirect too, and the connection goes to the very address that was checked (RFC 6890, RFC 6052).
"""

from __future__ import annotations

import hashlib
import http.client
import ipaddress
import re
import socket
import ssl
import tempfile
from contextlib import closing
from typing import IO, TYPE_CHECKING, Final
from urllib.parse import SplitResult, unquote, urljoin, urlsplit, urlunsplit

from sandbox.core.plaintext import plain_line
from sandbox.errors import Advice, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.provision.network import HostNetwork

    Addresses = Sequence[str]
    Resolve = Callable[[str, int], Addresses]

LARGEST: Final = 2_000_000_000
"""Most bytes of a file from an address."""
CHUNK: Final = 1 << 18
LIMIT: Final = 60.0
"""Seconds within which a server must send something."""
REDIRECTS: Final = 5
MOVED: Final = (301, 302, 303, 307, 308)
NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
LOCAL: Final = "local-url"
"""The grant that lets an address be of a network of one's own."""


def refusal_of_url(url: str) -> str:
    """Return why an address is not asked at all, empty for one that may be."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is no address"
    if parts.scheme != "https":
        return f"begins with {plain_line(parts.scheme, 20)}://, and only https:// is taken"
    if not host:
        return "names no server"
    if parts.username or parts.password:
        return "holds a user's name or password, which a script or a lock would show"
    if not url.isascii() or not url.isprintable() or re.search(r"\s", url):
        return "has characters that an address must escape"
    return ""


def refusal_of_ip(text: str) -> str:
    """Return the kind of network that an IP address is of, if it is not a public one; else an empty text."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return "no network"
    inner = _inner_addresses(address)
    for one in (address, *inner):
        kinds = {
            "this host's loopback": one.is_loopback,
            "a link-local network": one.is_link_local,
            "no network": one.is_unspecified,
            "a multicast group": one.is_multicast,
            "a private network": getattr(one, "is_site_local", False)
            or (not one.is_global and one not in _carriers(one, inner)),
        }
        if kind := next((kind for kind, is_one in kinds.items() if is_one), ""):
            return kind
    return ""


def _carriers(one: ipaddress.IPv4Address | ipaddress.IPv6Address, inner: Sequence[object]) -> tuple[object, ...]:
    """Return the address itself where it only carries another, which is judged by itself."""
    return (one,) if inner and one.version == 6 else ()  # noqa: PLR2004 - IPv6


def _inner_addresses(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> tuple[ipaddress.IPv4Address, ...]:
    """Return the IPv4 addresses that an IPv6 address leads to: mapped, compatible, 6to4, Teredo, NAT64."""
    if isinstance(address, ipaddress.IPv4Address):
        return ()
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in NAT64 or (int(address) >> 32 == 0 and int(address) > 1):
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return tuple(one for one in found if one is not None)


def fetch(
    url: str,
    *,
    network: HostNetwork,
    allows_local: bool = False,
    largest: int = LARGEST,
    resolve: Resolve | None = None,
) -> tuple[IO[bytes], str, int]:
    """Return what an address serves: a file without a name, its SHA-256 in hexadecimal, its bytes.

    Raise UsageError with the reason for what is not taken or can't be had.
    """
    asked = url
    for _ in range(REDIRECTS + 1):
        _check(asked, url)
        try:
            connection = _connection_to(urlsplit(asked), network, resolve or _addresses_of, allows_local=allows_local)
            with closing(connection) as open_one, closing(_answer(open_one, urlsplit(asked))) as answer:
                if answer.status not in MOVED:
                    return _content(answer, url, largest)
                asked = urljoin(asked, answer.getheader("Location") or "")
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = (isinstance(error, OSError) and error.strerror) or str(error) or type(error).__name__
            raise _download_error(url, reason) from error
    raise _download_error(url, f"it redirects more than {REDIRECTS} times")


def _check(asked: str, url: str) -> None:
    if reason := refusal_of_url(asked):
        shown = plain_line(asked, 120)
        where = "" if asked == url else f" (where {plain_line(url, 120)} leads)"
        local = urlsplit(asked).path if asked == url and asked.startswith("file:") else ""
        raise UsageError(f"{shown}{where} {reason}", hints=[Advice.mend((url, unquote(local)))] if local else [])


def _addresses_of(host: str, port: int) -> Addresses:
    rows = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(row[4][0]) for row in rows))


class _Pinned(http.client.HTTPSConnection):
    """A connection to addresses that were checked, whatever the name stands for a moment later."""

    def __init__(self, host: str, port: int, addresses: Addresses, context: ssl.SSLContext) -> None:
        super().__init__(host, port, timeout=LIMIT, context=context)
        self._addresses, self._tls = addresses, context
        self.sock = None

    def connect(self) -> None:
        """Connect to the first address that answers."""
        failed: OSError = OSError("it has no address")
        for address in self._addresses:
            try:
                plain = socket.create_connection((address, self.port), timeout=LIMIT)
            except OSError as error:
                failed = error
                continue
            try:
                self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
            except BaseException:
                plain.close()
                raise
            return
        raise failed


def _connection_to(
    parts: SplitResult, network: HostNetwork, resolve: Resolve, *, allows_local: bool
) -> http.client.HTTPSConnection:
    """Return a connection to the server of an address, through the user's proxy where there is one."""
    host, port = parts.hostname or "", parts.port or 443
    proxy = _proxy_for(host, network.proxies)
    try:
        addresses = resolve(host, port)
    except OSError:
        if not proxy:
            raise
        addresses = ()  # only the proxy knows the name
    for address in addresses:
        kind = refusal_of_ip(address)
        if kind and not allows_local:
            message = f"{plain_line(host, 80)} is {address}, which is of {kind}"
            raise UsageError(message, hints=[Advice.again("--allow", LOCAL, after=", if you trust the address")])
    context = ssl.create_default_context()
    if network.bundle:
        context.load_verify_locations(cadata=network.bundle.decode("ascii", "ignore"))
    if not proxy:
        return _Pinned(host, port, addresses, context)
    through = urlsplit(proxy if "//" in proxy else f"//{proxy}")
    found = http.client.HTTPSConnection(through.hostname or "", through.port or 3128, timeout=LIMIT, context=context)
    found.set_tunnel(host, port)
    return found


def _proxy_for(host: str, proxies: Mapping[str, str]) -> str:
    without = [word.strip().lstrip(".") for word in proxies.get("no_proxy", "").split(",") if word.strip()]
    if any(word in ("*", host) or host.endswith(f".{word}") for word in without):
        return ""
    return proxies.get("https_proxy", "")


def _answer(connection: http.client.HTTPSConnection, parts: SplitResult) -> http.client.HTTPResponse:
    path = urlunsplit(("", "", parts.path or "/", parts.query, ""))
    connection.request("GET", path, headers={"User-Agent": "sandbox", "Accept-Encoding": "identity"})
    return connection.getresponse()


def _content(answer: http.client.HTTPResponse, url: str, largest: int) -> tuple[IO[bytes], str, int]:
    if answer.status != http.client.OK:
        raise _download_error(url, f"the server answers {answer.status} {plain_line(answer.reason, 60)}")
    said = answer.getheader("Content-Length") or ""
    total = int(said) if said.isascii() and said.isdigit() else 0
    if total > largest:
        raise _too_large(url, largest)
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the caller reads it later
    try:
        sha256, done = _copy(answer, file, url, (total, largest))
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file, sha256, done


def _copy(answer: http.client.HTTPResponse, file: IO[bytes], url: str, sizes: tuple[int, int]) -> tuple[str, int]:
    """Copy an answer of a size, 0 for an unknown one, and at most another; return its SHA-256 and its bytes."""
    digest, done, (total, largest) = hashlib.sha256(), 0, sizes
    while piece := answer.read(CHUNK):
        done += len(piece)
        if done > largest:
            raise _too_large(url, largest)
        digest.update(piece)
        file.write(piece)
    if total and done != total:
        raise _download_error(url, f"the connection ended after {done} of {total} bytes")
    return digest.hexdigest(), done


def _too_large(url: str, largest: int) -> UsageError:
    return UsageError(f"{plain_line(url, 120)} is larger than {largest / 1e9:g} GB")


def _download_error(url: str, reason: str) -> UsageError:
    shown = plain_line(url, 200)
    return UsageError(
        f"could not download {shown}",
        details=[("because", plain_line(reason, 200))],
        hints=[Advice.program("curl", "-fLO", shown), Advice.sandbox("doctor")],
    )
