"""`sandbox lock`: a spec resolved in a throwaway container of each distro, and what came written down to the byte."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from sandbox.container.box import Box
from sandbox.container.exec import search_path
from sandbox.core.human import count
from sandbox.core.plaintext import plain_line
from sandbox.engine.references import own_digest
from sandbox.errors import StepFailed, UsageError
from sandbox.lifecycle.disk_guard import guard_disk
from sandbox.lifecycle.session import Session
from sandbox.managers.languages.locking import files_of
from sandbox.managers.package_files import cache_of
from sandbox.managers.registry import manager_of, queries_of
from sandbox.provision.container import container_spec, wait_for_start
from sandbox.provision.image import create_companion_volumes, resolve_image
from sandbox.provision.lock_check import (
    SHORT,
    archives,
    base_differences,
    base_lines,
    language_differences,
    language_files,
    locked_packages,
    new_packages,
)
from sandbox.provision.network import host_network
from sandbox.provision.run import Provisioning
from sandbox.specs.lockfile import LockedTarget

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.container.survey import Survey
    from sandbox.core.progress import Reporter
    from sandbox.core.signals import Guard
    from sandbox.engine.protocol import Engine, Image
    from sandbox.lifecycle.removal import Removal
    from sandbox.managers.package_files import Archive
    from sandbox.provision.context import Context
    from sandbox.provision.plan import Plan
    from sandbox.provision.request import TryRequest
    from sandbox.specs.lockfile import LockedFile

Done = TypeVar("Done")

RESOLVING: Final = ("mirror", "lock", "foreign", "index", "upgrade", "fetch", "docs", "install")
"""Steps that decide what comes; what a spec does beyond them is its own."""


class Locked(Struct, frozen=True, kw_only=True):
    """What was found for one distro, and what the engine says is left of the container it was found in."""

    target: LockedTarget
    removal: Removal


class Throwaway:
    """A container of a request's base, for one piece of work: what sandbox lock and sandbox bundle stand on."""

    def __init__(self, request: TryRequest, host: Context, *, engine: Engine, reporter: Reporter, guard: Guard) -> None:
        self.request = request
        self.host = host
        self.engine = engine
        self.reporter = reporter
        self._guard = guard
        self.session = Session(engine, host.owner, version=host.version)

    def work(self, inside: Callable[[Plan, Image], Done]) -> tuple[Done, Removal]:
        """Return what is done in the running container, and how that was removed; raise what the work raises."""
        try:
            with guard_disk(self.engine, self.session.close):
                done = inside(*self._start())
        finally:
            self._guard.cleaning = True
            removal = self.session.finish()
            self._guard.cleaning = False
            for failure in removal.failures:
                self.reporter.warn(failure)
        return done, removal

    @property
    def box(self) -> Box:
        """The running container."""
        return Box(self.engine, self.session.container)

    def fetch_plan(self, plan: Plan) -> Plan:
        """Return the plan of what is to be done of a request's own."""
        return plan

    def _start(self) -> tuple[Plan, Image]:
        engine, session = self.engine, self.session
        found = resolve_image(self.request, session, engine=engine, host=self.host, reporter=self.reporter)
        plan = self.fetch_plan(found.plan)
        self.reference = found.reference
        shared = create_companion_volumes(plan, session, engine=engine, host=self.host, reporter=self.reporter)
        session.start(
            lambda name, labels: container_spec(
                self.request, plan, found.image, session, name=name, labels=labels, companions=shared
            )
        )
        wait_for_start(session, found.image, shared, self.reporter)
        return plan, found.image


