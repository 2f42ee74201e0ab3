"""Connects the SDK to an engine: certificates of a context or the environment, and the first request."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from docker.tls import TLSConfig

from sandbox.engine.docker.client import DockerEngine
from sandbox.engine.docker.errors import translate_errors
from sandbox.engine.dockercli import Config, absolute, config_folder, read_config
from sandbox.engine.ssh import open_tunnel
from sandbox.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.engine.dockercli import Endpoint


def connect(
    url: str, *, environ: Mapping[str, str], endpoint: Endpoint | None = None, timeout: float = 60.0
) -> DockerEngine:
    """Return a connected engine. Raises NoEngine or EngineTimeout."""
    config = _config(environ)
    context = endpoint.name if endpoint is not None else ""
    if url.startswith("ssh://"):
        tunnel = open_tunnel(url)
        there, url = f"unix://{tunnel.socket}", tunnel.url
        own = {"DOCKER_HOST": there}
        return DockerEngine(
            there, name=url, config=config, environ=environ, timeout=timeout, context=context, reach=own
        )
    with translate_errors(f"use the certificates for {url}"):
        tls = _tls(url, environ, endpoint)
    place = with_port(url, is_tls=bool(tls))
    reach = _reach(place, environ, endpoint, is_tls=bool(tls))
    return DockerEngine(place, tls=tls, config=config, environ=environ, timeout=timeout, context=context, reach=reach)


def with_port(url: str, *, is_tls: bool) -> str:
    """Return a URL over TCP with the port that docker takes where it has none (docker(1), --host)."""
    parts = urlsplit(url)
    if parts.scheme != "tcp" or parts.netloc.rpartition("]")[2].rpartition(":")[2].isdecimal():
        return url
    return f"tcp://{parts.netloc.rstrip(':')}:{2376 if is_tls else 2375}{parts.path}"


def _config(environ: Mapping[str, str]) -> Config:
    """Return the docker CLI's configuration; if its folder is invalid, only logins are missing."""
    try:
        return read_config(environ)
    except UsageError as error:
        return Config(path="DOCKER_CONFIG", problem=f"is not used: {error.brief}")


def _tls(url: str, environ: Mapping[str, str], endpoint: Endpoint | None) -> TLSConfig | bool:
    """Return the certificates of a context, else those of DOCKER_TLS_VERIFY; the SDK checks that they exist."""
    if not url.startswith(("tcp://", "https://")):
        return False
    if endpoint is not None and (endpoint.certificates or endpoint.skip_verify):
        found = endpoint.certificates
        client = (found["cert"], found["key"]) if {"cert", "key"} <= set(found) else None
        return TLSConfig(client_cert=client, ca_cert=found.get("ca"), verify=not endpoint.skip_verify)
    if not environ.get("DOCKER_TLS_VERIFY"):
        return False
    folder = absolute(environ, "DOCKER_CERT_PATH") or config_folder(environ)
    pair = (str(folder / "cert.pem"), str(folder / "key.pem"))
    return TLSConfig(client_cert=pair, ca_cert=str(folder / "ca.pem"), verify=True)


def _reach(
    url: str, environ: Mapping[str, str], endpoint: Endpoint | None, *, is_tls: bool
) -> Mapping[str, str] | None:
    """Return the variables by which the docker CLI reaches the same engine; None where there are none for it."""
    if not is_tls:
        return {"DOCKER_HOST": url} if url.startswith(("unix://", "tcp://")) else None
    if endpoint is not None and (endpoint.certificates or endpoint.skip_verify):
        folders = {str(Path(path).parent) for path in endpoint.certificates.values()}
        if endpoint.skip_verify or len(folders) != 1:
            return None
        return {"DOCKER_HOST": url, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": folders.pop()}
    folder = absolute(environ, "DOCKER_CERT_PATH") or config_folder(environ)
    return {"DOCKER_HOST": url, "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": str(folder)}
