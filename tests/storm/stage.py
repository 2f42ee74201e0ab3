"""What every storm stands on: an engine, the program at many folders at once, and the rows of the table."""

from __future__ import annotations

import os
import random
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import docker
from tests.integration.engine_proxy import EngineProxy
from tests.integration.running import Program

from sandbox.commands.base import ensure
from sandbox.distros.lookup import find_target
from sandbox.engine import labels
from sandbox.engine.discover import find_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Item = TypeVar("Item")
Result = TypeVar("Result")

LAB: Final = "sandbox-lab/apt-bookworm:latest"
PACKAGES: Final = ("lab-tool", "--image", LAB.partition(":")[0])
"""An install that asks no mirror but a folder of its own image."""
AT_ONCE: Final = 4
SEED: Final = 20261124


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table: `worst` in seconds, of what `timed` says; `failures` are sentences."""

    storm: str
    count: int
    reached: str
    timed: str = ""
    worst: float = 0.0
    failures: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """An engine at `url`, the SDK to look at it beside the program, and a folder; `chance` is seeded."""

    folder: Path
    url: str
    client: Any
    base: str
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))

    def program(self, name: str, *, url: str | None = None) -> Program:
        """Return the program with folders of its own."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        return Program(folder=folder, engine=url or self.url)

    def proxy(self, name: str) -> EngineProxy:
        """Return a way to the engine that can be held; the program has to be given its URL."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "engine.sock").unlink(missing_ok=True)
        return EngineProxy(folder, self.url)

    def owned(self, pid: int) -> list[Any]:
        """Return the containers of the session that a process owns; `pid` is of this run, so not one of long ago."""
        rows = self.client.api.containers(all=True, filters={"label": labels.SESSION})
        return [row for row in rows if row["Labels"].get(labels.OWNER, "").startswith(f"{pid}:")]

    def images(self, pids: Iterable[int]) -> list[str]:
        """Return the images that sessions of these processes still have on the engine."""
        heads = tuple(f"{pid}:" for pid in pids)
        rows = self.client.api.images(filters={"label": labels.SESSION})
        return [row["Id"] for row in rows if (row["Labels"] or {}).get(labels.OWNER, "").startswith(heads)]

    def nameless(self, pids: Iterable[int]) -> list[str]:
        """Return the images without a name that these processes saved for a cache."""
        heads = tuple(f"{pid}:" for pid in pids)
        rows = [row for row in self.client.api.images(filters={"label": f"{labels.KIND}=cache"}) if not _has_name(row)]
        return [row["Id"] for row in rows if (row["Labels"] or {}).get(labels.SAVER, "").startswith(heads)]

    def spread(self, work: Callable[[Item], Result], items: Iterable[Item], *, at_once: int = AT_ONCE) -> list[Result]:
        """Return what `work` gives for each item, some at once."""
        with ThreadPoolExecutor(at_once) as pool:
            return list(pool.map(work, items))


def _has_name(row: Any) -> bool:
    return any("<none>" not in tag for tag in row["RepoTags"] or ())


def until(condition: Callable[[], Any], limit: float, step: float = 0.05) -> bool:
    """Return whether a condition came true within `limit` seconds."""
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(step)
    return True


def table(rows: Iterable[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = ["| storm | runs | reached | slowest | failed |", "| --- | --- | --- | --- | --- |"]
    for row in rows:
        slowest = f"{row.worst:.1f} s {row.timed}".strip() if row.timed else "-"
        lines.append(f"| {row.storm} | {row.count} | {row.reached} | {slowest} | {len(row.failures)} |")
    return "\n".join(lines)


@contextmanager
def stage_here(seed: int = SEED) -> Iterator[Stage]:
    """Give the stage of this machine's own engine, on which Debian's base is made sure of."""
    with find_engine(os.environ) as engine, tempfile.TemporaryDirectory(prefix="storm-") as folder:
        base = ensure(engine, find_target("debian:bookworm"), version="storm", folder=Path(folder)).reference
        client = docker.DockerClient(base_url=engine.url, timeout=120)
        yield Stage(folder=Path(folder), url=engine.url, client=client, base=base, chance=random.Random(seed))
