"""A registry that breaks off in the middle of a layer, once and every time."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

import docker
from tests.integration.engine_proxy import PULL
from tests.integration.registry_proxy import RegistryProxy
from tests.storm.stage import Row, Stage, until

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVICES: Final = "sandbox-test/services:latest"
FOLDER: Final = Path(__file__).parents[1] / "integration" / "services"
SEEDED: Final = f"sandbox-storm/seed-{os.getpid()}:latest"
SEED: Final = """
FROM {services} AS services
FROM {base}
COPY --from=services /srv/ballast/one /one
"""
PULL_TIME: Final = 4.0
"""Seconds that the pull takes, about, with a bit of what comes after it."""
PULL_LIMIT: Final = 60.0
SETTLED: Final = 1.0
"""Seconds after which an engine has ended a pull that nobody waits for."""
INTERRUPTED: Final = 128 + signal.SIGINT
EVERY: Final = 1_000_000
LITTLE: Final = 20_000
"""Bytes behind which a connection is cut: an engine asks for the rest, and would get through with more at a time."""
MANNERS: Final = (
    ("a registry breaks off mid-layer, once", 1, (0,), "", "fetched again; the pull is whole"),
    ("a registry breaks off mid-layer, every time", EVERY, (125,), "broke off the download", "said; nothing left"),
)
"""The storm, the connections that are cut, and what status, words and outcome it has to have."""


def registries(stage: Stage, count: int) -> tuple[Row, ...]:
    """Pull from a real registry whose connections are cut in a layer; end `count` trials while they pull."""
    with _registry(stage) as port:
        cut = tuple(_row(stage, port, *manner) for manner in MANNERS)
        return (*cut, _interrupted(stage, port, count))


@contextlib.contextmanager
def _registry(stage: Stage) -> Iterator[int]:
    """Give the port of a registry that holds one small image, which the engine has forgotten."""
    images = stage.client.images
    if not images.list(SERVICES):
        images.build(path=str(FOLDER), buildargs={"BASE": stage.base}, tag=SERVICES)
    argv = ["docker-registry", "serve", "/etc/lab/registry.yml"]
    ports = {"5000/tcp": ("127.0.0.1", None)}
    container = stage.client.containers.run(SERVICES, argv, ports=ports, init=True, detach=True, remove=True)
    try:
        container.reload()
        port = int(container.ports["5000/tcp"][0]["HostPort"])
        seed, _ = images.build(
            fileobj=io.BytesIO(SEED.format(services=SERVICES, base=stage.base).encode()), rm=True, tag=SEEDED
        )
        reference = f"127.0.0.1:{port}/lab/tiny"
        seed.tag(reference, tag="1.0")
        until(lambda: "error" not in str(images.push(reference, tag="1.0")), 30, 0.2)
        images.remove(seed.id, force=True)
        yield port
    finally:
        container.remove(force=True)


def _row(stage: Stage, port: int, storm: str, cuts: int, statuses: tuple[int, ...], words: str, reached: str) -> Row:
    with RegistryProxy(port, cuts=cuts, enough=LITTLE) as proxy:
        reference, start = f"{proxy.host}/lab/tiny:1.0", time.monotonic()
        command = ("try", "--image", reference, "--no-trace", "--", "true")
        done = stage.program(f"registry-{cuts}").run(*command)
        took, said = time.monotonic() - start, (done.stdout + done.stderr).decode(errors="replace")
        failures = [f"{storm}: status {done.returncode}: {said[-600:]}"] if done.returncode not in statuses else []
        failures += [f"{storm}: did not say {words!r}: {said[-600:]}"] if words not in said else []
        failures += [f"{storm}: nothing was cut"] if not proxy.made else []
        failures += [f"{storm}: {reference} is left"] if _is_there(stage, reference) else []
    return Row(storm=storm, count=1, reached=reached, timed="in all", worst=took, failures=tuple(failures))


def _interrupted(stage: Stage, port: int, count: int) -> Row:
    """Send SIGINT at any moment of a pull that is to leave no trace; what of it is there a moment later."""
    reference, failures, worst = f"127.0.0.1:{port}/lab/tiny:1.0", [], 0.0
    for number in range(count):
        with stage.proxy("interrupted") as proxy:
            proxy.hold(PULL)
            command = ("try", "--image", reference, "--distro", "debian", "--no-trace", "-q", "--", "sleep", "60")
            process = stage.program("interrupted", url=proxy.url).start(*command)
            until(proxy.held.is_set, PULL_LIMIT)
            proxy.release()
            time.sleep(stage.chance.uniform(0, PULL_TIME))
            start = time.monotonic()
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=PULL_LIMIT)
            worst = max(worst, time.monotonic() - start)
        if process.returncode != INTERRUPTED:
            failures.append(f"pull {number}: status {process.returncode}: {(out + err)[-400:]!r}")
        time.sleep(SETTLED)
        failures += [f"pull {number}: the image is left"] if _is_there(stage, reference) else []
    return Row(
        storm="SIGINT while it pulls, without a trace",
        count=count,
        reached="130; no image",
        timed="from the signal to the end",
        worst=worst,
        failures=tuple(failures),
    )


def _is_there(stage: Stage, reference: str) -> bool:
    try:
        stage.client.images.get(reference)
    except docker.errors.ImageNotFound:
        return False
    stage.client.images.remove(reference, force=True)
    return True
