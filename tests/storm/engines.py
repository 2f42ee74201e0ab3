"""Engines of our own, to be stopped, killed and filled: each in a network namespace of its own, with a small disk."""

from __future__ import annotations

import contextlib
import ipaddress
import json
import os
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import docker
from tests.engines.daemons import DAEMONS
from tests.storm.stage import Stage, until

from sandbox.engine.discover import silent_reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.engines.daemons import Daemon

START_LIMIT: Final = 150.0
DISK: Final = "900m"
"""Of the memory's file system that holds its data: one base and little more."""
ROOM: Final = "3g"
"""For one that is to hold more images, and many containers."""
BRIDGE: Final = "docker0"
"""Through which an engine of its own reaches a network."""


def missing(kind: str) -> str:
    """Return why such an engine can't be had here, or nothing."""
    return DAEMONS[kind].missing()


@dataclass
class PrivateEngine:
    """One that only this process uses."""

    daemon: Daemon
    folder: Path
    space: str
    process: subprocess.Popen[bytes] | None = None
    client: Any = field(default=None)

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"unix://{self.folder / 'engine.sock'}"

    def start(self) -> None:
        """Start it and wait for its answer."""
        for stale in ("engine.sock", "docker.pid", "exec/containerd/containerd.pid"):  # a zombie counts as alive there
            (self.folder / stale).unlink(missing_ok=True)
        with (self.folder / "engine.log").open("ab") as log:
            self.process = subprocess.Popen(
                ["nsenter", f"--net=/run/netns/{self.space}", *self.daemon.argv(self.folder)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.daemon.environ(self.folder)},
                start_new_session=True,
            )
        if not until(self._answers, START_LIMIT, 0.1):
            raise RuntimeError((self.folder / "engine.log").read_text(errors="replace")[-3000:])

    def _answers(self) -> bool:
        if silent_reason(self.url) is not None:
            return False  # the SDK would leave an open socket behind
        try:
            if self.client is None:
                self.client = docker.DockerClient(base_url=self.url, timeout=60)
            return bool(self.client.ping())
        except (docker.errors.DockerException, OSError):
            return False

    def send(self, number: signal.Signals) -> None:
        """Send its daemon a signal."""
        if self.process is not None:
            self.process.send_signal(number)

    def end(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End its daemon, with its helpers where it is killed."""
        if self.process is None:
            return
        if number == signal.SIGKILL:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(30)
        self.process = None

    def said(self) -> str:
        """Return the last it logged."""
        return (self.folder / "engine.log").read_text(errors="replace")[-3000:]


@contextlib.contextmanager
def private_engine(
    stage: Stage, kind: str, *, images: Sequence[str] = (), disk: str = DISK, uplink: bool = False
) -> Iterator[tuple[PrivateEngine, Stage]]:
    """Give an engine that holds the stage's base and other `images`, and the stage with it in place.

    `disk` is what its folder may hold, in memory; empty for the disk of other temporary files. With `uplink` its
    network leads somewhere.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"storm-{kind}-"))  # a socket's name may have 108 bytes (unix(7))
    space = f"storm-{os.getpid()}-{kind}"
    if disk:
        _run("mount", "-t", "tmpfs", "-o", f"size={disk}", "storm", str(folder))
    _run("ip", "netns", "add", space)
    engine = PrivateEngine(daemon=DAEMONS[kind], folder=folder, space=space)
    try:
        _run("ip", "-n", space, "link", "set", "lo", "up")
        if uplink:
            _connect(space)
        engine.start()
        for name in (stage.base, *images):
            engine.client.images.load(stage.client.images.get(name).save(named=True))
        yield (
            engine,
            Stage(
                folder=stage.folder / folder.name,
                url=engine.url,
                client=engine.client,
                base=stage.base,
                chance=stage.chance,
            ),
        )
    finally:
        take_down(engine)


def _connect(space: str) -> None:
    """Lead a network namespace out by the bridge of the machine's Docker, as one more container on it (ip-link(8))."""
    (row,) = json.loads(_run("ip", "-j", "-4", "addr", "show", BRIDGE))
    own = ipaddress.ip_interface(f"{row['addr_info'][0]['local']}/{row['addr_info'][0]['prefixlen']}")
    address = own.network[-2 - os.getpid() % 200]  # the engine gives out the low ones
    end = _cable()
    _run("ip", "link", "add", end, "type", "veth", "peer", "name", "out", "netns", space)
    _run("ip", "link", "set", end, "master", BRIDGE, "up")
    _run("ip", "-n", space, "addr", "add", f"{address}/{own.network.prefixlen}", "dev", "out")
    _run("ip", "-n", space, "link", "set", "out", "up")
    _run("ip", "-n", space, "route", "add", "default", "via", str(own.ip))


def _cable() -> str:
    """Return the name of this end of the cable into a namespace."""
    return f"storm{os.getpid()}"


def take_down(engine: PrivateEngine) -> None:
    """Remove its containers, end it, and take its folder and namespace away."""
    if engine.client is not None:
        with contextlib.suppress(docker.errors.DockerException, OSError):
            engine.send(signal.SIGCONT)
            for container in engine.client.containers.list(all=True):
                container.remove(force=True)
        engine.client.close()
    engine.end()
    for pid in subprocess.run(["ip", "netns", "pids", engine.space], check=False, capture_output=True).stdout.split():
        with contextlib.suppress(ProcessLookupError):  # Podman's helper of a command stays for five minutes
            os.kill(int(pid), signal.SIGKILL)
    for mount in sorted(_mounts(engine.folder), key=len, reverse=True):
        subprocess.run(["umount", "-l", mount], check=False, capture_output=True)
    shutil.rmtree(engine.folder, ignore_errors=True)
    # the namespace goes with its last process, and that end of the cable with it: the next engine's has the same name
    subprocess.run(["ip", "link", "delete", _cable()], check=False, capture_output=True)
    subprocess.run(["ip", "netns", "delete", engine.space], check=False, capture_output=True)


def _mounts(folder: Path) -> list[str]:
    rows = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    return [row for row in rows if row == str(folder) or row.startswith(f"{folder}/")]


def _run(*argv: str) -> bytes:
    return subprocess.run(argv, check=True, capture_output=True).stdout