class Locking(Throwaway):
    """One resolution from the engine's first answer to its last."""

    def run(self) -> Locked:
        """Resolve and remove; raise what provisioning does, and UsageError for what can't be locked."""
        target, removal = self.work(self._lock_target)
        return Locked(target=target, removal=removal)

    def fetch_plan(self, plan: Plan) -> Plan:
        """Return the plan of the steps that decide what comes, held to nothing."""
        check_lockable(plan)
        return replace(plan, steps=tuple(step for step in plan.steps if step.kind in RESOLVING), lock=None)

    def _lock_target(self, plan: Plan, image: Image) -> LockedTarget:
        work = Provisioning(
            self.box,
            plan=plan,
            manager=manager_of(plan.target.manager),
            network=host_network(self.host.environ, ca=self.host.settings.ca),
            reporter=self.reporter,
        )
        looks: list[Survey] = []
        files: list[Archive] = []
        languages: set[LockedFile] = set()

        def after_fetch() -> None:
            for language in plan.languages:
                languages.update(language_files(self.box, language.name))

        def on_look(found: Survey) -> None:
            if not looks:  # the install may take its files away
                files.extend(archives(self.box, plan.target.manager))
            looks.append(found)

        work.run(path=search_path(image, plan.target.distro.path), on_look=on_look, after_fetch=after_fetch)
        if not looks:
            message = "there is nothing to lock: no package is asked for"
            raise UsageError(message)
        before, after = looks[0].probe.packages, looks[-1].probe.packages
        asked = queries_of(plan.target.manager).repositories()
        places: tuple[str, ...] = ()
        with suppress(StepFailed):
            places = tuple(plain_line(row, 500) for row in work.ask(asked)) if asked else ()
        return LockedTarget(
            option=plan.target.option,
            platform=image.platform or self.engine.platform,
            image=plan.spec.image or plan.target.image or self.reference,
            digest=own_digest(self.reference, image.digests),
            as_of=self.request.as_of,
            recommends=self.request.recommends,
            asked=plan.spec.packages,
            repositories=places,
            packages=locked_packages(plan.target.manager, new_packages(before, after), files),
            languages=tuple(sorted(languages)),
            base=base_lines(before),
        )


def check_lockable(plan: Plan) -> None:
    """Raise UsageError for a plan of which not all can be held to a lock."""
    cache_of(plan.target.manager)
    for language in plan.languages:
        files_of(language)
    if plan.spec.dockerfile:
        message = "a spec with a dockerfile can't be locked: each build of it is another base"
        raise UsageError(message)


def changes(old: LockedTarget, new: LockedTarget) -> tuple[str, ...]:
    """Return how a distro's part of a lock has become another, a line each; none where it is the same."""
    rows = [
        f"{label}: {before or 'none'} is locked, {after or 'none'} came"
        for label, before, after in (
            ("asked for", " ".join(old.asked), " ".join(new.asked)),
            ("recommends", str(old.recommends).lower(), str(new.recommends).lower()),
            ("platform", old.platform, new.platform),
            ("as of", old.as_of, new.as_of),
        )
        if before != after
    ]
    texts = [
        [f"{row.name} {row.version} {row.architecture} {row.sha256[:SHORT]}" for row in side.packages]
        for side in (old, new)
    ]
    base = [f"base: {row}" for row in base_differences(old.base, new.base)]
    languages = language_differences(old.languages, new.languages)
    return (*rows, *base_differences(texts[0], texts[1]), *languages, *base)


def lock_diff(old: LockedTarget, new: LockedTarget) -> tuple[tuple[str, str], ...]:
    """Return what a lock's renewal changes, as a diff has it: a sign and a line for each package, by name."""
    rows = []
    before, after = _files(old), _files(new)
    for name in sorted({*before, *after}):
        (was, had), (now, has) = before.get(name, ("", "")), after.get(name, ("", ""))
        if not was:
            rows.append(("+", f"{name} {now}"))
        elif not now:
            rows.append(("-", f"{name} {was}"))
        elif was != now:
            rows.append(("~", f"{name} {was} -> {now}"))
        elif had != has:
            rows.append(("~", f"{name} {was}, another file of it"))
    base = base_differences(old.base, new.base)
    return (*rows, *([("~", f"the base, {count(len(base), 'package')} of it")] if base else []))


def _files(target: LockedTarget) -> dict[str, tuple[str, str]]:
    """Return the version and the hash of what is locked, by name; what languages have, by what it is part of."""
    own = {row.name: (row.version, row.sha256) for row in target.packages}
    return own | {f"{row.root}/{row.name}": (row.version, row.digest) for row in target.languages}
