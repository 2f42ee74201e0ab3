"""The services and configs of a run on a swarm: creates them with labels, removes them, and checks."""

from __future__ import annotations

import os
import shlex
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sandbox.core.tasks import parallel_map
from sandbox.engine import labels
from sandbox.engine.references import own_digest
from sandbox.engine.swarm import ConfigFile, JobSpec, SwarmObject
from sandbox.errors import Advice, EngineError, RemovalFailed, SandboxError
from sandbox.lifecycle.removal import EngineObject, Removal
from sandbox.trials.jobs.facts import SWARM
from sandbox.trials.swarm.limits import clamp_limits, unsupported_options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sandbox.engine.protocol import Engine, Image
    from sandbox.engine.swarm import Attempt, Node, Swarm
    from sandbox.errors import Row
    from sandbox.provision.context import Context
    from sandbox.provision.plan import Plan
    from sandbox.specs.model import Spec
    from sandbox.specs.privileges import Trust
    from sandbox.trials.jobs.protocol import Job

REMOVAL_LIMIT: Final = 30.0
"""Seconds within which the nodes end and remove their tasks."""
PAUSE: Final = 0.2
QUIET_ROUNDS: Final = 2
"""Checks in a row that must find nothing, since one may be created while we stop."""


def swarm_of(engine: Engine) -> Swarm:
    """Return the swarm of an engine. Raises EngineError if it has none."""
    if engine.swarm is None:
        message = f"{engine.title} has no swarm mode; Docker has"
        raise EngineError(message, details=[("engine", engine.url)], hints=[Advice.again("--engine", "URL")])
    return engine.swarm


