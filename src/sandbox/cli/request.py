"""From what was typed to a plan: the spec, the options above it, the distro, what the user grants."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

import typer
from msgspec.structs import replace

from sandbox.cli.app import at_terminal, standard_input
from sandbox.core.files import check_new
from sandbox.core.human import whole_seconds
from sandbox.core.paths import home
from sandbox.distros.detect import host_target
from sandbox.distros.lookup import find_target
from sandbox.engine import tty
from sandbox.errors import Problem, SpecError, UsageError
from sandbox.lifecycle.names import validate_name
from sandbox.managers.registry import manager_of, parse_reference
from sandbox.provision.plan import plan_for
from sandbox.provision.request import TryRequest
from sandbox.specs.grants import dangerous, missing_grants, parse_allow, refusal_error, too_dangerous
from sandbox.specs.model import Spec
from sandbox.specs.options import override, spec_from_options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sandbox.cli.lock_options import LockConstraint
    from sandbox.cli.try_arguments import TryArguments
    from sandbox.distros.model import Distro, Target
    from sandbox.provision.context import Context
    from sandbox.provision.plan import Plan
    from sandbox.specs.load import LoadedSpec

    Positions = Mapping[str, tuple[str, int, int]]

DEFAULT_DISTRO = "debian"
STDIN_LIMIT = 1_000_000
"""Bytes of a spec that are read from standard input; more than a spec may have."""


def make_request(asked: TryArguments, host: Context, *, folder: Path) -> TryRequest:
    """Return what to try; raise UsageError or SpecError for all that can't be, before an engine is asked."""
    if asked.name is not None:
        validate_name(asked.name)
    granted = parse_allow(asked.allow)
    replayed = None
    if asked.bundle is not None:
        from sandbox.cli.replay import replay

        asked, replayed = replay(asked, folder)
    spec, shared, positions, file = _spec(asked, host, folder, replayed.loaded if replayed else None)
    if replayed:
        spec = replace(spec, network="none", image=None, dockerfile=None)
    if asked.resolves:
        spec, shared = _packages_alone(spec), Spec()
    _grant(shared, granted, host, ask=asked.interactive and at_terminal())
    if not asked.allow_dangerous and (sources := dangerous(spec.mounts, home(host.environ))):
        raise too_dangerous(sources)
    if asked.promote is not None:
        if asked.life == "detached":
            message = "--detach leaves at once, so there is nothing to promote yet"
            raise UsageError(message, hints=["sandbox promote NAME, once it is as you want it"])
        check_new(asked.promote, "--promote")
    rows = host.rows()
    target = target_for(spec, host, rows)
    held = asked.held or _lock_constraint(asked, file, folder)
    planned = partial(plan_at, spec, host, positions, held=held, fetch=asked.resolves, replay=replayed is not None)
    plan = planned(target) if target else None
    return TryRequest(
        spec=spec,
        planned=planned,
        plan=plan,
        rows=rows,
        name=asked.name,
        promote=asked.promote,
        label=_label(asked, spec, plan),
        terminal=tty.is_terminal(),
        no_trace=asked.no_trace,
        proxy_in_shell=asked.proxy_in_shell,
        life=asked.life,
        lifetime=_lifetime(asked),
        trust=replace(asked.trust, capabilities=spec.capabilities, devices=spec.devices),
        bundle=replayed.bundle if replayed else None,
        as_of=held.day if held else None,
        recommends=host.settings.recommends if spec.recommends is None else spec.recommends,
    )


ABOUT_PACKAGES: Final = (
    *("name", "distro", "image", "dockerfile", "platform"),
    *("packages", "recommends", "docs", "from_source"),
)


def _packages_alone(spec: Spec) -> Spec:
    """Return the spec without all that is not about its packages."""
    return Spec(**{key: getattr(spec, key) for key in ABOUT_PACKAGES})


