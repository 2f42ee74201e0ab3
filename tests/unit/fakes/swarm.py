"""A swarm in memory."""

# ruff: noqa: ARG002 - a fake has the shape of its Protocol, used or not
from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.unit.fakes.calls import Calls, has_labels

from sandbox.engine.swarm import SwarmObject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sandbox.engine.swarm import Attempt, JobSpec, Node


@dataclass
class FakeSwarm(Calls):
    """Holds configs and services; `tasks_of` says what became of them, `logs_of` what they wrote."""

    client: tuple[str, ...] = ("docker",)
    nodes_known: list[Node] = field(default_factory=list)
    on_swarm: list[SwarmObject] = field(default_factory=list)
    jobs_created: list[JobSpec] = field(default_factory=list)
    tasks_of: Callable[..., Iterable[Attempt]] = lambda _: ()
    logs_of: Callable[[str], bytes] = lambda _: b""

    def nodes(self) -> tuple[Node, ...]:
        return tuple(self.nodes_known)

    def swarm_objects(self, labels: Sequence[str]) -> tuple[SwarmObject, ...]:
        found = [row for row in self.on_swarm if has_labels(row.labels, labels)]
        return tuple(sorted(found, key=lambda row: row.kind, reverse=True))

    def create_config(self, name: str, content: bytes, labels: Mapping[str, str]) -> str:
        self.call("create_config")
        self.on_swarm.append(SwarmObject(kind="config", id=f"id-of-{name}", name=name, labels=labels))
        return self.on_swarm[-1].id

    def create_job(self, spec: JobSpec) -> str:
        self.call("create_job")
        self.jobs_created.append(spec)
        self.on_swarm.append(SwarmObject(kind="service", id=f"id-of-{spec.name}", name=spec.name, labels=spec.labels))
        return self.on_swarm[-1].id

    def attempts(self, labels: Sequence[str]) -> tuple[Attempt, ...]:
        jobs = {row.id for row in self.swarm_objects(labels)}
        return tuple(task for task in self.tasks_of(self) if task.job in jobs)

    def attempt_log(self, attempt: str, *, limit: int) -> bytes:
        self.call("attempt_log")
        return self.logs_of(attempt)[:limit]

    def remove_swarm_object(self, found: SwarmObject) -> bool:
        self.call("remove_swarm_object")
        before = len(self.on_swarm)
        self.on_swarm = [row for row in self.on_swarm if row.id != found.id]
        return len(self.on_swarm) < before
