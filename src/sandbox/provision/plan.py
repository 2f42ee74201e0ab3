"""The whole run as a frozen value, made without an engine; `--dry-run` prints it, a session runs it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from sandbox.distros.snapshots import snapshot_argvs, snapshot_target
from sandbox.engine.references import names_registry, without_tag
from sandbox.errors import Advice, UsageError
from sandbox.managers.architectures import add_architecture, architectures
from sandbox.managers.registry import languages_among, parse_reference, runtime_packages
from sandbox.provision.steps import WRITE_FILE, Step, language_steps, languages_to_fetch, pin_steps, with_preparation
from sandbox.specs.model import Limits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.distros.model import Target
    from sandbox.distros.snapshots import AsOf
    from sandbox.managers.config_files import ConfigChange
    from sandbox.managers.hand_steps import HandStep
    from sandbox.managers.host_state import HostState
    from sandbox.managers.languages.base import LanguageManager
    from sandbox.managers.protocol import Argv, Manager, PackageRef
    from sandbox.provision.local_packages import LocalPackage
    from sandbox.specs.lockfile import LockedTarget
    from sandbox.specs.model import InlineFile, Spec


class Plan(Struct, frozen=True, kw_only=True):
    """The run: the base's references in the order of preference, the steps, and what happens then.

    `sources` are those of the references that can be pulled, in the order in which that is tried.
    `packages` are those asked for, the distro's and the languages'; `runtime` are the distro packages that the latter
    need beyond them. `recommends`: whether they come with what they recommend. `lock` is what the run is held to.
    `command` is what runs at last; where it is empty, the first of `shells` that the sandbox has.
    `upgrades`: that what is there is upgraded, in place of an install, in words; empty for an install.
    `settings` and `hand_steps` are what the spec sets before the packages, less its commands, for a promotion.
    """

    target: Target
    images: tuple[str, ...]
    sources: tuple[str, ...]
    packages: tuple[PackageRef, ...]
    steps: tuple[Step, ...]
    command: Argv
    shells: tuple[str, ...]
    limits: Limits
    spec: Spec
    cached: bool = False
    recommends: bool = False
    runtime: tuple[PackageRef, ...] = ()
    lock: LockedTarget | None = None
    upgrades: str = ""
    settings: tuple[ConfigChange, ...] = ()
    hand_steps: tuple[HandStep, ...] = ()

    def of(self, source: str) -> tuple[PackageRef, ...]:
        """Return the packages of a language's manager, or of the distro's own (the empty name)."""
        return tuple(package for package in self.packages if package.source == source)

    @property
    def languages(self) -> tuple[LanguageManager, ...]:
        """The languages of the packages, in the order in which they install."""
        return languages_among(package.source for package in self.packages)


class Terms(Struct, frozen=True, kw_only=True):
    """Under which terms a spec is planned: what the settings say, and what the run is held to.

    `recommends`, `cached` and `limits` stand where the spec says nothing else. `mirror` takes the place of the distro's
    own, `registries` are asked for the base after the one of its name. With a `lock` the run is held to it; `as_of` is
    the day of the distro's snapshot service that packages come from. `fetch`: packages are downloaded in a step of its
    own, as they are with a lock and for the cache; `fetch_known` means those that come as files which can be kept.
    `replay`: index and packages are there already, so that nothing but the install is left, which needs no network.
    `local` are the packages of the spec that come from files, by its texts.
    `like` is the host that the sandbox is like, `upgrade` whether all that it has is upgraded, `upgrade_to` to which
    other release.
    """

    limits: Limits = Limits()
    recommends: bool = False
    cached: bool = False
    mirror: str | None = None
    registries: Sequence[str] = ()
    lock: LockedTarget | None = None
    as_of: AsOf | None = None
    fetch: bool = False
    fetch_known: bool = False
    replay: bool = False
    local: Mapping[str, LocalPackage] = field(default_factory=dict)
    like: HostState | None = None
    upgrade: bool = False
    upgrade_to: str = ""


class _Base(Struct, frozen=True, kw_only=True):
    """The image, and the steps that select the package manager's sources."""

    target: Target
    images: tuple[str, ...]
    sources: tuple[str, ...]
    places: tuple[Step, ...]


class _Packages(Struct, frozen=True, kw_only=True):
    """The requested packages; the distro's own of them; the distro's packages that languages need."""

    asked: tuple[PackageRef, ...]
    distro: tuple[PackageRef, ...]
    languages: tuple[LanguageManager, ...]
    runtime: tuple[PackageRef, ...]


