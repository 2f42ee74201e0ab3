"""The whole run as a frozen value, made without an engine; `--dry-run` prints it, a session carries it out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sandbox.distros.snapshots import snapshot_argvs, snapshot_target
from sandbox.errors import UsageError
from sandbox.managers.architectures import add_architecture, architectures
from sandbox.managers.registry import languages_among, parse_reference, runtime_packages
from sandbox.provision.steps import WRITE_FILE, Step, language_steps, pin_steps, reference_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.distros.model import Target
    from sandbox.distros.snapshots import AsOf
    from sandbox.managers.languages.base import LanguageManager
    from sandbox.managers.protocol import Argv, Manager, PackageRef
    from sandbox.specs.lockfile import LockedTarget
    from sandbox.specs.model import InlineFile, Limits, Spec


class Plan(Struct, frozen=True, kw_only=True):
    """The run: the base's references in the order of preference, the steps, and what happens then.

    `sources` are those of the references that can be pulled, in the order in which that is tried.
    `packages` are those asked for, the distro's and the languages'; `runtime` are the distro packages that the latter
    need beyond them. `recommends`: whether they come with what they recommend. `lock` is what the run is held to.
    `command` is what runs at last; where it is empty, the first of `shells` that the sandbox has.
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

    def of(self, source: str) -> tuple[PackageRef, ...]:
        """Return the packages asked of a language manager, or of the distro's own, which is the empty name."""
        return tuple(package for package in self.packages if package.source == source)

    @property
    def languages(self) -> tuple[LanguageManager, ...]:
        """The language managers of the packages, in the order in which they install."""
        return languages_among(package.source for package in self.packages)


def plan_for(
    spec: Spec,
    target: Target,
    manager: Manager,
    *,
    limits: Limits,
    recommends: bool = False,
    cached: bool = False,
    mirror: str | None = None,
    registries: Sequence[str] = (),
    lock: LockedTarget | None = None,
    as_of: AsOf | None = None,
    fetch: bool = False,
    replay: bool = False,
) -> Plan:
    """Return the plan of a spec on a distro; raise UsageError for what the manager can't have or do.

    With a `lock` the run is held to it, `as_of` is the day of the distro's snapshot service that packages come from.
    `fetch`: packages are downloaded in a step of its own, as they are with a lock and for the cache.
    `replay`: index and packages are there already, so that nothing but the install is left, which needs no network.
    """
    packages = tuple(dict.fromkeys(parse_reference(text, manager) for text in spec.packages))
    own, languages = [ref for ref in packages if not ref.source], languages_among(ref.source for ref in packages)
    runtime = runtime_packages(languages, manager, own)
    recommends = recommends if spec.recommends is None else spec.recommends
    cached = cached and spec.dockerfile is None and lock is None  # each build is an image of its own
    places = _mirror_steps(target, manager, mirror if packages else None)
    if replay:
        from sandbox.managers.package_files import cache_of

        target, places = target.with_options(cache_of(target.manager).offline), ()
    elif as_of is not None:
        target, places = snapshot_target(target, as_of), _snapshot_steps(target, manager, as_of)
    sources = _pin_references(() if spec.dockerfile else pull_sources(spec.image or target.image, registries), lock)
    made = () if spec.dockerfile or spec.image else (target.built_image,)
    return Plan(
        target=target,
        images=(*sources[:1], *made, *sources[1:]),
        sources=sources,
        packages=packages,
        steps=(
            *places,
            *(() if replay else pin_steps(target, lock)),
            *_package_steps(
                [*own, *runtime],
                manager,
                target,
                spec,
                recommends=recommends,
                fetched=fetch or cached or lock is not None,
                replay=replay,
                lock=lock,
            ),
            *language_steps(languages, packages, lock, fetched=fetch or lock is not None, replay=replay),
            *(_file_step(file) for file in spec.files),
            *_setup_steps(spec),
        ),
        command=spec.command or ((spec.shell,) if spec.shell else ()),
        shells=target.distro.shell,
        limits=spec.limits or limits,
        spec=spec,
        cached=cached,
        recommends=recommends,
        runtime=runtime,
        lock=lock,
    )


def _pin_references(sources: tuple[str, ...], lock: LockedTarget | None) -> tuple[str, ...]:
    """Return the references by the digest that is locked, where there is one."""
    if lock is None or lock.digest is None:
        return sources
    return tuple(f"{_without_tag(source)}@{lock.digest}" for source in sources)


def _without_tag(reference: str) -> str:
    name = reference.partition("@")[0]
    head, colon, tag = name.rpartition(":")
    return head if colon and "/" not in tag else name


def pull_sources(image: str, registries: Sequence[str]) -> tuple[str, ...]:
    """Return where an image is pulled from: as it is named, then with each registry before its name.

    A name that holds a registry of its own (a first part with a dot, a colon, or `localhost`) has no other source.
    """
    first, slash, _ = image.partition("/")
    if not image or (slash and (first == "localhost" or set(".:[") & set(first))):
        return (image,) if image else ()
    return (image, *(f"{registry}/{image}" for registry in registries))


