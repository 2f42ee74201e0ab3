"""How the SDK reaches an engine: the docker CLI's context, TLS from the environment, and the first request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import docker
from docker.context import ContextAPI
from docker.utils import kwargs_from_env

from sandbox.engine.docker.client import DockerEngine
from sandbox.engine.docker.failures import translated
from sandbox.engine.ssh import local_socket
from sandbox.errors import NoEngine

if TYPE_CHECKING:
    from collections.abc import Mapping


def context_endpoint(name: str) -> tuple[str, Any]:
    """Return the URL and the TLS settings of a docker CLI context; raise NoEngine where there is none of that name."""
    with translated(f"read the docker context {name}"):
        context = ContextAPI.get_context(name)
    if context is None:
        message = f"docker has no context {name}"
        raise NoEngine(message, hints=["docker context ls"])
    return str(context.Host or "unix:///var/run/docker.sock"), getattr(context, "TLSConfig", None) or False


def connect(url: str, *, environ: Mapping[str, str], tls: Any = False, timeout: float = 60.0) -> DockerEngine:
    """Return an engine that has answered; raise NoEngine or EngineTimeout where none does."""
    if not tls and url.startswith(("tcp://", "https://")) and environ.get("DOCKER_TLS_VERIFY"):
        tls = kwargs_from_env({**environ, "DOCKER_HOST": url}).get("tls", False)
    if url.startswith("ssh://"):
        return DockerEngine(local_socket(url), name=url, timeout=timeout)
    return DockerEngine(url, tls=tls, timeout=timeout)


VERSION = str(docker.__version__)
"""The SDK's version, for reports."""
