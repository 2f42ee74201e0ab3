"""`sandbox inspect`: what packages would do to a host, measured in a throwaway container."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.container.box import Box
from sandbox.container.snapshot import snapshot
from sandbox.errors import Advice, UsageError
from sandbox.inspect.baseline import BaselineSnapshots
from sandbox.lifecycle.cleanup import Sweep
from sandbox.lifecycle.disk_guard import guard_disk
from sandbox.lifecycle.session import Session
from sandbox.provision.container import container_spec, wait_for_start
from sandbox.provision.image import create_companion_volumes, resolve_image, stopped_container_spec

if TYPE_CHECKING:
    from sandbox.container.snapshot import Snapshot
    from sandbox.core.progress import Reporter
    from sandbox.core.signals import Guard
    from sandbox.engine.protocol import Engine, Image
    from sandbox.inspect.findings import Inspection
    from sandbox.inspect.sniffer import PacketListener
    from sandbox.lifecycle.removal import Removal
    from sandbox.provision.context import Context
    from sandbox.provision.request import TryRequest


class Inspected(Struct, frozen=True, kw_only=True):
    """What was found, and what the engine says is left of the container it was found in."""

    inspection: Inspection
    removal: Removal


class Inspecting:
    """One inspection from the engine's first answer to its last; `close` ends it from another thread."""

    def __init__(
        self,
        request: TryRequest,
        host: Context,
        *,
        engine: Engine,
        reporter: Reporter,
        guard: Guard,
        listens: bool = False,
        pristine: BaselineSnapshots | None = None,
    ) -> None:
        self._request = request
        self._host = host
        self._engine = engine
        self._reporter = reporter
        self._guard = guard
        self._listens = listens
        self._pristine = pristine or BaselineSnapshots(host.cache_folder)
        self._session = Session(engine, host.owner, version=host.version)
        self._sweep = Sweep(engine, host.owner, host.state_folder)

    def run(self) -> Inspected:
        """Measure and remove; raise what provisioning does, and UsageError for packages that can't be purged."""
        try:
            with guard_disk(self._engine, self._session.close):
                found = self._measure()
        finally:
            self._guard.cleaning = True
            removal = self.close()
        self._sweep.result()  # what others left is nothing to wait for where a signal ended it
        return Inspected(inspection=found, removal=removal)

    def begin_close(self) -> None:
        """Begin to remove what there is."""
        self._session.close()

    def close(self) -> Removal:
        """Remove what there is; what could not be is a warning."""
        removal = self._session.finish()
        for failure in removal.failures:
            self._reporter.warn(failure)
        return removal

    def _measure(self) -> Inspection:
        from sandbox.container.exec import search_path
        from sandbox.engine.references import own_digest
        from sandbox.inspect.measure import Measurement
        from sandbox.managers.registry import manager_of
        from sandbox.provision.network import host_network

        engine, host, session = self._engine, self._host, self._session
        found = resolve_image(self._request, session, engine=engine, host=host, reporter=self._reporter)
        plan = found.plan
        if not plan.packages:
            message = "there is no package to inspect"
            raise UsageError(
                message, hints=[Advice.sandbox("inspect", "htop"), Advice.sandbox("inspect", "pip:httpie")]
            )
        shared = create_companion_volumes(plan, session, engine=engine, host=host, reporter=self._reporter)
        session.start(
            lambda name, labels: container_spec(
                self._request, plan, found.image, session, name=name, labels=labels, companions=shared
            )
        )
        container = wait_for_start(session, found.image, shared, self._reporter)
        self._sweep.begin()
        listener = self._listener() if self._listens else None
        work = Measurement(
            Box(engine, container),
            plan=plan,
            manager=manager_of(plan.target.manager),
            network=host_network(host.environ, ca=host.settings.ca),
            reporter=self._reporter,
            path=search_path(found.image, plan.target.distro.path),
            pristine=lambda: self._pristine.of(
                f"{found.image.id} {engine.title} {host.version}", lambda: self._files_of(found.image)
            ),
            heard=listener.end if listener else None,
        )
        return work.run(base=own_digest(found.reference, found.image.digests) or found.image.id)

    def _listener(self) -> PacketListener:
        """Return what listens on the sandbox's network, of the base that everybody has by default."""
        from sandbox.commands.base import ensure
        from sandbox.distros.lookup import find_target
        from sandbox.inspect.sniffer import PacketListener

        with self._reporter.step("listen", "on the sandbox's network"):
            base = ensure(
                self._engine, find_target("debian"), version=self._host.version, folder=self._host.state_folder
            )
            return PacketListener(self._session, base.image)

    def _files_of(self, image: Image) -> Snapshot:
        """Return the files of an image, of a container that is never started, while the other one gets ready."""
        ident = self._session.create_helper(
            lambda name, labels: stopped_container_spec(image, name, labels, self._request.spec.platform)
        )
        try:
            return snapshot(Box(self._engine, ident))
        finally:
            self._session.remove_helper(ident)
