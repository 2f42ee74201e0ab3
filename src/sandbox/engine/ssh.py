"""Engines of other hosts: their socket as one of this host, through the user's own ssh, for as long as we live.

One login carries every connection (ssh(1), -L with Unix sockets, which hands half-closed connections on). The remote
command reads our pipe: when this process dies of anything, it ends, and ssh with it.
"""

from __future__ import annotations

import atexit
import json
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, unquote, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from sandbox.core.foreground import is_ours
from sandbox.core.plaintext import plain_line
from sandbox.core.signals import leave_signals_to_main, unblock_signals
from sandbox.errors import Advice, EngineError, NoEngine, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

SOCKET: Final = "/var/run/docker.sock"
"""Path of the socket on the other host, if the URL has none and no other is found."""
LIMIT: Final = 20.0
"""Seconds that the other host has to accept the login."""
ASKING: Final = 120.0
"""The same where ssh may ask for a password or a second factor."""
QUICK: Final = 10.0
"""Seconds that an ssh has to speak with the one that holds the login on this host."""
READY: Final = b"sandbox is let in"
"""What the other host says once it has let us in; a .bashrc there may print lines before."""
FIND: Final = (
    'u="${XDG_RUNTIME_DIR:-/run/user/$(id -u)}"; for s in /var/run/docker.sock "$u/docker.sock" '
    '"$u/podman/podman.sock" /run/podman/podman.sock; do [ -r "$s" ] && [ -w "$s" ] && break; s=; done; '
)
"""Finds the first socket there that the user may use, in the order of `discover.places`."""
MOST: Final = 100_000
"""Bytes of such lines."""
PREFIX: Final = "sandbox-ssh-"
CANCEL: Final = "cancel"
"""The file in a tunnel's folder with what takes it back from the user's own connection, as lines of JSON."""
OPTIONS: Final = (
    "ServerAliveInterval=5",
    "ServerAliveCountMax=3",
    "StreamLocalBindMask=0177",
    "RemoteCommand=none",
    "RequestTTY=no",
)
"""A host that stops answering is noticed after 15 seconds. What the user's configuration runs there, at a terminal,
would stand in the way; its agent, keys, ProxyJump and shared connections are used."""
ALONE: Final = ("BatchMode=yes",)
"""Where nobody can answer, nobody is asked."""
LONGEST: Final = 80
"""Characters of a control socket's path: ssh adds 17 while it makes it, and the kernel takes 104 (unix(7), macOS)."""
NO_KEYS: Final = 'trap "" HUP INT QUIT TSTP; exec "$@"'
"""Keys at the terminal are for us: an ssh that may ask there is in our process group."""


class Tunnel(Struct, frozen=True, kw_only=True):
    """A local socket that leads to an engine on another host, with its ssh process and folder.

    `url` is the engine's, with the path that was found there. `cancel`: the argvs that take the tunnel back from the
    user's own connection, if it goes through that.
    """

    url: str
    socket: Path
    process: subprocess.Popen[bytes]
    folder: Path
    cancel: tuple[tuple[str, ...], ...] = ()

    def close(self) -> None:
        """End it and remove its folder."""
        for argv in self.cancel:
            _run(argv)
        _end(self.process)
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