class SwarmResources:
    """The services and configs of one run, found by its session's label."""

    facts = SWARM

    def __init__(self, host: Context, connect: Callable[[], Engine], *, pause: float = PAUSE) -> None:
        self._host = host
        self._connect = connect
        self._pause = pause
        self._session = os.urandom(8).hex()
        self._lock = threading.Lock()
        self._created = 0
        self._files: tuple[ConfigFile, ...] = ()
        self._used: set[str] = set()
        self._swarm: Swarm | None = None
        self._nodes: Mapping[str, Node] = {}
        self.client: tuple[str, ...] = ("docker",)
        self.title = "the swarm"

    @property
    def _labels(self) -> tuple[str]:
        """The label that finds all of them."""
        return (f"{labels.SESSION}={self._session}",)

    def refusals(self, spec: Spec, plan: Plan | None, trust: Trust) -> Iterable[Row]:
        """Return (option, reason) for what a swarm can't do."""
        return unsupported_options(spec, plan, trust)

    @contextmanager
    def open(self) -> Iterator[None]:
        """Connect to the manager. Raises EngineError if the engine has no swarm."""
        with self._connect() as engine:
            self._swarm = swarm_of(engine)
            self.client, self.title = self._swarm.client, f"the swarm at {engine.url}"
            yield

    @property
    def _manager(self) -> Swarm:
        assert self._swarm is not None  # noqa: S101 - it is open
        return self._swarm

    def nodes(self) -> Mapping[str, Node]:
        """Return the swarm's nodes by id. Raises EngineError if the engine is not a manager, or too old."""
        self._nodes = {node.id: node for node in self._manager.nodes()}
        return self._nodes

    def image(self, reference: str, image: Image) -> str:
        """Return the name by which every node runs the same image."""
        return pinned_image(reference, image)

    def attempts(self) -> tuple[Attempt, ...]:
        """Return the tasks of all jobs, oldest first."""
        return self._tasks(self._manager)

    def give(self, content: bytes, path: str) -> None:
        """Create a config that every later job gets at a path."""
        name, found = self._new_name()
        ident = self._manager.create_config(name, content, found)
        self._files = (*self._files, ConfigFile(id=ident, name=name, path=path))

    def create(self, job: Job) -> str:
        """Create a job and return its id."""
        name, found = self._new_name()
        spec = JobSpec(
            name=name,
            image=job.image,
            argv=job.argv,
            labels=found,
            limits=clamp_limits(job.limits, self._nodes.values()),
            cap_drop=job.trust.cap_drop,
            cap_add=job.trust.cap_add,
            files=self._files,
            avoid=job.avoid,
        )
        return self._manager.create_job(spec)

    def log(self, attempt: str, *, limit: int) -> bytes:
        """Return the start of a task's output, up to `limit` bytes."""
        return self._manager.attempt_log(attempt, limit=limit)

    def drop(self, job: str) -> None:
        """Remove one job."""
        self._manager.remove_swarm_object(SwarmObject(kind="service", id=job, name=job))

    def removal(self) -> Removal:
        """Remove everything, wait for the running nodes to do so, and return what the swarm says then."""
        if not self._created:
            return Removal(removed=(), left=(), failures=())
        try:
            with self._connect() as engine:
                swarm = swarm_of(engine)
                removed, left, down = self._remove_objects(swarm), self._remaining(swarm), self._down(swarm)
        except SandboxError as error:
            details, hints = [("", error.brief)], self._by_hand(("docker",))
            failures = [RemovalFailed("services of this trial may still exist", details=details, hints=hints)]
            return Removal(removed=(), left=(EngineObject(kind="service"),), failures=tuple(failures))
        rows = [(found.kind, f"{found.name or found.id} {found.node}".rstrip()) for found in left]
        failures = [RemovalFailed("left on the swarm", details=rows, hints=self._by_hand(swarm.client))] if left else []
        failures += [
            RemovalFailed(f"node {node.name} is down: its tasks of this trial are removed when it is back")
            for node in down
        ]
        return Removal(removed=removed, left=(*left, *down), failures=tuple(failures))

    def _new_name(self) -> tuple[str, Mapping[str, str]]:
        """Return a new name and its labels."""
        with self._lock:
            self._created += 1
            name = f"sandbox-{self._session}-{self._created}"
        owner, version = self._host.owner, self._host.version
        return name, labels.session_labels(owner, session=self._session, name=name, version=version, kind="job")

    def _remove_objects(self, swarm: Swarm) -> tuple[EngineObject, ...]:
        """Remove our objects until the swarm reports none for a while; return the removed ones."""
        gone: list[EngineObject] = []
        quiet = 0
        over = time.monotonic() + REMOVAL_LIMIT
        while quiet < QUIET_ROUNDS and time.monotonic() < over:
            known = swarm.swarm_objects(self._labels)
            for kind in ("service", "config"):
                mine = [found for found in known if found.kind == kind]
                done = zip(mine, parallel_map(swarm.remove_swarm_object, mine), strict=True)
                gone += [_value(found) for found, is_gone in done if is_gone]
            quiet = 0 if known or self._ending(swarm) else quiet + 1
            time.sleep(self._pause if quiet < QUIET_ROUNDS else 0)
        return tuple(gone)

    def _tasks(self, swarm: Swarm) -> tuple[Attempt, ...]:
        found = swarm.attempts(self._labels)
        self._used.update(task.node for task in found if task.node)
        return found

    def _remaining(self, swarm: Swarm) -> tuple[EngineObject, ...]:
        tasks = (EngineObject(kind="task", id=task.id, node=task.node) for task in self._ending(swarm))
        return (*map(_value, swarm.swarm_objects(self._labels)), *tasks)

    def _down(self, swarm: Swarm) -> tuple[EngineObject, ...]:
        """Return our nodes that don't answer: they remove their tasks when they are back."""
        down = (node for node in swarm.nodes() if node.id in self._used and not node.is_up)
        return tuple(EngineObject(kind="node", name=node.title, id=node.id) for node in down)

    def _ending(self, swarm: Swarm) -> list[Attempt]:
        """Return the tasks that a node which is up has not ended and taken away yet."""
        up = {node.id for node in swarm.nodes() if node.is_up}
        return [task for task in self._tasks(swarm) if task.node in up]

    def _by_hand(self, client: tuple[str, ...]) -> tuple[Advice, ...]:
        ask = shlex.join(client)
        return tuple(
            Advice.program(*client, kind, "rm", after=f" $({ask} {kind} ls -q --filter label={self._labels[0]})")
            for kind in ("service", "config")
        )


def _value(found: SwarmObject) -> EngineObject:
    return EngineObject(kind=found.kind, name=found.name, id=found.id)


def pinned_image(reference: str, image: Image) -> str:
    """Return the image by its digest too, where a registry gave one, so that every node runs the same."""
    digest = own_digest(reference, image.digests)
    return f"{reference}@{digest}" if digest and "@" not in reference else reference