def plan_for(spec: Spec, target: Target, manager: Manager, terms: Terms) -> Plan:
    """Return the plan of a spec on a distro. Raises UsageError for what the manager can't do."""
    terms = _terms_of(spec, terms)
    packages = _packages_of(spec, manager, terms)
    base = _base_of(spec, target, manager, terms if packages.asked else replace(terms, mirror=None))
    steps = _steps_of(spec, base.target, manager, packages, terms)
    plan = Plan(
        target=base.target,
        images=base.images,
        sources=base.sources,
        packages=packages.asked,
        steps=(*base.places, *steps),
        command=spec.command or ((spec.shell,) if spec.shell else ()),
        shells=base.target.distro.shell,
        limits=terms.limits,
        spec=spec,
        cached=terms.cached,
        recommends=terms.recommends,
        runtime=packages.runtime,
        lock=terms.lock,
    )
    return _with_boot(_with_host(_with_preparation_of(spec, plan, manager, terms), manager, terms), manager)


def _with_boot(plan: Plan, manager: Manager) -> Plan:
    """Return the plan in which an init boots, if the spec says so. Raises UsageError where that can't be."""
    if not plan.spec.boot:
        return plan
    from sandbox.provision.boot_steps import with_boot

    steps = with_boot(plan.steps, plan.target, manager, index_step(manager, plan.target))
    return replace(plan, steps=steps, cached=False)


def _with_host(plan: Plan, manager: Manager, terms: Terms) -> Plan:
    """Return the plan that begins with what makes the sandbox like a host. Raises UsageError for one that can't be."""
    if terms.like is None:
        return plan
    from sandbox.managers.host_state import FAMILIES
    from sandbox.provision.host_steps import host_steps, release_steps, with_host

    index = replace(index_step(manager, plan.target), env=_environment(plan.spec, manager))
    options = _options_of(plan.target, manager)
    host = tuple(host_steps(terms.like, plan.target, manager, options, index))
    steps = with_host(plan.steps, host)
    if not terms.upgrade:
        return replace(plan, steps=steps)
    if terms.upgrade_to:
        more = release_steps(terms.like, plan.target, options, terms.upgrade_to, index.env)
        return replace(plan, steps=(*steps, *more), upgrades=f"upgrade of this host to {terms.upgrade_to}")
    argv = _throwaway(FAMILIES[plan.target.manager].upgrade, options)
    step = Step(kind="install", title="what this host would upgrade", argv=argv, env=index.env)
    return replace(plan, steps=(*steps, step), upgrades="upgrade of this host")


def _with_preparation_of(spec: Spec, plan: Plan, manager: Manager, terms: Terms) -> Plan:
    """Return the plan with what the spec sets before the packages; a bundle's base has it already."""
    if not (spec.repositories or spec.pins or spec.architectures or spec.answers or spec.before):
        return plan
    from sandbox.provision.preparation import answers_step, preparation, preparing_steps

    name = plan.target.manager
    found = preparation(spec, name)
    plan = replace(plan, settings=found.settings, hand_steps=found.steps)
    if terms.replay:
        return plan
    first = next((at for at, step in enumerate(plan.steps) if step.kind not in ("mirror", "lock")), len(plan.steps))
    rest = list(plan.steps[first:])
    if spec.answers and plan.packages:
        last = max((at for at, step in enumerate(rest) if step.kind == "install"), default=-1)
        rest.insert(last + 1, answers_step(spec, "check"))
    return replace(plan, steps=(*plan.steps[:first], *preparing_steps(spec, found, manager, name), *rest))


def _terms_of(spec: Spec, terms: Terms) -> Terms:
    """Return the terms, overridden by the spec; each build of a Dockerfile is a new image."""
    return replace(
        terms,
        limits=spec.limits or terms.limits,
        recommends=terms.recommends if spec.recommends is None else spec.recommends,
        cached=terms.cached and spec.dockerfile is None and terms.lock is None,
    )


def _packages_of(spec: Spec, manager: Manager, terms: Terms) -> _Packages:
    local = terms.local
    asked = tuple(
        dict.fromkeys(local[text].ref if text in local else parse_reference(text, manager) for text in spec.packages)
    )
    if local:
        from sandbox.managers.local_files import unique_packages  # few packages come from files

        asked = unique_packages(asked)
    distro = tuple(ref for ref in asked if not ref.source)
    languages = languages_among(ref.source for ref in asked)
    runtime = tuple(runtime_packages(languages, manager, distro))
    return _Packages(asked=asked, distro=distro, languages=languages, runtime=runtime)


