"""What of a trial a swarm can't do or enforce, and is refused there by name; and what every node takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sandbox.specs.model import PortCheck, RunCheck

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.engine.swarm import Node
    from sandbox.errors import Row
    from sandbox.provision.plan import Plan
    from sandbox.specs.model import Limits, Spec
    from sandbox.specs.privileges import Trust


def unsupported_options(spec: Spec, plan: Plan | None, trust: Trust) -> Iterator[Row]:
    """Yield everything that a trial asks for and a swarm can't give: its name, and why."""
    yield from _of_spec(spec)
    yield from _of_trust(trust)
    if plan is None:
        if not spec.dockerfile:
            yield "image", "which distro is in it has to be said: distro or --distro"
    else:
        yield from _of_plan(plan)


def _of_spec(spec: Spec) -> Iterator[Row]:
    if spec.dockerfile:
        yield "dockerfile", "the image would be on this engine alone: build it, push it, and name it as image"
    if spec.platform:
        yield "platform", "where a task is placed is the swarm's choice"
    if spec.network != "default":
        yield "network", f"a task's network can't be {spec.network}"
    if spec.mounts:
        yield "mounts", "the folders of this host are on no other node"
    if spec.devices:
        yield "devices", "a task has none"
    for number, check in enumerate(spec.checks, 1):
        if isinstance(check, RunCheck) and check.user not in (None, "0", "root"):
            yield f"checks[{number}].user", "all of a task is one script, and that is root's"
        if isinstance(check, PortCheck) and not spec.setup:
            yield f"checks[{number}].port", "what listens there has to be started by setup"


def _of_trust(trust: Trust) -> Iterator[Row]:
    if trust.hardened:
        yield "--hardened", "no-new-privileges can't be asked of a service: nodes below API 1.44 would leave it out"
    if trust.runtime:
        yield "--runtime", "a service has none to choose"
    if trust.as_user:
        yield "--user", "all of a task is one script, and that is root's"


def _of_plan(plan: Plan) -> Iterator[Row]:
    if plan.target.distro.companions:
        yield "distro", f"{plan.target.label} needs the volume of another container"
    if plan.lock is not None:
        yield "--locked", "nobody can look into a task to hold what it installs to the lock"


def clamp_limits(limits: Limits, nodes: Iterable[Node]) -> Limits:
    """Return limits that every node takes: an engine refuses a task more cores than it has."""
    return replace(limits, cpus=min(limits.cpus, *(node.cpus for node in nodes if node.is_up)))
