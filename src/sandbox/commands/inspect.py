"""`sandbox inspect`: measures in a throwaway container what packages would do to a host."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sandbox.container.box import Box
from sandbox.container.snapshot import snapshot
from sandbox.engine.begun import end_turns
from sandbox.errors import Advice, StepFailed, UsageError
from sandbox.inspect.base_files import folders_apart
from sandbox.inspect.baseline import BaselineSnapshots
from sandbox.lifecycle.cleanup import Sweep
from sandbox.provision.image import stopped_container_spec
from sandbox.provision.launch import launched

if TYPE_CHECKING:
    from sandbox.container.snapshot import Snapshot
    from sandbox.core.progress import Reporter
    from sandbox.core.signals import Guard
    from sandbox.engine.head_start import HeadStart
    from sandbox.inspect.bill import Bill
    from sandbox.inspect.findings import Inspection
    from sandbox.inspect.kept_files import KeptFiles
    from sandbox.inspect.sniffer import PacketListener
    from sandbox.lifecycle.removal import Removal
    from sandbox.lifecycle.session import Session
    from sandbox.provision.context import Context
    from sandbox.provision.display.companion import Display
    from sandbox.provision.image import ResolvedImage
    from sandbox.provision.launch import Launch
    from sandbox.provision.request import TryRequest
    from sandbox.screens.program import ProgramPicture


class Inspected(Struct, frozen=True, kw_only=True):
    """The inspection, what the engine says is left of its container, and the bill of materials where one is wanted."""

    inspection: Inspection
    removal: Removal
    bill: Bill | None = None
    picture: ProgramPicture | None = None
    """Of the program that came."""
    head_start: HeadStart | None = None
    """How the next such container can be begun ahead."""


def inspect(
    request: TryRequest,
    host: Context,
    *,
    session: Session,
    reporter: Reporter,
    guard: Guard,
    listens: bool = False,
    with_bill: bool = False,
    with_picture: bool = False,
    pristine: BaselineSnapshots | None = None,
    sweep: Sweep | None = None,
) -> Inspected:
    """Measure and remove; raise what provisioning does, and UsageError for packages that can't be purged.

    `session` is what another thread may close meanwhile. `listens`: what is contacted is found too. `with_bill`: the
    files that the packages come as are hashed for a bill of materials. `with_picture`: what they bring is installed
    once more at the end, and its program started. `pristine` is what is known of images, and `sweep` removes what
    other sessions left behind: several inspections share both.
    """
    sweep = sweep or Sweep(session.engine, host.owner, host.state_folder)
    known = pristine or BaselineSnapshots(host.cache_folder)
    try:
        adapt = (lambda found: found) if request.installer else _with_packages
        beside = _DisplayBeside(session, host, reporter, guard) if with_picture else None
        with launched(
            request,
            host,
            session=session,
            reporter=reporter,
            guard=guard,
            adapt=adapt,
            beside=beside.create if beside else tuple,
            apart=lambda plan: () if request.installer else folders_apart(plan),
        ) as launch:
            end_turns()
            sweep.begin()
            kept = _kept_files(launch) if with_bill else None
            found = _measure(launch, request, known, listens=listens, kept=kept)
            bill = _bill(launch, request, kept, base=found.base) if kept else None
            picture = beside.picture(launch) if beside else None
    finally:
        guard.cleaning = True
    sweep.result()  # after a signal, nobody waits for the sweep of other sessions' leftovers
    begun = session.head_start(None)
    return Inspected(inspection=found, removal=session.finish(), bill=bill, picture=picture, head_start=begun)


class _DisplayBeside:
    """A display beside the sandbox, for one picture at the end."""

    def __init__(self, session: Session, host: Context, reporter: Reporter, guard: Guard) -> None:
        from sandbox.provision.display.base import display_base

        self._session = session
        self._image = display_base(session.engine, host, reporter, guard)
        self._display: Display | None = None

    def create(self) -> tuple[str, ...]:
        """Create it, and return its container."""
        from sandbox.provision.display.companion import Display

        self._display = Display(self._session, self._image)
        return (self._display.ident,)

    def picture(self, launch: Launch) -> ProgramPicture | None:
        """Install the packages again, since they were purged, and return the picture of their program, if there is one.

        What it writes is in no measurement, for these are over.
        """
        from sandbox.screens.program import launcher_files, new_launcher, picture_of

        assert self._display is not None  # noqa: S101 - it was created with the sandbox
        steps = tuple(step for step in launch.plan.steps if step.kind in ("docs", "install"))
        before = launcher_files(launch.box)
        launch.provisioning(replace(launch.plan, steps=steps)).run(path=launch.path)
        try:
            found = new_launcher(launch.box, before, [ref.name for ref in launch.plan.packages])
            with launch.reporter.step("picture", found.title):
                return picture_of(launch.box, self._display, found, path=launch.path)
        except StepFailed as error:
            launch.reporter.warn(error)
            return None
        finally:
            self._display.end()


def _kept_files(launch: Launch) -> KeptFiles:
    from sandbox.inspect.kept_files import KeptFiles

    return KeptFiles(launch.box, launch.plan)


def _bill(launch: Launch, request: TryRequest, kept: KeptFiles, *, base: str) -> Bill:
    from sandbox.inspect.bill import bill_of

    platform = launch.image.platform or launch.engine.platform
    return bill_of(
        kept.arrivals, launch.plan, platform=platform, base=base, tool=launch.context.version, day=request.as_of
    )


def _with_packages(found: ResolvedImage) -> ResolvedImage:
    """Return the image. Raises UsageError if its plan has no package."""
    if not found.plan.packages and not found.plan.upgrades:
        message = "there is no package to inspect"
        raise UsageError(message, hints=[Advice.sandbox("inspect", "htop"), Advice.sandbox("inspect", "pip:httpie")])
    return found


def _measure(
    launch: Launch, request: TryRequest, known: BaselineSnapshots, *, listens: bool, kept: KeptFiles | None
) -> Inspection:
    from sandbox.engine.references import own_digest
    from sandbox.inspect.inspection import inspect_site
    from sandbox.inspect.site import Site
    from sandbox.provision.index_choice import index_use

    host, image = launch.context, launch.image
    key = f"{image.id} {launch.engine.title} {host.version}"
    pristine = cache(lambda: known.of(key, lambda: _files_of(launch, request.spec.platform)))
    site = Site(
        box=launch.box,
        plan=launch.plan,
        manager=launch.manager,
        network=launch.network,
        reporter=launch.reporter,
        index=index_use(launch.box, launch.found, host, is_checked=True),
        path=launch.path,
        kept=kept,
        image_files=lambda: pristine().result(),
    )
    return inspect_site(
        site,
        base=own_digest(launch.found.reference, image.digests) or image.id,
        pristine=pristine,
        listen=(lambda: _listener(launch).end) if listens else None,
        installer=request.installer,
    )


def _listener(launch: Launch) -> PacketListener:
    """Return a listener on the sandbox's network; it runs in the default Debian base."""
    from sandbox.commands.base import ensure
    from sandbox.distros.lookup import find_target
    from sandbox.inspect.sniffer import PacketListener

    host = launch.context
    with launch.reporter.step("listen", "on the sandbox's network"):
        base = ensure(launch.engine, find_target("debian"), version=host.version, folder=host.state_folder)
        return PacketListener(launch.session, base.image)


def _files_of(launch: Launch, platform: str | None) -> Snapshot:
    """Return the files of an image, from a container that never starts, while the other container starts."""
    session = launch.session
    ident = session.create_helper(lambda name, labels: stopped_container_spec(launch.image, name, labels, platform))
    try:
        return snapshot(Box(launch.engine, ident))
    finally:
        session.remove_helper(ident)
