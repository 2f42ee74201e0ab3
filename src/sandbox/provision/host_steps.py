"""The steps that make a sandbox like a host, from the value that the host was read as. Pure."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from sandbox.core.human import count
from sandbox.core.programs import sh_argv
from sandbox.errors import Advice, UsageError
from sandbox.managers import apt
from sandbox.managers.host_state import FAMILIES
from sandbox.managers.registry import data_of
from sandbox.provision.steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.distros.model import Target
    from sandbox.managers.host_state import HostState
    from sandbox.managers.protocol import Argv, Manager


def check_family(target: Target) -> None:
    """Raise UsageError for a host whose manager can't be read."""
    if target.manager not in FAMILIES:
        message = f"--like-host can't read a host of {target.manager}, only one of {' or '.join(FAMILIES)}"
        raise UsageError(
            message, details=[("this host", target.label)], hints=[Advice.sandbox("try", "...", "-d", target.option)]
        )


def host_steps(state: HostState, target: Target, manager: Manager, options: Argv, index: Step) -> Iterator[Step]:
    """Yield the steps: the host's sources, keys and pins, the `index` of them, and its packages."""
    env = {**manager.environment, **manager.throwaway_environment}
    added = data_of(target.manager).added
    if state.needs_certificates and not isinstance(added, str):
        yield Step(kind="before", title="certificates, for https", argv=("sh", "-c", added.certificates), env=env)
    package = apt.__name__
    files = "".join(f"{file.path} {base64.b64encode(file.content).decode()}\n" for file in state.files)
    yield Step(
        kind="repository",
        title=f"this host's sources, keys and pins: {count(len(state.files), 'file')}",
        argv=sh_argv(package, "host_files.sh", state.release),
        stdin=files.encode(),
    )
    yield index
    yield Step(
        kind="host",
        title=count(len(state.packages), "package"),
        argv=sh_argv(package, "like_host.sh", *options),
        env=env,
        stdin=f"{state.rows}\n{state.records}".encode(),
    )


def with_host(steps: Sequence[Step], host: Sequence[Step]) -> tuple[Step, ...]:
    """Return a plan's steps behind those of a host, whose index stands for theirs."""
    return (*host, *(step for step in steps if step.kind not in ("mirror", "index")))