def _base_of(spec: Spec, target: Target, manager: Manager, terms: Terms) -> _Base:
    """Return the image and sources. Raises UsageError for a mirror or day that the distro does not support."""
    pulled = () if spec.dockerfile else pull_sources(spec.image or target.image, terms.registries)
    sources = _pin_references(pulled, terms.lock)
    built = () if spec.dockerfile or spec.image else (target.built_image,)
    places: tuple[Step, ...] = ()
    if terms.replay:
        from sandbox.managers.package_files import cache_of

        cache = cache_of(target.manager)
        target = target.with_options(cache.offline_beside_files if terms.local else cache.offline)
    elif terms.as_of is not None:
        target = snapshot_target(target, terms.as_of)
        places = _snapshot_steps(target, manager, terms.as_of)
    else:
        places = _mirror_steps(target, manager, terms.mirror)
    return _Base(target=target, images=(*sources[:1], *built, *sources[1:]), sources=sources, places=places)


def _steps_of(spec: Spec, target: Target, manager: Manager, packages: _Packages, terms: Terms) -> tuple[Step, ...]:
    """Return the steps after the base's: what to install, then what the spec writes and runs."""
    pins = () if terms.replay else pin_steps(target, terms.lock)
    own = _package_steps((*packages.distro, *packages.runtime), target, manager, spec, terms)
    fetched = terms.fetch or terms.lock is not None
    languages = languages_to_fetch(packages.languages, fetched=fetched, known=terms.fetch_known)
    others = language_steps(packages.languages, packages.asked, terms.lock, fetched=languages, replay=terms.replay)
    return (*pins, *own, *others, *(_file_step(file) for file in spec.files), *_setup_steps(spec))


def _pin_references(sources: tuple[str, ...], lock: LockedTarget | None) -> tuple[str, ...]:
    """Return the references by their locked digest, if there is one."""
    if lock is None or lock.digest is None:
        return sources
    return tuple(f"{without_tag(source)}@{lock.digest}" for source in sources)


def pull_sources(image: str, registries: Sequence[str]) -> tuple[str, ...]:
    """Return where an image is pulled from: as it is named, then with each registry before its name.

    A name that holds a registry of its own has no other source.
    """
    if not image or names_registry(image):
        return (image,) if image else ()
    return (image, *(f"{registry}/{image}" for registry in registries))


def empty_plan(target: Target, manager: Manager, terms: Terms) -> Plan:
    """Return the plan of a sandbox without packages."""
    from sandbox.specs.model import Spec

    return plan_for(Spec(), target, manager, replace(terms, cached=False))


def index_plan(target: Target, manager: Manager, terms: Terms) -> Plan:
    """Return the plan of a sandbox without packages, for queries to the distro's package index."""
    nothing = empty_plan(target, manager, terms)
    index = replace(index_step(manager, target), env=_environment(nothing.spec, manager))
    return replace(nothing, steps=(*_mirror_steps(target, manager, terms.mirror), index))


def index_step(manager: Manager, target: Target) -> Step:
    """Return the step that fetches the package index, with what makes a fresh image fit for it."""
    index = _throwaway(manager.refresh(), _options_of(target, manager))
    return Step(kind="index", title="package index", argv=with_preparation(manager.prepare, index))


def _mirror_steps(target: Target, manager: Manager, mirror: str | None) -> tuple[Step, ...]:
    """Return the step that points the distro's own sources at the user's mirror, where there is one.

    Raise UsageError for a distro whose sources have no one mirror that could be replaced.
    """
    if mirror is None:
        return ()
    if target.distro.mirror is None:
        message = (
            f"the packages of {target.distro.name} come from more than one mirror, so the setting mirrors "
            "can't replace them"
        )
        raise UsageError(
            message, details=[("mirrors", f"{target.distro.name}={mirror}")], hints=[Advice.sandbox("doctor")]
        )
    return (Step(kind="mirror", title=mirror, argv=manager.use_mirror(target.distro.mirror, mirror)),)


def _snapshot_steps(target: Target, manager: Manager, as_of: AsOf) -> tuple[Step, ...]:
    argvs = snapshot_argvs(target, manager, as_of)
    return tuple(Step(kind="mirror", title=f"as of {as_of.day}", argv=argv) for argv in argvs)


def _package_steps(
    packages: Sequence[PackageRef], target: Target, manager: Manager, spec: Spec, terms: Terms
) -> tuple[Step, ...]:
    """Return the steps that install packages of the distro's own manager."""
    environment, docs = _environment(spec, manager), _docs_steps(spec, manager)
    if not packages:
        return docs
    title = " ".join(package.text for package in packages)
    foreign = [
        Step(kind="foreign", title=name, argv=add_architecture(target.manager, name))
        for name in architectures(packages, target.manager)
    ]
    fetch, install = _fetch_and_install(packages, target, manager, terms)
    before = () if terms.replay else (*_steps_before_install(target, manager), *_copy_steps(terms))
    fetched = terms.fetch or terms.cached or terms.lock is not None or (terms.fetch_known and _keeps(target))
    if not terms.replay and fetched:
        before = (*before, Step(kind="fetch", title=title, argv=fetch))
    steps = (*foreign, *before, *docs, Step(kind="install", title=title, argv=install))
    return tuple(replace(step, env=environment) for step in steps)


