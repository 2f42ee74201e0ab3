"""`sandbox lock`: installs a spec in a throwaway container of each distro, and records the exact packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sandbox.container.diff import added_packages
from sandbox.core.human import count
from sandbox.core.plaintext import plain_line
from sandbox.engine.references import own_digest
from sandbox.errors import StepFailed, UsageError
from sandbox.managers.languages.locking import files_of
from sandbox.managers.package_files import cache_of
from sandbox.managers.protocol import Query
from sandbox.managers.registry import data_of, queries_of
from sandbox.provision.index_choice import index_use
from sandbox.provision.launch import launched
from sandbox.provision.lock_check import (
    SHORT,
    archives,
    base_differences,
    base_lines,
    language_differences,
    language_files,
    locked_packages,
)
from sandbox.specs.lockfile import GivenFile, LockedTarget
from sandbox.specs.places import place_words
from sandbox.specs.prepared_lines import prepared_lines

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sandbox.container.survey import Survey
    from sandbox.core.progress import Reporter
    from sandbox.core.signals import Guard
    from sandbox.engine.protocol import Engine
    from sandbox.inspect.bill import Arrivals, Bill
    from sandbox.lifecycle.removal import Removal
    from sandbox.managers.package_files import Archive
    from sandbox.managers.registry import ManagerName
    from sandbox.provision.context import Context
    from sandbox.provision.image import ResolvedImage
    from sandbox.provision.launch import Launch
    from sandbox.provision.plan import Plan
    from sandbox.provision.request import TryRequest
    from sandbox.provision.run import Provisioned, Provisioning
    from sandbox.specs.lockfile import LockedFile

RESOLVING: Final = (
    *("mirror", "lock", "repository", "foreign", "answer", "before"),
    *("index", "upgrade", "copy", "fetch", "docs", "install"),
)
"""Steps that decide which packages are installed; a lock runs no others."""


class Locked(Struct, frozen=True, kw_only=True):
    """The lock of one distro, what the engine says is left of the container, and its bill of materials if wanted."""

    target: LockedTarget
    removal: Removal
    bill: Bill | None = None


def resolve_lock(
    request: TryRequest, host: Context, *, engine: Engine, reporter: Reporter, guard: Guard, with_bill: bool = False
) -> Locked:
    """Resolve and remove the container. Raises what provisioning raises, and UsageError if it can't be locked.

    `with_bill`: what came is asked for its needs and licences, too.
    """
    session = host.session(engine)
    with launched(request, host, session=session, reporter=reporter, guard=guard, adapt=_lockable) as launch:
        came = _LockedPackages(launch) if with_bill else None
        target = _lock_target(launch, request, came)
        bill = came.bill(target) if came else None
    return Locked(target=target, removal=session.finish(), bill=bill)


def _lockable(found: ResolvedImage) -> ResolvedImage:
    check_lockable(found.plan)
    return found


class _LockedPackages:
    """What came while a lock was made, for its bill of materials."""

    def __init__(self, launch: Launch) -> None:
        from sandbox.container.snapshot import snapshot
        from sandbox.inspect.language_packages import LanguagePackages

        self._launch = launch
        self._beside = LanguagePackages(launch.box, launch.plan)
        self._before = snapshot(launch.box) if launch.plan.languages else None
        self._arrivals: Arrivals | None = None

    def put(
        self, looks: Sequence[Survey], done: Provisioned, archives: Sequence[Archive], files: Iterable[LockedFile]
    ) -> None:
        """Ask what came for its needs and licences, while the sandbox is there."""
        from sandbox.container.snapshot import snapshot
        from sandbox.inspect.bill import Arrivals

        launch = self._launch
        came = added_packages(looks[0].probe.packages, looks[-1].probe.packages)
        asked = queries_of(launch.plan.target.manager).facts([row.name for row in came])
        facts = launch.provisioning(launch.plan).ask(asked) if asked else ()
        if self._before:
            more, known = self._beside.arrivals(self._before, snapshot(launch.box), came)
            came, facts = (*came, *more), (*facts, *known)
        self._arrivals = Arrivals(
            came=came,
            asked=frozenset(row.full_name for row in done.asked),
            facts=facts,
            archives=tuple(archives),
            files=tuple(sorted(files)),
        )

    def bill(self, target: LockedTarget) -> Bill | None:
        """Return the bill of what was locked."""
        from sandbox.inspect.bill import bill_of

        launch = self._launch
        base = own_digest(launch.found.reference, launch.image.digests) or launch.image.id
        if self._arrivals is None:
            return None
        return bill_of(
            self._arrivals,
            launch.plan,
            platform=target.platform,
            base=base,
            tool=launch.context.version,
            day=target.as_of,
        )


def _lock_target(launch: Launch, request: TryRequest, kept: _LockedPackages | None = None) -> LockedTarget:
    """Run the steps that decide on the packages, without a lock, and return what was installed."""
    plan, image, box = launch.plan, launch.image, launch.box
    work = launch.provisioning(
        replace(plan, steps=tuple(step for step in plan.steps if step.kind in RESOLVING), lock=None),
        index=index_use(box, launch.found, launch.context, is_checked=True),
    )
    looks: list[Survey] = []
    files: list[Archive] = []
    languages: set[LockedFile] = set()

    def after_fetch() -> None:
        for language in plan.languages:
            languages.update(language_files(box, language.name))

    def on_look(found: Survey) -> None:
        if not looks:  # the install may delete the package files
            files.extend(archives(box, plan))
        looks.append(found)

    done = work.run(path=launch.path, on_look=on_look, after_fetch=after_fetch)
    if not looks:
        message = "the spec has no packages to lock"
        raise UsageError(message)
    if kept:
        kept.put(looks, done, files, languages)
    before, after = looks[0].probe.packages, looks[-1].probe.packages
    reference = launch.found.reference
    return LockedTarget(
        option=plan.target.option,
        platform=image.platform or launch.engine.platform,
        image=plan.spec.image or plan.target.image or reference,
        digest=own_digest(reference, image.digests),
        as_of=request.as_of,
        recommends=request.recommends,
        asked=place_words(plan.spec.packages),
        prepared=prepared_lines(plan.spec),
        repositories=_places(work, plan.target.manager),
        packages=locked_packages(plan.target.manager, added_packages(before, after), files),
        files=_given_files(plan),
        languages=tuple(sorted(languages)),
        provided=_provider_rows(work, plan, {row.name for row in added_packages(before, after)}),
        base=base_lines(before),
    )


def _given_files(plan: Plan) -> tuple[GivenFile, ...]:
    """Return the files that the spec names."""
    return tuple(
        GivenFile(
            name=row.ref.full_name,
            version=row.ref.version or "",
            size=row.file.size,
            sha256=row.file.sha256,
            word=row.word,
        )
        for step in plan.steps
        for row in step.files
    )


def _provider_rows(work: Provisioning, plan: Plan, came: Collection[str]) -> tuple[str, ...]:
    """Return the names that were asked for and are no package's, each with those that came and provide it."""
    text = data_of(plan.target.manager).providers
    asked = [ref.name for ref in plan.packages if not ref.source and ref.name not in came]
    rows = []
    for name in asked if text else ():
        try:
            query = Query(argv=("sh", "-c", text, "sh", name), parse=lambda said: tuple(said.split()))
            found = sorted({word for word in work.ask(query) if word in came})
        except StepFailed:
            continue
        if found:
            rows.append(" ".join((name, *found)))
    return tuple(rows)


