"""The steps that make a sandbox like a host, from the value that the host was read as. Pure."""

from __future__ import annotations

import base64
from importlib import import_module
from typing import TYPE_CHECKING

from sandbox.core.human import count, names
from sandbox.core.programs import program, sh_argv
from sandbox.errors import Advice, UsageError
from sandbox.managers.host_state import FAMILIES, state_of_release
from sandbox.managers.registry import data_of
from sandbox.provision.steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.distros.model import Target
    from sandbox.managers.host_state import HostState
    from sandbox.managers.protocol import Argv, Manager


def check_readable(target: Target) -> None:
    """Raise UsageError for a host whose manager can't be read."""
    if target.manager not in FAMILIES:
        message = f"--like-host can't read a host of {target.manager}, only one of {names(tuple(FAMILIES), 9)}"
        raise UsageError(
            message, details=[("this host", target.label)], hints=[Advice.sandbox("try", "...", "-d", target.option)]
        )


def check_release(target: Target, release: str) -> str:
    """Return the name of a release that a host may be upgraded to. Raises UsageError for what is none."""
    known = target.distro.releases
    found = next((row.name for row in known if release in (row.name, *row.aliases)), "")
    others = tuple(row.name for row in known if row.name != target.release.name)
    again = [Advice.again("--upgrade-to", name) for name in others[:1]]
    if not FAMILIES[target.manager].to_release:
        able = names(tuple(name for name, family in FAMILIES.items() if family.to_release), 9)
        message = f"--upgrade-to works only with {able}, and this host has {target.manager}"
        raise UsageError(message, hints=[Advice.sandbox("inspect", "--upgrade", "--like-host")])
    if not found:
        raise UsageError(
            f"{target.distro.title} has no release {release!r}", details=[("releases", names(others, 9))], hints=again
        )
    if found == target.release.name:
        message = f"this host is {target.label} already"
        raise UsageError(message, hints=[Advice.sandbox("inspect", "--upgrade", "--like-host")])
    return found


def host_steps(state: HostState, target: Target, manager: Manager, options: Argv, index: Step) -> Iterator[Step]:
    """Yield the steps: the host's sources, keys and pins, the `index` of them, and its packages."""
    env = {**manager.environment, **manager.throwaway_environment}
    added = data_of(target.manager).added
    if state.needs_certificates and not isinstance(added, str):
        yield Step(kind="before", title="certificates, for https", argv=("sh", "-c", added.certificates), env=env)
    package = import_module(FAMILIES[target.manager].programs).__name__
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


def release_steps(
    state: HostState, target: Target, options: Argv, release: str, env: Mapping[str, str]
) -> Iterator[Step]:
    """Yield the steps that bring what is like a host to another release.

    The sources are the host's, with its release's name replaced.
    """
    package = import_module(FAMILIES[target.manager].programs).__name__
    state = state_of_release(state, target.release.name, release)
    files = "".join(f"{file.path} {base64.b64encode(file.content).decode()}\n" for file in state.files)
    yield Step(
        kind="host",
        title=f"the sources of {release}",
        argv=(
            "sh",
            "-c",
            program(package, "release_index.sh"),
            *sh_argv(package, "host_files.sh", state.release)[2:3],
            state.release,
            *options,
        ),
        env=env,
        stdin=files.encode(),
    )
    for title, words in FAMILIES[target.manager].to_release:
        yield Step(kind="install", title=f"{release}: {title}", argv=(words[0], *options, *words[1:]), env=env)


def with_host(steps: Sequence[Step], host: Sequence[Step]) -> tuple[Step, ...]:
    """Return a plan's steps behind those of a host, whose index stands for theirs."""
    return (*host, *(step for step in steps if step.kind not in ("mirror", "index")))
