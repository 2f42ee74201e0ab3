"""Finds an engine: where to look, in which order, and the error if none answers."""

from __future__ import annotations

import os
import re
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from msgspec import Struct

from sandbox.core.paths import home
from sandbox.engine.dockercli import Endpoint, endpoint, read_config
from sandbox.engine.peer import LOCAL, UNANSWERED, is_this_host, listens_here
from sandbox.errors import Advice, EngineError, NoEngine, SandboxError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.engine.begun import Begun
    from sandbox.engine.protocol import Engine

SCHEMES: Final = ("unix://", "tcp://", "http://", "https://", "ssh://")
IN_A_HOME: Final[Mapping[str, str]] = {
    ".docker/run/docker.sock": "Docker Desktop",
    ".docker/desktop/docker.sock": "Docker Desktop for Linux",
    ".colima/default/docker.sock": "colima",
    ".orbstack/run/docker.sock": "OrbStack",
    ".rd/docker.sock": "Rancher Desktop",
    ".lima/docker/sock/docker.sock": "lima",
}
"""Sockets of engines in a virtual machine, below the user's home, where their own documentation says they are."""


class EngineAddress(Struct, frozen=True, kw_only=True):
    """A place where an engine may answer. `chosen`: the user named it, so no other place is tried."""

    url: str
    source: str
    chosen: bool = False
    endpoint: Endpoint | None = None
    """The name of a docker context, which may have certificates."""


def places(environ: Mapping[str, str], *, chosen: tuple[str, str] | None = None) -> Iterator[EngineAddress]:
    """Yield the places in order; a place that the user named (`chosen`: a URL and its origin) is the only one."""
    if chosen is not None:
        yield _address_of(*chosen, environ)
        return
    if environ.get("DOCKER_HOST"):
        yield _address_of(environ["DOCKER_HOST"], "DOCKER_HOST", environ)
        return
    context = _active_context(environ)
    if context is not None:
        yield _address_of(f"context://{context}", f"docker context {context}", environ)
        return
    yield EngineAddress(url="unix:///var/run/docker.sock", source="the default socket")
    yield from _user_sockets(environ)


def _user_sockets(environ: Mapping[str, str]) -> Iterator[EngineAddress]:
    runtime = environ.get("XDG_RUNTIME_DIR", "")  # the XDG rules ignore a relative path
    runtime = runtime if runtime.startswith("/") else f"/run/user/{os.getuid()}"
    yield EngineAddress(url=f"unix://{runtime}/docker.sock", source="rootless docker")
    for name, source in IN_A_HOME.items():
        path = home(environ) / name
        if path.is_socket() or (sys.platform == "darwin" and source == "Docker Desktop"):
            yield EngineAddress(url=f"unix://{path}", source=source)
    yield EngineAddress(url=f"unix://{runtime}/podman/podman.sock", source="rootless podman")
    yield EngineAddress(url="unix:///run/podman/podman.sock", source="podman")


def _address_of(url: str, source: str, environ: Mapping[str, str]) -> EngineAddress:
    """Return the place of a URL; a bare word is the name of a docker context."""
    is_word = bool(url) and "/" not in url and ":" not in url
    if url.startswith("context://") or is_word:
        try:
            found = endpoint(url.removeprefix("context://"), environ)
        except NoEngine as error:
            if is_word:
                raise _unreachable(url, source) from error
            raise
        return EngineAddress(url=_check_url(found.host, source), source=source, chosen=True, endpoint=found)
    return EngineAddress(url=_check_url(url, source), source=source, chosen=True)


def _check_url(url: str, source: str) -> str:
    """Return a URL that can be reached; `host:2375` is one over TCP, as docker takes it (docker(1), --host)."""
    if re.fullmatch(r"([\w.-]+|\[[\da-fA-F:]+\])?:\d{1,5}", url):
        url = f"tcp://{'localhost' * url.startswith(':')}{url}"
    scheme, _, place = url.partition("://")
    if url.startswith(SCHEMES) and place and (scheme != "unix" or place.startswith("/")):
        return url
    raise _unreachable(url, source)


def _unreachable(url: str, source: str) -> UsageError:
    message = f"{source} is not an engine that sandbox can use: {url or '(empty)'}"
    expected = "unix:///path/to/socket, ssh://host, tcp://host:port, or the name of a docker context"
    return UsageError(message, details=[("expected", expected)])


def _active_context(environ: Mapping[str, str]) -> str | None:
    """Return the docker CLI's active context, None for the default one (docker/cli docs, `docker context use`)."""
    name = environ.get("DOCKER_CONTEXT") or read_config(environ).context
    return None if name in ("", "default") else name


def silent_reason(url: str) -> str | None:
    """Return why a socket does not answer, or None if it accepts a connection (the SDK checks tcp)."""
    if not url.startswith("unix://"):
        return None
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(UNANSWERED)
        try:
            probe.connect(url.removeprefix("unix://"))
        except FileNotFoundError:
            return "no such file"
        except PermissionError:
            return "permission denied"
        except ConnectionRefusedError:
            return "nothing listens there"
        except (OSError, ValueError) as error:
            return str(error)
    return None


