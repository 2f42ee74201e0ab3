"""Options of a trial that a swarm doesn't support, and the resource limits that every node accepts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.trials.jobs.refusals import check_refusals, plan_refusals

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sandbox.engine.swarm import Node
    from sandbox.errors import Row
    from sandbox.provision.plan import Plan
    from sandbox.specs.model import Limits, Spec
    from sandbox.specs.privileges import Trust


def unsupported_options(spec: Spec, plan: Plan | None, trust: Trust) -> Iterator[Row]:
    """Yield (option, reason) for what a swarm doesn't support."""
    for key, reason in REFUSED.items():
        if getattr(spec, key):
            yield key.replace("_", "-"), reason
    yield from check_refusals(spec)
    yield from _of_trust(trust)
    yield from plan_refusals(spec, plan)


REFUSED: Final[Mapping[str, str]] = {
    "dockerfile": "only this engine would have the image: build it, push it, and set the key image",
    "platform": "the swarm decides on which node a task runs",
    "mounts": "other nodes don't have the folders of this host",
    "copies": "a task gets no files of this host",
    "devices": "a task can't have devices",
    "boot": "a task can't boot an init",
    "shm_size": "a task can't have another size of /dev/shm",
}
"""The keys of a spec that a swarm doesn't support at all, and why."""


def _of_trust(trust: Trust) -> Iterator[Row]:
    if trust.hardened:
        yield "--hardened", "nodes with an API below 1.44 would ignore no-new-privileges"
    if trust.runtime:
        yield "--runtime", "a service can't choose its runtime"
    if trust.as_user:
        yield "--user", "a task is one script, which runs as root"


def clamp_limits(limits: Limits, nodes: Iterable[Node]) -> Limits:
    """Return limits that every node accepts: an engine refuses a task more cores than it has."""
    return replace(limits, cpus=min(limits.cpus, *(node.cpus for node in nodes if node.is_up)))
