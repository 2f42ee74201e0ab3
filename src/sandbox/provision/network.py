"""The host's proxies and CA certificates, for the provisioning steps only."""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from sandbox.engine.dockercli import DEFAULT_HOST, read_config
from sandbox.engine.peer import is_this_host
from sandbox.errors import Advice, SandboxError, UsageError
from sandbox.lifecycle.scratch import SCRATCH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.engine.protocol import Engine

PROXIES: Final = ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy")
BUNDLE_NAMED_BY: Final = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT")
"""Variables with a user's bundle of certificates, which replaces a program's own; in order of priority."""
ADDED_BY: Final = ("NODE_EXTRA_CA_CERTS",)
"""Variables whose certificates are added to a program's own: a file of theirs may hold a company's alone."""
BUNDLE_READ_BY: Final = (
    *BUNDLE_NAMED_BY,
    *("GIT_SSL_CAINFO", "CARGO_HTTP_CAINFO", "NIX_SSL_CERT_FILE", "AWS_CA_BUNDLE"),
    *ADDED_BY,
)
"""Variables that tell programs in a sandbox where the bundle is."""
DOCKER_NAMES: Final = {
    "http_proxy": "httpProxy",
    "https_proxy": "httpsProxy",
    "ftp_proxy": "ftpProxy",
    "no_proxy": "noProxy",
    "all_proxy": "allProxy",
}
"""The keys of `proxies` in the docker CLI's config.json (https://docs.docker.com/engine/cli/proxy/)."""
LOCAL_ANCHORS: Final = ("/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source/anchors", "/etc/ca-certificates/trust-source/anchors")  # fmt: skip  # noqa: E501
"""Folders for a company's own certificates (update-ca-certificates(8), update-ca-trust(8))."""
SYSTEM_BUNDLES: Final = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
INSIDE: Final = f"{SCRATCH}/ca.pem"
LARGEST: Final = 8_000_000
USUAL_PORT: Final = 1080
PATIENCE: Final = 2.0
"""Seconds that a proxy of this host has to accept a connection."""


class HostNetwork(Struct, frozen=True, kw_only=True):
    """The proxy variables and the PEM bundle, with its origin.

    `is_whole`: the bundle can take the place of a program's own certificates; else it holds only some more.
    """

    proxies: Mapping[str, str] = field(default_factory=dict)
    bundle: bytes | None = None
    bundle_from: str = ""
    is_whole: bool = True

    @property
    def env(self) -> dict[str, str]:
        """The environment that a provisioning step gets."""
        readers = BUNDLE_READ_BY if self.is_whole else ADDED_BY
        certificates = dict.fromkeys(readers, INSIDE) if self.bundle is not None else {}
        return {**self.proxies, **certificates}

    @property
    def loopback_proxies(self) -> dict[str, str]:
        """Those of its proxies that listen on this host's loopback, which no other network reaches."""
        names = (name for name in PROXIES if name != "no_proxy")
        return {name: self.proxies[name] for name in names if _is_loopback(self.proxies.get(name, ""))}


def host_network(environ: Mapping[str, str], *, ca: str | None = None) -> HostNetwork:
    """Return what this host needs to reach the network. Raises UsageError if a named bundle can't be read.

    A proxy is that of a variable, else that of the docker CLI's configuration, which its containers get.
    """
    usual = _docker_proxies(environ)
    proxies = {}
    for name in PROXIES:
        value = environ.get(name) or environ.get(name.upper()) or usual.get(DOCKER_NAMES[name])
        if value:
            proxies[name] = proxies[name.upper()] = value
    parts, source, is_whole = _bundle(environ, ca)
    bundle = b"\n".join(_read(path, source) for path in parts) if parts else None
    return HostNetwork(proxies=proxies, bundle=bundle, bundle_from=source, is_whole=is_whole)


def sandbox_network(
    environ: Mapping[str, str], engine: Engine, *, ca: str | None = None, shares_host: bool = False
) -> HostNetwork:
    """Return the same for a sandbox on an engine's own network: it reaches this host's loopback by the bridge.

    Only where it listens at the bridge's address, too. `shares_host`: it has this host's own network. Raises what
    `host_network` raises.
    """
    network = host_network(environ, ca=ca)
    if shares_host or not network.loopback_proxies or not (address := engine.bridge_address()):
        return network
    reached = {
        name: with_address(value, address)
        for name, value in network.loopback_proxies.items()
        if is_open(address, _port_of(value))
    }
    return replace(network, proxies={**network.proxies, **reached, **{key.upper(): reached[key] for key in reached}})