def _keeps(target: Target) -> bool:
    """Return whether the distro's manager leaves the files that it downloads."""
    from sandbox.managers.registry import data_of

    return not isinstance(data_of(target.manager).downloads, str)


def _copy_steps(terms: Terms) -> tuple[Step, ...]:
    """Return the step that copies the given files in; behind the index, whose step brings the certificates."""
    files = tuple({package.file.path: package for package in terms.local.values()}.values())
    if not files:
        return ()
    title = " ".join(package.ref.text for package in files)
    return (Step(kind="copy", title=title, argv=("cp", *(package.file.path for package in files)), files=files),)


def _steps_before_install(target: Target, manager: Manager) -> tuple[Step, ...]:
    """Return the steps that fetch the index and, on distros without partial upgrades, upgrade all packages."""
    index = index_step(manager, target)
    if not target.distro.upgrade:
        return (index,)
    argv = _throwaway(target.distro.upgrade, _options_of(target, manager))
    return (index, Step(kind="upgrade", title="what is installed", argv=argv))


def _fetch_and_install(
    packages: Sequence[PackageRef], target: Target, manager: Manager, terms: Terms
) -> tuple[Argv, Argv]:
    """Return the commands that download and install packages, in the exact versions of a lock."""
    options, recommends = _options_of(target, manager), terms.recommends
    fetch = _throwaway(manager.download(packages, recommends=recommends), options)
    install = _throwaway(manager.install(packages, recommends=recommends), options)
    if terms.local:
        return _with_files(packages, target, manager, terms, (fetch, install))
    if terms.lock is None:
        return fetch, install
    return _exact(packages, target, manager, terms, (fetch, install))


def _with_files(
    packages: Sequence[PackageRef], target: Target, manager: Manager, terms: Terms, argvs: tuple[Argv, Argv]
) -> tuple[Argv, Argv]:
    """Return the commands that download and install packages of which some come from files."""
    from sandbox.managers.local_files import download_with_files, with_files

    fetch, install = argvs if terms.lock is None else _exact(packages, target, manager, terms, argvs)
    options = _options_of(target, manager)
    return (
        download_with_files(manager, fetch, packages, options),
        with_files(manager, install, packages, options),
    )


def _exact(
    packages: Sequence[PackageRef], target: Target, manager: Manager, terms: Terms, argvs: tuple[Argv, Argv]
) -> tuple[Argv, Argv]:
    """Return the commands in the versions of a lock, where the manager takes versions as arguments."""
    if terms.lock is None:
        return argvs
    options, recommends, (fetch, install) = _options_of(target, manager), terms.recommends, argvs
    from sandbox.managers.package_files import either, exact, install_exact_argv

    versions = [(package.name, package.version) for package in terms.lock.packages]
    refs = exact(target.manager, packages, versions)
    if not refs:
        return fetch, install
    fetch = either(_throwaway(manager.download(refs, recommends=recommends), options), fetch)
    install = _throwaway(manager.install(refs, recommends=recommends), options)
    return fetch, install_exact_argv(target.manager, install, packages, versions, base=terms.lock.base_names)


def _docs_steps(spec: Spec, manager: Manager) -> tuple[Step, ...]:
    """Return the step that keeps manual pages; after the fetch, so that a cached index is not affected."""
    if not (spec.docs and manager.keep_docs):
        return ()
    return (Step(kind="docs", title="manual pages are kept", argv=("sh", "-c", manager.keep_docs)),)


def _environment(spec: Spec, manager: Manager) -> Mapping[str, str]:
    """Return the environment of the manager's commands. Raises UsageError if it can't compile."""
    environment = {**manager.environment, **manager.throwaway_environment}
    if not spec.from_source:
        return environment
    if manager.from_source is None:
        message = f"{manager.name} installs binaries only, so it can't compile"
        raise UsageError(message, hints=[Advice.again("--no-from-source")])
    return {**environment, **manager.from_source}


def _options_of(target: Target, manager: Manager) -> Argv:
    return (*manager.throwaway, *target.options)


def _throwaway(argv: Argv, options: Argv) -> Argv:
    """Return the argv with the options for throwaway containers after the program's name."""
    return (argv[0], *options, *argv[1:])


def _file_step(file: InlineFile) -> Step:
    argv = ("sh", "-c", WRITE_FILE, "sh", file.path, f"{file.mode:04o}")
    return Step(kind="file", title=file.path, argv=argv, stdin=file.content.encode())


def _setup_steps(spec: Spec) -> tuple[Step, ...]:
    return tuple(
        Step(kind="setup", title=" ".join(command.split()), argv=("sh", "-c", command), env=spec.env)
        for command in spec.setup
    )
