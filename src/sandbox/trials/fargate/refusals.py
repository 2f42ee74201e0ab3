"""What a trial can't have on Fargate. Pure; AWS's documentation, "Task definition differences for Fargate"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.errors import UsageError
from sandbox.trials.fargate.sizes import task_size
from sandbox.trials.jobs.refusals import check_refusals, plan_refusals

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.errors import Row
    from sandbox.provision.plan import Plan
    from sandbox.specs.model import Limits, Spec
    from sandbox.specs.privileges import Trust

REFUSED: Final[Mapping[str, str]] = {
    "dockerfile": "build the image, push it, and set the key image",
    "mounts": "a task doesn't have the folders of this host",
    "copies": "a task gets no files of this host",
    "devices": "a task can't have devices",
    "boot": "a task can't boot an init",
    "shm_size": "a task can't have another size of /dev/shm",
}
ARCHITECTURES: Final[Mapping[str, str]] = {"amd64": "X86_64", "arm64": "ARM64"}
ADDABLE: Final = ("SYS_PTRACE",)
"""The capabilities that a task can be given."""


def unsupported_options(spec: Spec, plan: Plan | None, trust: Trust) -> Iterator[Row]:
    """Yield (option, reason) for what Fargate can't enforce or give."""
    for key, reason in REFUSED.items():
        if getattr(spec, key):
            yield key.replace("_", "-"), reason
    if spec.platform and architecture(spec.platform) is None:
        yield "platform", "Fargate has linux/amd64 and linux/arm64"
    yield from check_refusals(spec)
    yield from _of_trust(trust)
    yield from _of_limits(plan.limits if plan else None)
    yield from plan_refusals(spec, plan)


def architecture(platform: str) -> str | None:
    """Return Fargate's word for the processor of a platform such as linux/amd64; None for another."""
    system, _, rest = platform.partition("/")
    return ARCHITECTURES.get(rest.partition("/")[0]) if system == "linux" else None


def _of_trust(trust: Trust) -> Iterator[Row]:
    if trust.hardened:
        yield "--hardened", "Fargate has no no-new-privileges and no limit of processes"
    if trust.runtime:
        yield "--runtime", "a task can't choose its runtime"
    if trust.as_user:
        yield "--user", "a task is one script, which runs as root"
    for name in trust.capabilities:
        if name not in ADDABLE:
            yield f"capability {name}", "Fargate adds none but SYS_PTRACE"


def _of_limits(limits: Limits | None) -> Iterator[Row]:
    if limits is None:
        return
    if "pids" in limits.named:
        yield "pids", "Fargate has no limit of processes"
    try:
        task_size(limits)
    except UsageError as error:
        yield "limits", f"{error.brief}; the largest has 16 cpus and 120 GB"
