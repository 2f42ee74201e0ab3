"""From a request to a running container, and to the end of its session; every verb uses it."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.core.signals import Guard
from sandbox.lifecycle.disk_guard import DiskWatch, guard_disk
from sandbox.provision.container import container_spec, image_folder, wait_for_start
from sandbox.provision.image import ResolvedImage, create_companion_volumes, repull, resolve_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from sandbox.container.box import Box
    from sandbox.core.progress import Reporter
    from sandbox.engine.protocol import ContainerSpec, Engine, Image
    from sandbox.lifecycle.session import Session
    from sandbox.managers.protocol import Manager
    from sandbox.provision.boot import BootPower
    from sandbox.provision.context import Context
    from sandbox.provision.index_use import IndexUse
    from sandbox.provision.network import HostNetwork
    from sandbox.provision.plan import Plan
    from sandbox.provision.request import TryRequest
    from sandbox.provision.run import Provisioned, Provisioning


NEXT: Final = ("sandbox.container.shell", "sandbox.provision.network")
NEXT_COLD: Final = ("sandbox.provision.index_choice", "sandbox.provision.run", "sandbox.provision.site")
"""Modules that are needed once the container runs; by name, since a linter takes imports away that nothing uses."""


class Launch(Struct, frozen=True, kw_only=True):
    """A sandbox that runs: its container, what it was made of, and the session that ends it.

    `disk` is what ends it before the host's disk is full; `found` is the image and the plan for it.
    """

    box: Box
    found: ResolvedImage
    session: Session
    context: Context
    reporter: Reporter
    disk: DiskWatch

    @property
    def engine(self) -> Engine:
        """The engine that runs it."""
        return self.box.engine

    @property
    def plan(self) -> Plan:
        """The plan to run in it."""
        return self.found.plan

    @property
    def image(self) -> Image:
        """The image that it starts from."""
        return self.found.image

    @property
    def state(self) -> Provisioned | None:
        """Its known content, if it starts from a cached state."""
        return self.found.state

    @property
    def manager(self) -> Manager:
        """The package manager of its distro."""
        from sandbox.managers.registry import manager_of

        return manager_of(self.plan.target.manager)

    @property
    def path(self) -> str:
        """The PATH of its users."""
        from sandbox.container.shell import search_path

        return search_path(self.image, self.plan.target.distro.path)

    @property
    def env(self) -> dict[str, str]:
        """The environment of checks, services and commands."""
        from sandbox.container.shell import shell_environment

        return shell_environment({}, self.path, self.plan.spec.env)

    def provisioning(
        self, plan: Plan | None = None, *, goes: bool = False, index: IndexUse | None = None
    ) -> Provisioning:
        """Return the runner of its plan's steps, or of another plan for the same distro.

        `goes`: nothing of it outlives its session, nor is it measured. `index` is how it uses the kept index of its
        base. Raises what `host_network` raises.
        """
        from sandbox.provision.run import Provisioning
        from sandbox.provision.site import InstallSite

        return Provisioning(
            InstallSite(
                box=self.box,
                plan=plan or self.plan,
                manager=self.manager,
                network=self.network,
                reporter=self.reporter,
                goes=goes,
                index=index,
            )
        )

    @property
    def network(self) -> HostNetwork:
        """The host's proxies and certificates, as the sandbox reaches them. Raises what `host_network` raises."""
        from sandbox.provision.network import sandbox_network

        shares_host = self.plan.spec.network == "host"
        host = self.context
        return sandbox_network(host.environ, self.engine, ca=host.settings.ca, shares_host=shares_host)