def _lock_constraint(asked: TryArguments, file: Path | None, folder: Path) -> LockConstraint | None:
    """Return what the run is held to, None where nothing was asked for: few are, and to read a lock takes time."""
    if not asked.locked and asked.as_of is None:
        return None
    from sandbox.cli.lock_options import LockConstraint, lock_beside, parse_day

    if asked.locked and asked.as_of is not None:
        message = "--locked has its own day, or none: --as-of goes with sandbox lock"
        raise UsageError(message, hints=[f"sandbox lock SPEC --as-of {asked.as_of[:40]}"])
    return LockConstraint(lock=lock_beside(file, folder) if asked.locked else None, day=parse_day(asked.as_of))


def _lifetime(asked: TryArguments) -> int | None:
    """Return the seconds of --ttl; raise UsageError where it can't be."""
    if asked.ttl is None:
        return None
    if asked.life == "session":
        message = "--ttl is for a sandbox that stays"
        raise UsageError(message, hints=["sandbox try ... --detach --ttl 2h", "sandbox try ... --keep --ttl 2h"])
    return whole_seconds(asked.ttl, "--ttl")


def _spec(
    asked: TryArguments, host: Context, folder: Path, loaded: LoadedSpec | None = None
) -> tuple[Spec, Spec, Positions, Path | None]:
    """Return the spec with the options above it, what of it is somebody else's, where that is written, and its file."""
    environ, limits, own = host.environ, host.settings.limits, home(host.environ)
    if asked.spec is None and loaded is None:
        alone = spec_from_options(asked.options, folder=folder, home=own, environ=environ, defaults=limits)
        return alone, Spec(), {}, None
    from sandbox.specs.find import load_by_name

    read = partial(standard_input, STDIN_LIMIT)
    known = None if asked.options.distro else partial(find_target, rows=host.rows())
    if loaded is None:
        loaded = load_by_name(asked.spec or "", environ=environ, cwd=folder, stdin=read, known=known, defaults=limits)
    both = override(loaded.spec, asked.options, folder=folder, home=own, environ=environ, defaults=limits)
    return both, loaded.spec, loaded.positions, loaded.file


def plan_of(spec: Spec, host: Context, positions: Positions, held: LockConstraint | None = None) -> Plan | None:
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
    held: LockConstraint | None = None,
    fetch: bool = False,
    replay: bool = False,
) -> Plan:
    """Return the plan of a spec on a distro; raise SpecError at a package that can't be."""
    lock, as_of = (held.target(spec, target), held.as_of(target, host)) if held else (None, None)
    terms = replace(host.terms(target), lock=lock, as_of=as_of, fetch=fetch, replay=replay)
    try:
        return plan_for(spec, target, manager_of(target.manager), terms)
    except UsageError as error:
        raise _with_places(error, spec, target, positions) from error


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


def _with_places(error: UsageError, spec: Spec, target: Target, positions: Positions) -> UsageError:
    """Return the manager's complaints about packages of a document as problems at their places there."""
    manager = manager_of(target.manager)
    problems = []
    for number, text in enumerate(spec.packages):
        place = positions.get(f"packages[{number}]")
        try:
            parse_reference(text, manager)
        except UsageError as reason:
            if place is None:
                return error
            source, line, column = place
            problems.append(
                Problem(source=source, line=line, column=column, path=f"packages[{number}]", message=reason.brief)
            )
    return SpecError(problems[0].source, problems) if problems else error


def _grant(spec: Spec, granted: frozenset[str], host: Context, *, ask: bool) -> None:
    """Let the user grant what the spec, not the command line, asks for beyond the defaults."""
    rows = missing_grants(spec, granted, host.settings.limits)
    if not rows:
        return
    if not ask:
        raise refusal_error(rows)
    typer.echo("The spec asks for more than a sandbox has by default:", err=True)
    for grant, text in rows:
        typer.echo(f"  {grant:<9}{text}", err=True)
    if not typer.confirm("Grant this?", default=False, err=True):
        raise refusal_error(rows)


def _label(asked: TryArguments, spec: Spec, plan: Plan | None) -> str:
    """Return what an install script of this trial is called after."""
    if asked.name or spec.name:
        return asked.name or spec.name or ""
    if plan is None:
        return re.sub(r"[^A-Za-z0-9.+-].*", "", spec.packages[0]) if spec.packages else "sandbox"
    return plan.packages[0].name.partition(":")[0].rpartition("/")[2] if plan.packages else plan.target.distro.name
