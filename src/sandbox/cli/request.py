"""From the command line to a plan: the spec, overriding options, the distro, the user's permissions."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sandbox.cli.host import at_terminal, standard_input
from sandbox.cli.try_arguments import life_of
from sandbox.core.files import check_new
from sandbox.core.human import whole_seconds
from sandbox.core.paths import home
from sandbox.distros.lookup import find_target
from sandbox.engine import tty
from sandbox.errors import Advice, UsageError
from sandbox.lifecycle.names import validate_name
from sandbox.provision.planning import plan_at, target_for, usual_platform
from sandbox.provision.request import TryRequest
from sandbox.specs.grants import dangerous, missing_grants, parse_allow, refusal_error, too_dangerous
from sandbox.specs.model import Spec
from sandbox.specs.options import override, spec_from_options
from sandbox.specs.places import place_word

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.cli.lock_options import LockConstraint
    from sandbox.cli.replay import OpenedBundle
    from sandbox.cli.try_arguments import TryArguments
    from sandbox.cli.try_options import Ending, What
    from sandbox.distros.model import Distro, Target
    from sandbox.lifecycle.lifetimes import Life
    from sandbox.managers.host_state import HostState
    from sandbox.provision.context import Context
    from sandbox.provision.plan import Plan
    from sandbox.provision.planning import Positions
    from sandbox.specs.load import LoadedSpec
    from sandbox.specs.lockfile import Lock

STDIN_LIMIT = 1_000_000
"""Most bytes of a spec on standard input: one more than a spec may have."""


class SpecRequest(Struct, frozen=True, kw_only=True):
    """A spec with overriding options; which part of it comes from a file, and that file."""

    spec: Spec
    shared: Spec = Spec()
    positions: Positions
    file: Path | None = None


def make_request(asked: TryArguments, host: Context, *, folder: Path) -> TryRequest:
    """Return the request. Raises UsageError or SpecError before an engine is needed."""
    life, lifetime = _life_of(asked.ending)
    granted = parse_allow(asked.bounds.allow.split(",") if asked.bounds.allow else ())
    host = replace(host, local_urls="local-url" in granted)
    asked, opened = _open_bundle(asked, folder)
    bundle = opened.bundle if opened else None
    found = _spec_of(asked, host, folder, opened.loaded if opened else None)
    _check_background(asked, found.spec, life)
    _check_grants(asked, found, granted, host)
    check_paths(found.spec, host, found.positions, is_here=None if asked.is_here else False)
    _check_promote(asked.ending)
    rows = host.rows()
    like, spec = _of_host(asked, found.spec, rows)
    target = target_for(spec, host, rows)
    upgrade_to = _release_of(asked, target)
    spec = spec if bundle else with_keys(spec, host, granted)
    held = asked.held or _lock_constraint(asked.what, found.file, folder)
    planned = partial(
        plan_at,
        spec,
        host,
        found.positions,
        held=held,
        fetch=asked.resolves,
        fetch_known=asked.keeps_files,
        bundle=bundle,
        like=like,
        upgrade=asked.upgrade,
        upgrade_to=upgrade_to,
    )
    request = TryRequest(
        spec=spec,
        planned=planned,
        plan=planned(target) if target else None,
        rows=rows,
        life=life,
        lifetime=lifetime,
        bundle=bundle,
        as_of=held.day if held else None,
    )
    return _with_options(request, asked, host, granted)


def _with_options(request: TryRequest, asked: TryArguments, host: Context, granted: frozenset[str]) -> TryRequest:
    """Return the request with what the options say of the run, beside the plan."""
    ending, spec = asked.ending, request.spec
    return replace(
        request,
        name=ending.name,
        promote=ending.promote,
        label=_label(ending.name, spec, request.plan),
        terminal=tty.is_terminal(),
        no_trace=ending.no_trace,
        proxy_in_shell=asked.reach.proxy_in_shell,
        trust=asked.trust_of(spec),
        allows_frontend="frontend" in granted,
        allows_boot="boot" in granted,
        recommends=host.settings.recommends if spec.recommends is None else spec.recommends,
    )


def _open_bundle(asked: TryArguments, folder: Path) -> tuple[TryArguments, OpenedBundle | None]:
    """Return what was asked as a bundle has it, and the bundle, if one is used."""
    if asked.what.bundle is None:
        return asked, None
    from sandbox.cli.replay import replay

    return replay(asked, folder)


def _of_host(asked: TryArguments, spec: Spec, rows: tuple[Distro, ...]) -> tuple[HostState | None, Spec]:
    """Return this host's state and the spec on its distro, if the sandbox begins with that."""
    if not asked.where.like_host:
        return None, spec
    from sandbox.cli.like_host import like_this_host

    return like_this_host(asked, spec, rows)