def _places(work: Provisioning, manager: ManagerName) -> tuple[str, ...]:
    """Return the manager's repositories; none if it does not say."""
    asked = queries_of(manager).repositories()
    try:
        return tuple(plain_line(row, 500) for row in work.ask(asked)) if asked else ()
    except StepFailed:
        return ()


def check_lockable(plan: Plan) -> None:
    """Raise UsageError if a part of the plan can't be locked."""
    cache_of(plan.target.manager)
    for language in plan.languages:
        files_of(language)
    if plan.spec.dockerfile:
        message = "a spec with a dockerfile can't be locked: each build gives another base"
        raise UsageError(message)


def changes(old: LockedTarget, new: LockedTarget) -> tuple[str, ...]:
    """Return how a distro's lock has changed, one line each; empty if not at all."""
    rows = [
        f"{label}: {before or 'none'} is locked, {after or 'none'} is current"
        for label, before, after in (
            ("asked for", " ".join(old.asked), " ".join(new.asked)),
            ("before the packages", ", ".join(old.prepared), ", ".join(new.prepared)),
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
    given = [[f"{row.word} {row.sha256[:SHORT]}" for row in side.files] for side in (old, new)]
    rows += [f"file {row}" for row in base_differences(*given)]
    base = [f"base: {row}" for row in base_differences(old.base, new.base)]
    languages = language_differences(old.languages, new.languages)
    return (*rows, *base_differences(texts[0], texts[1]), *languages, *base)


def lock_diff(old: LockedTarget, new: LockedTarget) -> tuple[tuple[str, str], ...]:
    """Return a lock's changes as a diff: a sign and a line for each package, by name."""
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
            rows.append(("~", f"{name} {was}, same version but another file"))
    base = base_differences(old.base, new.base)
    return (*rows, *([("~", f"the base, {count(len(base), 'package')} of it")] if base else []))


def _files(target: LockedTarget) -> dict[str, tuple[str, str]]:
    """Return version and hash of the locked packages, by name; for languages also by the package they belong to."""
    own = {row.name: (row.version, row.sha256) for row in target.packages}
    return own | {f"{row.root}/{row.name}": (row.version, row.digest) for row in target.languages}