def with_address(proxy: str, address: str) -> str:
    """Return a proxy's URL, or HOST:PORT, with another host."""
    scheme, slashes, rest = proxy.rpartition("//")
    user, at, place = rest.rpartition("@")
    port = re.match(r"(?:\[[^]]*\]|[^:/]*)(.*)", place)
    return f"{scheme}{slashes}{user}{at}{address}{port[1] if port else ''}"


def _port_of(proxy: str) -> int:
    """Return the port of a proxy's URL; without one, that of curl (curl(1), --proxy)."""
    found = re.search(r":(\d{1,5})/?$", proxy)
    return int(found[1]) if found else USUAL_PORT


def is_open(address: str, port: int) -> bool:
    """Return whether something listens at an address of this host."""
    try:
        with socket.socket() as probe:
            probe.bind((address, 0))  # an address of another host can't be bound
        with socket.create_connection((address, port), PATIENCE):
            return True
    except (OSError, OverflowError):
        return False


def _docker_proxies(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return `proxies` of the docker CLI's config.json, for the engine that DOCKER_HOST names, or for each."""
    config = read_config(environ)
    return config.proxies.get(environ.get("DOCKER_HOST") or DEFAULT_HOST) or config.proxies.get("default", {})


def _is_loopback(proxy: str) -> bool:
    """Return whether a proxy's URL, or HOST:PORT, leads to this host itself."""
    place = proxy.rpartition("//")[2].rpartition("@")[2].partition("/")[0]
    return is_this_host(place.partition("]")[0].lstrip("[") if place.startswith("[") else place.partition(":")[0])


def _bundle(environ: Mapping[str, str], ca: str | None) -> tuple[tuple[Path, ...], str, bool]:
    """Return the files whose certificates are brought, who names them, and whether they are all that is needed."""
    added = tuple(name for name in ADDED_BY if environ.get(name) and Path(environ[name]).is_file())
    more = tuple(Path(environ[name]) for name in added)
    if ca:
        return (Path(ca),), "the setting ca", True
    for name in BUNDLE_NAMED_BY:
        if environ.get(name) and Path(environ[name]).is_file():
            return (Path(environ[name]), *more), " and ".join([name, *added]), True
    system = next((Path(path) for path in SYSTEM_BUNDLES if Path(path).is_file()), None)
    if more:
        return (*([system] if system else []), *more), " and ".join(added), system is not None
    if system and any(_certificates(Path(folder)) for folder in LOCAL_ANCHORS):
        return (system,), f"{system}, which holds certificates of your own", True
    return (), "", True


def proxy_warning(network: HostNetwork) -> SandboxError | None:
    """Return what to say before an install whose proxy no sandbox can reach, None where there is none."""
    found = network.loopback_proxies
    if not found:
        return None
    name, value = next(iter(found.items()))
    message = f"{name} is a proxy on this host's loopback, which a sandbox can't reach: an install through it fails"
    return SandboxError(
        message,
        details=[(name, without_password(value))],
        hints=[
            Advice.say(f"let the proxy listen on another address of this host, and name that in {name}"),
            Advice.sandbox("try", "...", "--network", "host", after=", which shares this host's loopback"),
        ],
    )


def without_password(proxy: str) -> str:
    """Return a proxy's URL without its user and password."""
    scheme, slashes, rest = proxy.rpartition("//")
    _, at, place = rest.rpartition("@")
    return f"{scheme}{slashes}{'***@' if at else ''}{place}"


def _certificates(folder: Path) -> bool:
    try:
        return any(path.suffix in (".crt", ".pem") for path in folder.rglob("*"))
    except OSError:
        return False


def _read(path: Path, source: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(LARGEST)
    except OSError as error:
        message = f"can't read the CA bundle {path}: {error.strerror}"
        raise UsageError(message, details=[("set by", source)]) from error