def _release_of(asked: TryArguments, target: Target | None) -> str:
    """Return the release to upgrade to, empty for none. Raises UsageError for one that `target` has not."""
    if not (asked.upgrade_to and target):
        return asked.upgrade_to
    from sandbox.provision.host_steps import check_release

    return check_release(target, asked.upgrade_to)


def _check_background(asked: TryArguments, spec: Spec, life: Life) -> None:
    """Raise UsageError for a user of what runs in the background."""
    if life == "detached" and spec.user is not None:
        message = "--user and --detach can't be combined: what runs in the background is root in the sandbox"
        raise UsageError(message, hints=[Advice.without("--user" if asked.bounds.as_user else "--detach")])


def with_keys(spec: Spec, host: Context, granted: frozenset[str]) -> Spec:
    """Return the spec with the keys of its repositories that lie at an address. Raises UsageError, CheckFailed."""
    if not spec.repositories:
        return spec
    from sandbox.provision.signing_keys import fetch_for, has_remote_keys, with_remote_keys

    if not has_remote_keys(spec):
        return spec
    return with_remote_keys(spec, fetch_for(host, allows_local="local-url" in granted))


def _life_of(ending: Ending) -> tuple[Life, int | None]:
    """Return the life of the sandbox and its most seconds. Raises UsageError, also for an invalid name."""
    if ending.name is not None:
        validate_name(ending.name)
    life = life_of(ending)
    if ending.ttl is None:
        return life, None
    if life == "session":
        message = "--ttl needs --keep or --detach"
        raise UsageError(
            message,
            hints=[
                Advice.sandbox("try", "...", "--detach", "--ttl", "2h"),
                Advice.sandbox("try", "...", "--keep", "--ttl", "2h"),
            ],
        )
    return life, whole_seconds(ending.ttl, "--ttl")


def _check_grants(asked: TryArguments, found: SpecRequest, granted: frozenset[str], host: Context) -> None:
    """Ask the user to allow what the spec asks for. Raises UsageError for a mount that gives the host away."""
    _grant(found.shared, granted, host, ask=asked.interactive and at_terminal())
    sources = dangerous(found.spec.mounts, home(host.environ))
    if sources and not asked.bounds.allow_dangerous:
        raise too_dangerous(sources)


def check_paths(spec: Spec, host: Context, positions: Positions, *, is_here: bool | None = None) -> None:
    """Raise SpecError or UsageError for what of this host is asked for and is not there.

    `is_here`: whether the engine has this host's files; None to look.
    """
    if not (spec.mounts or spec.copies or spec.devices or spec.dockerfile):
        return
    from sandbox.engine.discover import is_here as is_engine_here
    from sandbox.engine.discover import other_host
    from sandbox.specs.host_paths import check_host_paths

    elsewhere = ""
    if is_here is None:
        named = host.settings.engine
        chosen = (named, host.settings.origin("engine")) if named else None
        is_here = bool(spec.mounts or spec.devices) and is_engine_here(host.environ, chosen=chosen)
        elsewhere = other_host(host.environ, chosen=chosen) if spec.mounts and not is_here else ""
    check_host_paths(spec, positions, is_here=is_here, elsewhere=elsewhere)


def _check_promote(ending: Ending) -> None:
    """Raise UsageError if no install script could be written in the end."""
    if ending.promote is None:
        return
    if ending.detach:
        message = "--promote can't be combined with --detach: you have not used the sandbox yet"
        raise UsageError(message, hints=[Advice.sandbox("promote", "NAME", after=", when you are done with it")])
    check_new(ending.promote, "--promote")


BEFORE_PACKAGES: Final = ("repositories", "pins", "architectures", "answers", "before")
ABOUT_PACKAGES: Final = (
    *("name", "distro", "image", "dockerfile", "platform"),
    *("packages", "recommends", "docs", "from_source", "env"),
    *BEFORE_PACKAGES,
)


def _packages_alone(spec: Spec) -> Spec:
    """Return the spec with only those keys that are about packages."""
    return Spec(**{key: getattr(spec, key) for key in ABOUT_PACKAGES})


def _preparation_alone(spec: Spec) -> Spec:
    """Return the spec with only what it sets before the packages."""
    return Spec(**{key: getattr(spec, key) for key in BEFORE_PACKAGES})