def is_here(
    environ: Mapping[str, str], *, chosen: tuple[str, str] | None = None, listeners: tuple[str, ...] = LOCAL
) -> bool:
    """Return whether the engine that will be used surely has the files and devices of this host.

    One behind a tunnel or in a machine of its own has others, and so has one outside of the container that we are in:
    its process is none that can be seen here (unix(7), SO_PEERCRED).
    """
    return listens_here(_first_url(environ, chosen), listeners)


def other_host(environ: Mapping[str, str], *, chosen: tuple[str, str] | None = None) -> str:
    """Return the host of the engine that will be used where that surely is another one, else ""."""
    host = urlsplit(_first_url(environ, chosen)).hostname or ""
    return "" if is_this_host(host) else host


def _first_url(environ: Mapping[str, str], chosen: tuple[str, str] | None) -> str:
    """Return the URL of the engine that will be used, "" where none is found."""
    try:
        found = next((place for place in places(environ, chosen=chosen) if silent_reason(place.url) is None), None)
    except SandboxError:
        return ""
    return found.url if found else ""


def find_engine(
    environ: Mapping[str, str],
    *,
    chosen: tuple[str, str] | None = None,
    timeout: float = 60.0,
    begun: Begun | None = None,
) -> Engine:
    """Return the first engine that answers. Raises NoEngine with all attempts and the next step.

    `begun` is a container that was begun ahead, by an engine of which all is known that is asked here.
    """
    tried: list[tuple[EngineAddress, str]] = []
    for place in places(environ, chosen=chosen):
        reason = silent_reason(place.url)
        if reason is None:
            try:
                return _connect(place, environ, timeout, begun)
            except EngineError as error:
                reason = plain_reason(dict(error.details).get("it said", error.brief))
        tried.append((place, reason))
    raise no_engine(tried)


def _connect(place: EngineAddress, environ: Mapping[str, str], timeout: float, begun: Begun | None) -> Engine:
    """Return the engine at a place, without the SDK where that is not needed. Raises NoEngine or EngineTimeout."""
    from sandbox.engine.direct import connect_directly

    found = connect_directly(place.url, environ=environ, endpoint=place.endpoint, timeout=timeout, begun=begun)
    if found is not None:
        return found
    from sandbox.engine.docker.connect import connect

    return connect(place.url, environ=environ, endpoint=place.endpoint, timeout=timeout)


def plain_reason(said: str) -> str:
    """Return the system's error in an HTTP library's message on a failed connection."""
    found = re.search(r"\[Errno -?\d+\] ([^'\")]+)", said)
    return found[1].lower() if found else said


def no_engine(tried: list[tuple[EngineAddress, str]]) -> NoEngine:
    """Return the error with the attempts, what is installed, and the command that helps."""
    details = [("tried", f"{place.url} ({reason}; {place.source})") for place, reason in tried]
    denied = any(reason == "permission denied" for _, reason in tried)
    found, command = advice(denied=denied, chosen=any(place.chosen for place, _ in tried))
    if found:
        details.append(("found", found))
    return NoEngine(
        "no container engine answers", details=details, hints=dict.fromkeys([command, Advice.sandbox("doctor")])
    )


def advice(*, denied: bool, chosen: bool) -> tuple[str, Advice]:
    """Return what is installed on this host, and the command that starts an engine."""
    import shutil

    if denied:
        return "an engine is running, but your user may not use it", Advice.say(
            "sudo usermod -aG docker $USER && newgrp docker"
        )
    if chosen:
        return "", Advice.sandbox("doctor")
    if sys.platform == "darwin":
        return "", Advice.program("open", "-a", "Docker")
    if shutil.which("dockerd"):
        systemd = Path("/run/systemd/system").is_dir()
        start = ("systemctl", "start", "docker") if systemd else ("service", "docker", "start")
        return "docker is installed but not running", Advice.program("sudo", *start)
    if shutil.which("podman"):
        return "podman is installed, but its socket is not active", Advice.program(
            "systemctl", "--user", "start", "podman.socket"
        )
    for tool, command in INSTALL.items():
        if shutil.which(tool):
            return "no engine is installed", Advice.say(f"sudo {command}")
    return "no engine is installed", Advice.say("install Docker or Podman")


INSTALL: Final[Mapping[str, str]] = {
    "apt-get": "apt-get install docker.io",
    "dnf": "dnf install podman && systemctl --user start podman.socket",
    "pacman": "pacman -S docker && sudo systemctl start docker",
    "zypper": "zypper install docker && sudo systemctl start docker",
    "apk": "apk add docker && sudo rc-service docker start",
}
"""The commands that install an engine, by the host's package manager."""