def index_plan(
    target: Target, manager: Manager, *, limits: Limits, mirror: str | None = None, registries: Sequence[str] = ()
) -> Plan:
    """Return the plan of a sandbox in which nothing is installed, to ask the distro's package index in."""
    from sandbox.specs.model import Spec

    nothing = plan_for(Spec(), target, manager, limits=limits, registries=registries)
    index = replace(_index_step(manager, target), env=_environment(nothing.spec, manager))
    return replace(nothing, steps=(*_mirror_steps(target, manager, mirror), index))


def _index_step(manager: Manager, target: Target) -> Step:
    index = _throwaway(manager.refresh(), (*manager.throwaway, *target.options))
    return Step(kind="index", title="package index", argv=_with_preparation(manager.prepare, index))


def _mirror_steps(target: Target, manager: Manager, mirror: str | None) -> tuple[Step, ...]:
    """Return the step that points the distro's own sources at the user's mirror, where there is one.

    Raise UsageError for a distro whose sources have no one mirror that could be replaced.
    """
    if mirror is None:
        return ()
    if target.distro.mirror is None:
        message = (
            f"the packages of {target.distro.name} come from no one mirror, so the setting mirrors can't replace it"
        )
        raise UsageError(message, details=[("mirrors", f"{target.distro.name}={mirror}")], hints=["sandbox doctor"])
    return (Step(kind="mirror", title=mirror, argv=manager.use_mirror(target.distro.mirror, mirror)),)


def _snapshot_steps(target: Target, manager: Manager, as_of: AsOf) -> tuple[Step, ...]:
    argvs = snapshot_argvs(target, manager, as_of)
    return tuple(Step(kind="mirror", title=f"as of {as_of.day}", argv=argv) for argv in argvs)


def _package_steps(
    packages: Sequence[PackageRef],
    manager: Manager,
    target: Target,
    spec: Spec,
    *,
    recommends: bool,
    fetched: bool,
    replay: bool,
    lock: LockedTarget | None,
) -> tuple[Step, ...]:
    environment = _environment(spec, manager)
    if not packages:
        return _docs_steps(spec, manager)
    names = " ".join(reference_text(package) for package in packages)
    options = (*manager.throwaway, *target.options)
    fetch = _throwaway(manager.download(packages, recommends=recommends), options)
    install = _throwaway(manager.install(packages, recommends=recommends), options)
    if lock is not None:
        from sandbox.managers.package_files import either, exact, install_exact_argv

        versions = [(package.name, package.version) for package in lock.packages]
        if refs := exact(target.manager, packages, versions):
            fetch = either(_throwaway(manager.download(refs, recommends=recommends), options), fetch)
            install = _throwaway(manager.install(refs, recommends=recommends), options)
            install = install_exact_argv(target.manager, install, packages, versions, base=lock.base_names)
    steps = (
        *(
            Step(kind="foreign", title=name, argv=add_architecture(name))
            for name in architectures(packages, target.manager)
        ),
        _index_step(manager, target),
        *(
            [Step(kind="upgrade", title="what is there", argv=_throwaway(target.distro.upgrade, options))]
            if target.distro.upgrade
            else []
        ),
        *([Step(kind="fetch", title=names, argv=fetch)] if fetched else []),
        *_docs_steps(spec, manager),
        Step(kind="install", title=names, argv=install),
    )
    left = [step for step in steps if not replay or step.kind in ("foreign", "docs", "install")]
    return tuple(replace(step, env=environment) for step in left)


def _docs_steps(spec: Spec, manager: Manager) -> tuple[Step, ...]:
    """Return the step that keeps manual pages; behind the fetch, so that a cached index knows nothing of it."""
    if not (spec.docs and manager.keep_docs):
        return ()
    return (Step(kind="docs", title="manual pages are kept", argv=("sh", "-c", manager.keep_docs)),)


def _environment(spec: Spec, manager: Manager) -> Mapping[str, str]:
    """Return what the manager's commands have in their environment; raise UsageError where it can't compile."""
    environment = {**manager.environment, **manager.throwaway_environment}
    if not spec.from_source:
        return environment
    if manager.from_source is None:
        message = f"{manager.name} installs binaries only: it has nothing to compile from"
        raise UsageError(message, hints=["the same command with --no-from-source"])
    return {**environment, **manager.from_source}


def _throwaway(argv: Argv, options: Argv) -> Argv:
    """Return the argv with the options that only a throwaway container may have, right behind the program's name."""
    return (argv[0], *options, *argv[1:])


def _with_preparation(prepare: str, argv: Argv) -> Argv:
    """Return the argv behind what makes a fresh image fit for it; one command, since each costs its time."""
    return ("sh", "-c", f'{prepare}\nexec "$@"', "sh", *argv) if prepare else argv


def _file_step(file: InlineFile) -> Step:
    argv = ("sh", "-c", WRITE_FILE, "sh", file.path, f"{file.mode:04o}")
    return Step(kind="file", title=file.path, argv=argv, stdin=file.content.encode())


def _setup_steps(spec: Spec) -> tuple[Step, ...]:
    return tuple(
        Step(kind="setup", title=" ".join(command.split()), argv=("sh", "-c", command), env=spec.env)
        for command in spec.setup
    )
