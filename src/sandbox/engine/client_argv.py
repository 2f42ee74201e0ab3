"""The command line of the engine's own client that reaches this engine from this host."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sandbox.engine.dockercli import DEFAULT_HOST, read_config
from sandbox.engine.ssh import host_argv
from sandbox.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

CHOICE: Final = {"docker": "-H", "podman": "--url"}
"""The client's option for another engine than its default (docker(1), podman(1))."""


def client_argv(name: str, url: str, environ: Mapping[str, str], *, context: str = "") -> tuple[str, ...]:
    """Return the words up to the client's verb, as `docker` or `ssh build1 podman --url unix:///run/podman/podman.sock`.

    `name`: docker or podman. `context`: the docker context that led to the engine. An engine of another host is asked
    there: this one need not have its client.
    """
    if context:
        return ("docker",) if _own_docker(environ) == f"context://{context}" else ("docker", "--context", context)
    if url.startswith("ssh://"):
        path = urlsplit(url).path
        return (*host_argv(url), name, *((CHOICE[name], f"unix://{path}") if len(path) > 1 else ()))
    if name == "podman":
        return (name,) if url == _own_podman(environ) else (name, CHOICE[name], _plain(url))
    return (
        (name,) if url == _own_docker(environ) else (name, *(["--tls"] * url.startswith("https://")), "-H", _plain(url))
    )


def _own_docker(environ: Mapping[str, str]) -> str:
    """Return the docker CLI's default engine, as a URL or `context://NAME`."""
    if environ.get("DOCKER_HOST"):
        return environ["DOCKER_HOST"]
    try:
        context = environ.get("DOCKER_CONTEXT") or read_config(environ).context
    except UsageError:  # an invalid folder of its configuration
        context = ""
    return DEFAULT_HOST if context in ("", "default") else f"context://{context}"


def _own_podman(environ: Mapping[str, str]) -> str:
    """Return Podman's default socket: root's, or the user's own."""
    if os.geteuid() == 0:
        return "unix:///run/podman/podman.sock"
    return f"unix://{environ.get('XDG_RUNTIME_DIR') or f'/run/user/{os.getuid()}'}/podman/podman.sock"


def _plain(url: str) -> str:
    """Return a URL as the clients accept it: they don't know http."""
    scheme, _, place = url.partition("://")
    return f"tcp://{place}" if scheme in ("http", "https") else url
