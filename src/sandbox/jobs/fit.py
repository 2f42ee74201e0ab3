"""What of a trial a swarm can't do or enforce: it is refused there, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.errors import UsageError
from sandbox.spec.model import PortCheck, RunCheck

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.plan import Plan
    from sandbox.spec.model import Spec
    from sandbox.trust import Trust


def check_fit(spec: Spec, plan: Plan | None, trust: Trust) -> None:
    """Raise UsageError with everything that a spec asks for and a swarm can't give."""
    wrong = [*_unfit(spec), *_distrust(trust)]
    if plan is None:
        wrong.append(("image", "which distro is in it has to be said: distro or --distro"))
    elif plan.target.distro.companions:
        wrong.append(("distro", f"{plan.target.label} needs the volume of another container"))
    if wrong:
        brief = "a swarm can't run this trial as it is meant: a task has no exec, and nothing of the host"
        raise UsageError(brief, details=wrong, hints=["the same command without --on swarm, or with --engine URL"])


def _unfit(spec: Spec) -> Iterator[tuple[str, str]]:
    if spec.dockerfile:
        yield "dockerfile", "the image would be on this engine alone: build it, push it, and name it as image"
    if spec.platform:
        yield "platform", "where a task is placed is the swarm's choice"
    if spec.network != "default":
        yield "network", f"a task's network can't be {spec.network}"
    if spec.mounts:
        yield "mounts", "the folders of this host are on no other node"
    if spec.ports:
        yield "ports", "a service's ports are open on every node and to everybody"
    if spec.devices:
        yield "devices", "a task has none"
    for number, check in enumerate(spec.checks, 1):
        if isinstance(check, RunCheck) and check.user not in (None, "0", "root"):
            yield f"checks[{number}].user", "all of a task is one script, and that is root's"
        if isinstance(check, PortCheck) and not spec.setup:
            yield f"checks[{number}].port", "what listens there has to be started by setup"


def _distrust(trust: Trust) -> Iterator[tuple[str, str]]:
    if trust.hardened:
        yield "--hardened", "no-new-privileges can't be asked of a service by the API that is spoken here"
    if trust.runtime:
        yield "--runtime", "a service has none to choose"
    if trust.as_user:
        yield "--user", "all of a task is one script, and that is root's"
