"""`sandbox inspect`: measures in a throwaway container what packages would do to a host."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.container.box import Box
from sandbox.container.snapshot import snapshot
from sandbox.errors import Advice, UsageError
from sandbox.inspect.baseline import BaselineSnapshots
from sandbox.lifecycle.cleanup import Sweep
from sandbox.provision.image import stopped_container_spec
from sandbox.provision.launch import launched

if TYPE_CHECKING:
    from sandbox.container.snapshot import Snapshot
    from sandbox.core.progress import Reporter
    from sandbox.core.signals import Guard
    from sandbox.inspect.findings import Inspection
    from sandbox.inspect.sniffer import PacketListener
    from sandbox.lifecycle.removal import Removal
    from sandbox.lifecycle.session import Session
    from sandbox.provision.context import Context
    from sandbox.provision.image import ResolvedImage
    from sandbox.provision.launch import Launch
    from sandbox.provision.request import TryRequest


class Inspected(Struct, frozen=True, kw_only=True):
    """The inspection, and what the engine says is left of its container."""

    inspection: Inspection
    removal: Removal


def inspect(
    request: TryRequest,
    host: Context,
    *,
    session: Session,
    reporter: Reporter,
    guard: Guard,
    listens: bool = False,
    pristine: BaselineSnapshots | None = None,
) -> Inspected:
    """Measure and remove; raise what provisioning does, and UsageError for packages that can't be purged.

    `session` is what another thread may close meanwhile. `listens`: what is contacted is found too. `pristine` is what
    is known of images, which several inspections share.
    """
    sweep = Sweep(session.engine, host.owner, host.state_folder)
    known = pristine or BaselineSnapshots(host.cache_folder)
    try:
        with launched(request, host, session=session, reporter=reporter, guard=guard, adapt=_with_packages) as launch:
            sweep.begin()
            found = _measure(launch, request, known, listens=listens)
    finally:
        guard.cleaning = True
    sweep.result()  # after a signal, nobody waits for the sweep of other sessions' leftovers
    return Inspected(inspection=found, removal=session.finish())


def _with_packages(found: ResolvedImage) -> ResolvedImage:
    """Return the image. Raises UsageError if its plan has no package."""
    if not found.plan.packages:
        message = "there is no package to inspect"
        raise UsageError(message, hints=[Advice.sandbox("inspect", "htop"), Advice.sandbox("inspect", "pip:httpie")])
    return found


def _measure(launch: Launch, request: TryRequest, known: BaselineSnapshots, *, listens: bool) -> Inspection:
    from sandbox.engine.references import own_digest
    from sandbox.inspect.measure import Measurement
    from sandbox.provision.network import host_network

    host, image = launch.context, launch.image
    listener = _listener(launch) if listens else None
    key = f"{image.id} {launch.engine.title} {host.version}"
    work = Measurement(
        launch.box,
        plan=launch.plan,
        manager=launch.manager,
        network=host_network(host.environ, ca=host.settings.ca),
        reporter=launch.reporter,
        path=launch.path,
        pristine=lambda: known.of(key, lambda: _files_of(launch, request.spec.platform)),
        heard=listener.end if listener else None,
    )
    return work.run(base=own_digest(launch.found.reference, image.digests) or image.id)


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
