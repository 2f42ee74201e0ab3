"""The services and configs of a run on a swarm: creates them with labels, removes them, and checks."""

from __future__ import annotations

import os
import shlex
import threading
import time
from typing import TYPE_CHECKING, Final

from sandbox.core.tasks import parallel_map
from sandbox.engine import labels
from sandbox.engine.swarm import ConfigFile, JobSpec, SwarmObject
from sandbox.errors import Advice, EngineError, RemovalFailed, SandboxError
from sandbox.lifecycle.removal import EngineObject, Removal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.engine.protocol import Engine
    from sandbox.engine.swarm import Attempt, Swarm
    from sandbox.provision.context import Context
    from sandbox.specs.model import Limits
    from sandbox.specs.privileges import Trust
    from sandbox.trials.swarm.script import Script

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

    def __init__(self, host: Context, *, pause: float = PAUSE) -> None:
        self._host = host
        self._pause = pause
        self._session = os.urandom(8).hex()
        self._lock = threading.Lock()
        self._created = 0
        self._files: tuple[ConfigFile, ...] = ()
        self._used: set[str] = set()

    @property
    def _labels(self) -> tuple[str]:
        """The label that finds all of them."""
        return (f"{labels.SESSION}={self._session}",)

    def tasks(self, swarm: Swarm) -> tuple[Attempt, ...]:
        """Return the tasks of all jobs, oldest first."""
        found = swarm.attempts(self._labels)
        self._used.update(task.node for task in found if task.node)
        return found

    def bring(self, swarm: Swarm, content: bytes, path: str) -> None:
        """Create a config that every later job gets at a path."""
        name, found = self._new_name()
        ident = swarm.create_config(name, content, found)
        self._files = (*self._files, ConfigFile(id=ident, name=name, path=path))

    def job(
        self, swarm: Swarm, limits: Limits, trust: Trust, script: Script, *, image: str, avoid: Sequence[str]
    ) -> str:
        """Create a job and return its id."""
        name, found = self._new_name()
        spec = JobSpec(
            name=name,
            image=image,
            argv=script.argv,
            labels=found,
            limits=limits,
            cap_drop=trust.cap_drop,
            cap_add=trust.cap_add,
            files=self._files,
            avoid=tuple(avoid),
        )
        return swarm.create_job(spec)

    def drop(self, swarm: Swarm, job: str) -> None:
        """Remove one job."""
        swarm.remove_swarm_object(SwarmObject(kind="service", id=job, name=job))

    def removal(self, connect: Callable[[], Engine]) -> Removal:
        """Remove everything, wait for the running nodes to do so, and return what the swarm says then."""
        if not self._created:
            return Removal(removed=(), left=(), failures=())
        try:
            with connect() as engine:
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
        return [task for task in self.tasks(swarm) if task.node in up]

    def _by_hand(self, client: tuple[str, ...]) -> tuple[Advice, ...]:
        ask = shlex.join(client)
        return tuple(
            Advice.program(*client, kind, "rm", after=f" $({ask} {kind} ls -q --filter label={self._labels[0]})")
            for kind in ("service", "config")
        )


def _value(found: SwarmObject) -> EngineObject:
    return EngineObject(kind=found.kind, name=found.name, id=found.id)
