"""The host's proxies and CA certificates, for the provisioning steps only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from sandbox.errors import UsageError
from sandbox.lifecycle.scratch import SCRATCH

if TYPE_CHECKING:
    from collections.abc import Mapping

PROXIES: Final = ("http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy")
BUNDLE_NAMED_BY: Final = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT", "NODE_EXTRA_CA_CERTS")
"""Variables with a user's bundle of certificates, in order of priority."""
BUNDLE_READ_BY: Final = (*BUNDLE_NAMED_BY, "GIT_SSL_CAINFO", "CARGO_HTTP_CAINFO", "NIX_SSL_CERT_FILE", "AWS_CA_BUNDLE")
"""Variables that tell programs in a sandbox where the bundle is."""
LOCAL_ANCHORS: Final = ("/usr/local/share/ca-certificates", "/etc/pki/ca-trust/source/anchors", "/etc/ca-certificates/trust-source/anchors")  # fmt: skip  # noqa: E501
"""Folders for a company's own certificates (update-ca-certificates(8), update-ca-trust(8))."""
SYSTEM_BUNDLES: Final = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
INSIDE: Final = f"{SCRATCH}/ca.pem"
LARGEST: Final = 8_000_000


class HostNetwork(Struct, frozen=True, kw_only=True):
    """The proxy variables and the PEM bundle, each with its origin."""

    proxies: Mapping[str, str] = field(default_factory=dict)
    bundle: bytes | None = None
    bundle_from: str = ""

    @property
    def env(self) -> dict[str, str]:
        """The environment that a provisioning step gets."""
        certificates = dict.fromkeys(BUNDLE_READ_BY, INSIDE) if self.bundle is not None else {}
        return {**self.proxies, **certificates}


def host_network(environ: Mapping[str, str], *, ca: str | None = None) -> HostNetwork:
    """Return what this host needs to reach the network. Raises UsageError if a named bundle can't be read."""
    proxies = {}
    for name in PROXIES:
        value = environ.get(name) or environ.get(name.upper())
        if value:
            proxies[name] = proxies[name.upper()] = value
    path, source = _bundle(environ, ca)
    return HostNetwork(proxies=proxies, bundle=_read(path, source) if path else None, bundle_from=source)


def _bundle(environ: Mapping[str, str], ca: str | None) -> tuple[Path | None, str]:
    if ca:
        return Path(ca), "the setting ca"
    for name in BUNDLE_NAMED_BY:
        if environ.get(name) and Path(environ[name]).is_file():
            return Path(environ[name]), name
    if any(_certificates(Path(folder)) for folder in LOCAL_ANCHORS):
        found = next((Path(path) for path in SYSTEM_BUNDLES if Path(path).is_file()), None)
        return found, f"{found}, which holds certificates of your own"
    return None, ""


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
