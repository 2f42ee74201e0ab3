"""Engines of other hosts: their socket as one of this host, through the user's own ssh, for as long as we live.

One login carries every connection (ssh(1), -L with Unix sockets, which hands half-closed connections on). The remote
command reads our pipe: when this process dies of anything, it ends, and ssh with it.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, unquote, urlsplit

from msgspec import Struct

from sandbox.core.plaintext import plain_line
from sandbox.core.signals import left_to_main, taken_again
from sandbox.errors import Advice, EngineError, NoEngine, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator

SOCKET: Final = "/var/run/docker.sock"
"""Path of the socket on the other host, if the URL has none."""
LIMIT: Final = 20.0
"""Seconds that the other host has to accept the login."""
READY: Final = b"sandbox is let in\n"
"""What the other host says once it has let us in; a .bashrc there may print lines before."""
MOST: Final = 100_000
"""Bytes of such lines."""
PREFIX: Final = "sandbox-ssh-"
OPTIONS: Final = (
    "BatchMode=yes",
    "ExitOnForwardFailure=yes",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=3",
    "ControlPath=none",
    "StreamLocalBindMask=0177",
)
"""ssh never asks for a password, and a host that stops answering is noticed after 15 seconds."""


class Tunnel(Struct, frozen=True, kw_only=True):
    """A local socket that leads to an engine on another host, with its ssh process and folder."""

    socket: Path
    process: subprocess.Popen[bytes]
    folder: Path

    def close(self) -> None:
        """End it and remove its folder."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        self.process.terminate()
        self.process.wait(LIMIT)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()
        shutil.rmtree(self.folder, ignore_errors=True)


_lock = threading.Lock()
_open: Final[dict[str, Tunnel]] = {}


def _leave_to_parent() -> None:
    """Forget in a forked child the tunnels of its parent, and its ends of their pipes: they end with the parent."""
    for tunnel in _open.values():
        if tunnel.process.stdin is not None:
            tunnel.process.stdin.close()
        tunnel.process.returncode = 0  # it is no child of this process
    _open.clear()
    _lock.release()


os.register_at_fork(before=_lock.acquire, after_in_parent=_lock.release, after_in_child=_leave_to_parent)


def argv_for(url: str, socket: Path) -> tuple[str, ...]:
    """Return the argv of ssh for an engine's URL, `ssh://[USER@]HOST[:PORT][/PATH]`. Raises UsageError for another."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "ssh" or not host or host.startswith("-") or parts.query or parts.fragment or parts.password:
        message = f"{url[:80]} is not the URL of an engine over SSH"
        raise UsageError(message, details=[("expected", "ssh://host, ssh://user@host:22/run/podman/podman.sock")])
    there = parts.path if len(parts.path) > 1 else SOCKET
    return (
        "ssh",
        *(word for option in OPTIONS for word in ("-o", option)),
        *_login(parts, url),
        "-L",
        f"{socket}:{there}",
        "--",
        host,
        f"echo {READY.decode().strip()}; exec cat",
    )


def host_argv(url: str) -> tuple[str, ...]:
    """Return the words that run a command on the host of an engine's URL, such as `ssh -l me build1`."""
    parts = urlsplit(url)
    return ("ssh", *_login(parts, url), parts.hostname or "")


def _login(parts: SplitResult, url: str) -> tuple[str, ...]:
    """Return the options of ssh for the user and port of a URL."""
    return (
        *(("-l", unquote(parts.username)) if parts.username else ()),
        *(("-p", str(_port(parts, url))) if ":" in parts.netloc.rpartition("@")[2] else ()),
    )


def _port(parts: SplitResult, url: str) -> int:
    try:
        return parts.port or 22
    except ValueError as error:
        message = f"{url[:80]} has an invalid port"
        raise UsageError(message) from error


def local_socket(url: str) -> str:
    """Return the URL of a local socket that leads to the engine. Raises NoEngine if ssh can't connect."""
    with _lock:
        known = _open.get(url)
        if known is not None and known.process.poll() is None:
            return f"unix://{known.socket}"
        if known is not None:
            known.close()
        for folder in _stale():
            shutil.rmtree(folder, ignore_errors=True)
        _open[url] = _open_tunnel(url)
        atexit.unregister(close_all)  # once
        atexit.register(close_all)
        return f"unix://{_open[url].socket}"


def close_all() -> None:
    """Close all connections."""
    with _lock:
        for tunnel in _open.values():
            tunnel.close()
        _open.clear()


def _open_tunnel(url: str) -> Tunnel:
    if shutil.which("ssh") is None:
        message = f"{url} needs ssh, which is not installed on this host"
        raise EngineError(message, hints=[Advice.program("sudo", "apt-get", "install", "openssh-client")])
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    argv = argv_for(url, folder / "engine.sock")
    with taken_again():
        process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
    tunnel = Tunnel(socket=folder / "engine.sock", process=process, folder=folder)
    begun = time.monotonic()
    before = _lines_before(process)
    if before is None:
        return tunnel
    waited = time.monotonic() - begun
    tunnel.process.terminate()
    complaint = process.stderr.read(2000) if process.stderr is not None else b""
    tunnel.close()
    reason = reason_of(complaint, before, waited)
    host = argv[-2]
    raise NoEngine(
        f"ssh could not connect to {host}",
        details=[("it said", reason)],
        hints=[Advice.program(*host_argv(url), "true")],
    )


def reason_of(complaint: bytes, before: bytes, waited: float) -> str:
    """Return why a host gave no answer: what ssh, else the host, said last, or how long it was `waited`, in seconds."""
    for said in (complaint, before):
        lines = said.decode(errors="replace").strip().splitlines()
        if lines:
            return plain_line(lines[-1], 200)
    return f"no answer in {waited:.0f} s" if waited >= LIMIT else "the connection ended without a word"


def _lines_before(process: subprocess.Popen[bytes]) -> bytes | None:
    """Return None at the other host's answer, which a login may print lines before; else all that it has said.

    Waits for LIMIT seconds at most.
    """
    if process.stdout is None:
        return b""
    late = threading.Timer(LIMIT, process.terminate)
    with left_to_main():
        late.start()
    try:
        said = b""
        while len(said) < MOST and (line := process.stdout.readline(MOST)):
            if line == READY:
                return None
            said += line
        return said
    finally:
        late.cancel()


def _stale() -> Iterator[Path]:
    """Yield the folders of our processes that are dead."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX).partition("-")[0]
        try:
            if pid.isdecimal() and folder.stat().st_uid == os.getuid():
                os.kill(int(pid), signal.SIG_DFL)
        except ProcessLookupError:
            yield folder
        except OSError:
            continue