@contextmanager
def launched(
    request: TryRequest,
    context: Context,
    *,
    session: Session,
    reporter: Reporter,
    guard: Guard | None = None,
    resolve: Callable[[], ResolvedImage] | None = None,
    adapt: Callable[[ResolvedImage], ResolvedImage] = lambda found: found,
    turn: AbstractContextManager[object] | None = None,
    shows_start: bool = True,
    beside: Callable[[], tuple[str, ...]] = tuple,
    apart: Callable[[Plan], tuple[str, ...]] = lambda _: (),
    meanwhile: Callable[[ResolvedImage], AbstractContextManager[object]] = lambda _: nullcontext(),
) -> Iterator[Launch]:
    """Yield the started sandbox of a request and end its session, whatever is raised: what was created goes.

    `session.finish()` then returns at once what became of it; what could not be removed is a warning by then.

    `resolve` finds the image and the plan where that is not up to the request alone. `adapt` gets these before anything
    is made of them, and may refuse them or return others. `turn` is held meanwhile, so that no two pull or build one.
    `beside` creates containers that stay beside it, and whose volumes it shares. `apart` returns folders of it that lie
    in volumes. `meanwhile` is called while the engine starts it, and what it returns is left before the session ends.
    Raises what resolving the image, the start and the block raise; where the sandbox was ended because the host's disk
    was nearly full, StepFailed with that as its cause.
    """
    engine = session.engine
    boot = _boot_power(request, engine)
    if request.plan is not None:
        _check_files(request.plan, request.plan.spec.platform or engine.platform)
    look = resolve or partial(resolve_image, request, session, engine=engine, host=context, reporter=reporter)
    guard = guard or Guard()
    try:
        with guard_disk(engine, session.close) as disk:
            session.check_name()
            with turn or nullcontext():
                found = adapt(look())
                _check_files(found.plan, found.image.platform or engine.platform, reporter)
                volumes = create_companion_volumes(found.plan, session, engine=engine, host=context, reporter=reporter)
            _warn_of_proxy(request, found, engine, context, reporter)
            companions = (*volumes, *beside())
            apart_of = apart(found.plan)
            _begin_container(request, found, session, context, companions=companions, volumes=apart_of, boot=boot)
            _import_what_follows(found)
            with meanwhile(found):
                box = wait_for_start(session, found.image, volumes, reporter, is_shown=shows_start)
                yield Launch(box=box, found=found, session=session, context=context, reporter=reporter, disk=disk)
                disk.end()
    finally:  # not in a function of its own: a signal could come as it is called, before `cleaning` is set
        before, guard.cleaning = guard.cleaning, True
        for failure in session.finish().failures:
            reporter.warn(failure)
        guard.cleaning = before


def _begin_container(
    request: TryRequest,
    found: ResolvedImage,
    session: Session,
    context: Context,
    *,
    companions: tuple[str, ...],
    volumes: tuple[str, ...],
    boot: BootPower | None,
) -> None:
    """Begin to create and start the container; its image is pulled again where somebody removed it meanwhile."""

    def spec(name: str, labels: Mapping[str, str]) -> ContainerSpec:
        return container_spec(
            request,
            found.plan,
            found.start or found.image,
            session,
            name=name,
            labels=labels,
            companions=companions,
            volumes=volumes,
            folder=image_folder(found.plan.spec, found.image),
            boot=boot,
        )

    again = None if found.is_made else partial(repull, found.reference, engine=session.engine, host=context)
    session.start(spec, again)


def _boot_power(request: TryRequest, engine: Engine) -> BootPower | None:
    """Return what the engine gives a sandbox that boots, None for one that does not.

    Raises UsageError for what can't be combined with that, EngineError where the engine can't, or was not allowed to.
    """
    if not request.spec.boot:
        return None
    from sandbox.provision.boot import boot_power, check_boot

    check_boot(request)
    return boot_power(engine.about(), is_granted=request.allows_boot)


def _check_files(plan: Plan, platform: str, reporter: Reporter | None = None) -> None:
    """Raise UsageError for a package's file that is for another machine; warn of one that nobody has signed."""
    files = [ref for ref in plan.packages if ref.file]
    if not files:
        return
    from sandbox.provision.local_packages import check_architecture, unsigned_warnings

    check_architecture(files, platform)
    if reporter is not None:
        for warning in unsigned_warnings(files):
            reporter.warn(warning)


def _warn_of_proxy(
    request: TryRequest, found: ResolvedImage, engine: Engine, context: Context, reporter: Reporter
) -> None:
    """Warn before an install whose proxy can't be reached from where it runs."""
    installs = found.plan.steps and found.state is None and request.bundle is None
    if not installs or found.plan.spec.network in ("host", "none"):
        return
    from sandbox.provision.network import proxy_warning, sandbox_network

    if warning := proxy_warning(sandbox_network(context.environ, engine, ca=context.settings.ca)):
        reporter.warn(warning)


def _import_what_follows(found: ResolvedImage) -> None:
    """Import what almost every sandbox needs next, while the engine starts the container."""
    from sandbox.managers.registry import data_of

    for name in NEXT if found.state or not found.plan.steps else (*NEXT, *NEXT_COLD):
        import_module(name)
    data_of(found.plan.target.manager)