def argv_for(url: str, socket: Path, *, more: Sequence[str] = ALONE) -> tuple[str, ...]:
    """Return the argv of ssh for an engine's URL, `ssh://[USER@]HOST[:PORT][/PATH]`. Raises UsageError for another.

    `more` are options beyond those that every tunnel has, as NAME=VALUE.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "ssh" or not host or host.startswith("-") or parts.query or parts.fragment or parts.password:
        message = f"{url[:80]} is not the URL of an engine over SSH"
        raise UsageError(message, details=[("expected", "ssh://host, ssh://user@host:22/run/podman/podman.sock")])
    is_named = len(parts.path) > 1
    found = "" if is_named else FIND
    return (
        *("ssh", *_options((*more, *OPTIONS)), *_login(parts, url)),
        *("-L", f"{socket}:{parts.path if is_named else SOCKET}"),
        *("--", host, f"exec sh -c '{found}echo \"{READY.decode()} $s\"; exec cat'"),
    )


def _options(settings: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for setting in settings for word in ("-o", setting))


def _control_argv(url: str, verb: str, *more: str) -> tuple[str, ...]:
    """Return the argv that asks the ssh which holds the login on this host (ssh(1), -O)."""
    parts = urlsplit(url)
    return ("ssh", *more, *_login(parts, url), "-O", verb, "--", parts.hostname or "")


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


def open_tunnel(url: str) -> Tunnel:
    """Return the tunnel to an engine's socket, opened once. Raises NoEngine if ssh can't connect."""
    with _lock:
        known = _open.get(url)
        if known is not None and known.process.poll() is None:
            return known
        if known is not None:
            known.close()
        for folder in _stale():
            _sweep(folder)
        _open[url] = _open_tunnel(url)
        atexit.unregister(close_all)  # once
        atexit.register(close_all)
        return _open[url]


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
    argv_for(url, Path())  # an invalid URL is refused before anything is asked
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    control, is_theirs, asks = folder / "ctl", _run(_control_argv(url, "check")), is_ours(0)
    # A master of our own takes a second forward by the same login. The user's own is used, and never made: with
    # ControlPersist it would outlive us.
    has_own = not is_theirs and len(str(control)) <= LONGEST
    shared = (f"ControlPath={control}", "ControlMaster=yes", "ControlPersist=no") if has_own else ("ControlMaster=no",)
    engine = folder / "engine.sock"
    argv = argv_for(url, engine, more=(*shared, *(() if asks else ALONE)))
    begun = time.monotonic()
    process = _start(argv, asks=asks)
    found, before = _answer_of(process, ASKING if asks else LIMIT)
    if found is None:
        waited = time.monotonic() - begun
        process.terminate()
        complaint = process.stderr.read(2000) if process.stderr is not None else b""
        _end(process)
        shutil.rmtree(folder, ignore_errors=True)
        raise _no_answer(url, reason_of(complaint, before, waited))
    given = _options((f"ControlPath={control}",)) if has_own else ()
    tunnel = _tunnel_to(url, found, Tunnel(url=url, socket=engine, process=process, folder=folder), given)
    if is_theirs:
        tunnel = replace(tunnel, cancel=_cancels(url, tunnel))
        (folder / CANCEL).write_text("\n".join(map(json.dumps, tunnel.cancel)))
    return tunnel


def _start(argv: tuple[str, ...], *, asks: bool) -> subprocess.Popen[bytes]:
    """Start ssh: with the terminal, where it may ask there, else in a session of its own."""
    with unblock_signals():
        return subprocess.Popen(
            ("/bin/sh", "-c", NO_KEYS, "sh", *argv) if asks else argv,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=not asks,
        )


def _tunnel_to(url: str, found: str, tunnel: Tunnel, given: tuple[str, ...]) -> Tunnel:
    """Return the tunnel to the socket that was found there, which is another than the usual one."""
    if found in ("", SOCKET) or len(urlsplit(url).path) > 1:
        return tunnel
    other = tunnel.folder / "found.sock"
    if not _run(
        _control_argv(url, "forward", *given, *_options(("StreamLocalBindMask=0177",)), "-L", f"{other}:{found}")
    ):
        return tunnel  # what the usual one says is the error
    return replace(tunnel, url=f"{url.rstrip('/')}{found}", socket=other)


def _cancels(url: str, tunnel: Tunnel) -> tuple[tuple[str, ...], ...]:
    parts = urlsplit(tunnel.url)
    first = f"{tunnel.folder / 'engine.sock'}:{SOCKET if len(urlsplit(url).path) <= 1 else parts.path}"
    both = (first, *([f"{tunnel.socket}:{parts.path}"] if tunnel.socket.name != "engine.sock" else []))
    return tuple(_control_argv(url, "cancel", "-L", words) for words in both)


def _run(argv: tuple[str, ...]) -> bool:
    """Return whether a command on this host ends well."""
    with suppress(OSError, subprocess.TimeoutExpired):
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=QUICK, check=False)
        return done.returncode == 0
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.stdin is not None:
        process.stdin.close()
    process.terminate()
    process.wait(LIMIT)
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def _no_answer(url: str, reason: str) -> NoEngine:
    return NoEngine(
        f"ssh could not connect to {urlsplit(url).hostname}",
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


def _answer_of(process: subprocess.Popen[bytes], limit: float) -> tuple[str | None, bytes]:
    """Return the path in the other host's answer, which a login may print lines before, and these lines.

    None for no answer within `limit` seconds.
    """
    if process.stdout is None:
        return None, b""
    late = threading.Timer(limit, process.terminate)
    with leave_signals_to_main():
        late.start()
    try:
        said = b""
        while len(said) < MOST and (line := process.stdout.readline(MOST)):
            if line.startswith(READY):
                path = line.removeprefix(READY).decode(errors="replace").strip()
                return path if path.startswith("/") and path.isprintable() else "", said
            said += line
        return None, said
    finally:
        late.cancel()


def _sweep(folder: Path) -> None:
    """Remove what a tunnel of a dead process left, also in the user's own connection."""
    with suppress(OSError, ValueError):
        for line in (folder / CANCEL).read_text().splitlines():
            _run(tuple(json.loads(line)))
    shutil.rmtree(folder, ignore_errors=True)


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