def grant_preparation(loaded: LoadedSpec, host: Context, *, allow: str | None) -> LoadedSpec:
    """Return a spec of which only what is set before the packages, and these, will be used, once that is allowed."""
    granted = parse_allow(allow.split(",") if allow else ())
    _grant(_preparation_alone(loaded.spec), granted, host, ask=at_terminal())
    return replace(loaded, spec=with_keys(loaded.spec, host, granted))


def _lock_constraint(what: What, file: Path | None, folder: Path) -> LockConstraint | None:
    """Return the lock or day to follow, or None: most runs have neither, and to read a lock takes time."""
    if not what.locked and what.as_of is None:
        return None
    from sandbox.cli.lock_options import LockConstraint, parse_day

    if what.locked and what.as_of is not None:
        message = "--locked and --as-of can't be combined: the lock already fixes the day"
        raise UsageError(message, hints=[Advice.sandbox("lock", "SPEC", "--as-of", what.as_of[:40])])
    return LockConstraint(lock=_lock(what, file, folder) if what.locked else None, day=parse_day(what.as_of))


def _lock(what: What, file: Path | None, folder: Path) -> Lock:
    from sandbox.cli.lock_options import lock_beside, lock_of_list

    if what.files and (what.spec or len(what.files) > 1):
        message = "--locked takes one spec or one --from FILE"
        raise UsageError(message, hints=[Advice.sandbox("try", "--from", what.files[0], "--locked")])
    return lock_of_list(what.files[0], folder) if what.files else lock_beside(file, folder)


def _spec_of(asked: TryArguments, host: Context, folder: Path, loaded: LoadedSpec | None) -> SpecRequest:
    """Return the spec: from a bundle (`loaded`), by its name, or from options alone."""
    options, is_replay = asked.options, loaded is not None
    environ, own, limits = host.environ, home(host.environ), host.settings.limits
    usual = usual_platform(environ) if asked.is_here and not is_replay else None
    if loaded is None and asked.what.spec is None:
        alone = spec_from_options(options, folder=folder, home=own, environ=environ, defaults=limits)
        alone = replace(alone, platform=alone.platform or usual)
        return SpecRequest(spec=_packages_alone(alone) if asked.resolves else alone, positions={})
    loaded = loaded or load_spec_by_name(asked.what.spec or "", host, folder, is_distro_known=bool(options.distro))
    both = override(loaded.spec, options, folder=folder, home=own, environ=environ, defaults=limits)
    both = replace(both, platform=both.platform or usual)
    if is_replay:
        both = replace(both, network="none", image=None, dockerfile=None)
    found = SpecRequest(spec=both, shared=loaded.spec, positions=loaded.positions, file=loaded.file)
    if not asked.resolves:
        return found
    return replace(found, spec=_packages_alone(both), shared=_preparation_alone(loaded.spec))


def load_spec_by_name(value: str, host: Context, folder: Path, *, is_distro_known: bool = False) -> LoadedSpec:
    """Return the spec of a name, a path or `-`; its distro must be known, unless `is_distro_known`."""
    from sandbox.specs.find import load_by_name

    read = partial(standard_input, STDIN_LIMIT)
    known = None if is_distro_known else partial(find_target, rows=host.rows())
    limits = host.settings.limits
    return load_by_name(value, environ=host.environ, cwd=folder, stdin=read, known=known, defaults=limits)


def _grant(spec: Spec, granted: frozenset[str], host: Context, *, ask: bool) -> None:
    """Ask the user to allow what the spec, not the command line, asks for beyond the defaults."""
    rows = missing_grants(spec, granted, host.settings.limits)
    if not rows:
        return
    if not ask:
        raise refusal_error(rows)
    from sandbox.cli.question import confirm
    from sandbox.report.terminal import TerminalReporter

    reporter = TerminalReporter(host.environ)
    reporter.say("The spec asks for more than a sandbox has by default:")
    reporter.rows([(f"  {grant}", text) for grant, text in rows])
    if not confirm("Allow this?"):
        raise refusal_error(rows)


def _label(name: str | None, spec: Spec, plan: Plan | None) -> str:
    """Return the name for an install script."""
    if name or spec.name:
        return name or spec.name or ""
    if plan is None:
        first = place_word(spec.packages[0]).rpartition("/")[2] if spec.packages else ""
        return re.sub(r"[^A-Za-z0-9.+-].*", "", first) or "sandbox"
    return plan.packages[0].name.partition(":")[0].rpartition("/")[2] if plan.packages else plan.target.distro.name
