"""A swarm of private engines, each in a network namespace of its own; they meet on a bridge in one more."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.engines.daemons import DAEMONS
from tests.storm.engines import PrivateEngine, take_down

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DISK: Final = "1500m"


@dataclass
class Node:
    """An engine of the swarm, and its id there."""

    engine: PrivateEngine
    ident: str


@contextlib.contextmanager
def swarm(client: Any, images: Sequence[str], *, count: int = 2) -> Iterator[list[Node]]:
    """Give a swarm whose nodes hold these images of `client`; the first node is its manager. Nothing of it is left."""
    hub = f"storm-{os.getpid()}-hub"
    engines: list[PrivateEngine] = []
    _run("ip", "netns", "add", hub)
    try:
        _run("ip", "-n", hub, "link", "add", "meet", "type", "bridge")
        _run("ip", "-n", hub, "link", "set", "meet", "up")
        engines.extend(_engine(hub, number) for number in range(1, count + 1))
        with ThreadPoolExecutor(count) as pool:
            list(pool.map(lambda engine: _filled(engine, client, images), engines))
        yield _joined(engines)
    finally:
        with ThreadPoolExecutor(count) as pool:
            list(pool.map(take_down, engines))
        subprocess.run(["ip", "netns", "delete", hub], check=False, capture_output=True)


def _engine(hub: str, number: int) -> PrivateEngine:
    """Return an engine whose namespace has the address 10.214.0.`number` on the bridge; it is not started yet."""
    space, port = f"storm-{os.getpid()}-n{number}", f"n{number}"
    folder = Path(tempfile.mkdtemp(prefix="storm-swarm-"))
    engine = PrivateEngine(daemon=DAEMONS["docker"], folder=folder, space=space)
    _run("mount", "-t", "tmpfs", "-o", f"size={DISK}", "storm", str(folder))
    _run("ip", "netns", "add", space)
    _run("ip", "-n", space, "link", "set", "lo", "up")
    _run("ip", "-n", hub, "link", "add", port, "type", "veth", "peer", "name", "up0", "netns", space)
    _run("ip", "-n", hub, "link", "set", port, "master", "meet", "up")
    _run("ip", "-n", space, "addr", "add", f"10.214.0.{number}/24", "dev", "up0")
    _run("ip", "-n", space, "link", "set", "up0", "up")
    return engine


def _filled(engine: PrivateEngine, client: Any, images: Sequence[str]) -> None:
    engine.start()
    for image in images:
        engine.client.images.load(client.images.get(image).save(named=True))


def _joined(engines: Sequence[PrivateEngine]) -> list[Node]:
    manager = engines[0].client
    # a node is dead that has said nothing for three heartbeats, of 5 s each by default: a busy machine loses 3 of 1 s
    manager.swarm.init(advertise_addr="10.214.0.1", listen_addr="10.214.0.1")
    token = manager.swarm.attrs["JoinTokens"]["Worker"]
    for number, engine in enumerate(engines[1:], 2):
        address = f"10.214.0.{number}"
        engine.client.swarm.join(
            remote_addrs=["10.214.0.1:2377"], join_token=token, advertise_addr=address, listen_addr=address
        )
    return [Node(engine=engine, ident=engine.client.info()["Swarm"]["NodeID"]) for engine in engines]


def _run(*argv: str) -> None:
    subprocess.run(argv, check=True, capture_output=True)


def missing() -> str:
    """Return why a swarm can't be had here, or nothing."""
    from tests.storm.engines import missing as no_engine

    return no_engine("docker") or ("" if shutil.which("mount") else "not installed: mount")
