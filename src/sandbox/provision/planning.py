"""From a spec to the plan of it: the distro it is for, and the packages, with their places in its document."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from msgspec.structs import replace

from sandbox.distros.detect import host_target
from sandbox.distros.lookup import find_target
from sandbox.errors import Problem, SpecError, UnknownWord, UsageError
from sandbox.managers.registry import manager_of, parse_reference
from sandbox.provision.plan import plan_for
from sandbox.specs.places import is_place, may_be_file

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.distros.model import Distro, Target
    from sandbox.distros.snapshots import AsOf
    from sandbox.managers.host_state import HostState
    from sandbox.provision.bundle import Bundle
    from sandbox.provision.context import Context
    from sandbox.provision.local_packages import LocalPackage
    from sandbox.provision.plan import Plan
    from sandbox.specs.lockfile import LockedTarget
    from sandbox.specs.model import Spec

    Positions = Mapping[str, tuple[str, int, int]]

DEFAULT_DISTRO: Final = "debian"


class Constraint(Protocol):
    """What a run is held to: a lock, a day, or both."""

    def target(self, spec: Spec, target: Target) -> LockedTarget | None:
        """Return the lock of a distro, None for none. Raises UsageError or CheckFailed for one that does not fit."""

    def as_of(self, target: Target, host: Context) -> AsOf | None:
        """Return the day of the packages, or None."""


USUAL_PLATFORM: Final = "DOCKER_DEFAULT_PLATFORM"
"""https://docs.docker.com/reference/cli/docker/#environment-variables"""


def usual_platform(environ: Mapping[str, str]) -> str | None:
    """Return the platform of the user's docker commands where none is named. Raises UsageError for an invalid one."""
    text = environ.get(USUAL_PLATFORM)
    if not text:
        return None
    from sandbox.specs import values
    from sandbox.specs.options import parse_option

    return parse_option(USUAL_PLATFORM, values.PLATFORM, text)


def plan_of(spec: Spec, host: Context, positions: Positions, held: Constraint | None = None) -> Plan | None:
    """Return the plan of a spec under the settings in force, None where only its image says which distro it is.

    Raise SpecError at a package that can't be.
    """
    target = target_for(spec, host, host.rows())
    return plan_at(spec, host, positions, target, held=held) if target else None


def plan_at(
    spec: Spec,
    host: Context,
    positions: Positions,
    target: Target,
    *,
    held: Constraint | None = None,
    fetch: bool = False,
    fetch_known: bool = False,
    bundle: Bundle | None = None,
    like: HostState | None = None,
    upgrade: bool = False,
    upgrade_to: str = "",
) -> Plan:
    """Return the plan of a spec on a distro, `like` a host. Raises SpecError at an invalid package."""
    lock, as_of = (held.target(spec, target), held.as_of(target, host)) if held else (None, None)
    terms = replace(
        host.terms(target),
        lock=lock,
        as_of=as_of,
        fetch=fetch,
        fetch_known=fetch_known,
        replay=bundle is not None,
        like=like,
        upgrade=upgrade,
        upgrade_to=upgrade_to,
        local=_local_packages(spec, host, positions, target, lock=lock, bundle=bundle),
    )
    try:
        return plan_for(spec, target, manager_of(target.manager), terms)
    except UsageError as error:
        raise _with_places(error, spec, target, positions) from error


def _local_packages(
    spec: Spec,
    host: Context,
    positions: Positions,
    target: Target,
    *,
    lock: LockedTarget | None,
    bundle: Bundle | None,
) -> dict[str, LocalPackage]:
    """Return the packages that come from files, by their texts; most specs have none."""
    if not any(map(may_be_file, spec.packages)):
        return {}
    from sandbox.provision.package_places import FileReading

    return FileReading(target=target, host=host, positions=positions, lock=lock, bundle=bundle).read(spec)


def target_for(spec: Spec, host: Context, rows: Sequence[Distro]) -> Target | None:
    """Return the distro asked for, else the settings', else this host's own, else the default.

    An image says itself which one it is, unless one is asked for: then None.
    """
    if spec.distro is None and (spec.image or spec.dockerfile):
        return None
    named = spec.distro or host.settings.distro
    if named:
        return find_target(named, rows)
    return host_target(rows) or find_target(DEFAULT_DISTRO, rows)


def _preparing_problems(spec: Spec, target: Target, positions: Positions) -> list[Problem]:
    """Return what a distro's manager can't be given before the packages, where it is written."""
    from sandbox.provision.preparation import problems

    found = []
    for path, message in problems(spec, target.manager):
        place = next((positions[at] for at in (path, path.partition(".")[0]) if at in positions), None)
        if place is not None:
            source, line, column = place
            found.append(Problem(source=source, line=line, column=column, path=path, message=message))
    return found


def _with_places(error: UsageError, spec: Spec, target: Target, positions: Positions) -> UsageError:
    """Return the manager's problems with packages, at their positions in the document."""
    manager = manager_of(target.manager)
    problems = _preparing_problems(spec, target, positions)
    for number, text in ((number, text) for number, text in enumerate(spec.packages) if not is_place(text)):
        place = positions.get(f"packages[{number}]")
        try:
            parse_reference(text, manager)
        except UsageError as reason:
            if place is None:
                return error
            source, line, column = place
            near = f"; did you mean {reason.near}?" if isinstance(reason, UnknownWord) and reason.near else ""
            message = f"{reason.brief}{near}"
            problems.append(
                Problem(source=source, line=line, column=column, path=f"packages[{number}]", message=message)
            )
    return SpecError(problems[0].source, problems) if problems else error
