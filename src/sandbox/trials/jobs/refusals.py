"""What no trial can ask of a service that runs it as one script. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.specs.model import PortCheck, RunCheck

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.errors import Row
    from sandbox.provision.plan import Plan
    from sandbox.specs.model import Spec


def check_refusals(spec: Spec) -> Iterator[Row]:
    """Yield (option, reason) for what a task can't do of a spec's network and checks."""
    if spec.network != "default":
        yield "network", f"a task can't have the network {spec.network}"
    for number, check in enumerate(spec.checks, 1):
        if isinstance(check, RunCheck) and check.user not in (None, "0", "root"):
            yield f"checks[{number}].user", "a task is one script, which runs as root"
        if isinstance(check, PortCheck) and not spec.setup:
            yield f"checks[{number}].port", "the key setup must start what listens there"


def plan_refusals(spec: Spec, plan: Plan | None) -> Iterator[Row]:
    """Yield (option, reason) for what a task can't do of a plan, or where there is none."""
    if plan is None:
        if not spec.dockerfile:
            yield "image", "sandbox can't read its distro there: set the key distro, or --distro"
        return
    if plan.target.distro.companions:
        yield "distro", f"{plan.target.label} needs the volume of another container"
    if plan.lock is not None:
        yield "--locked", "sandbox can't compare what a task installs with the lock"
