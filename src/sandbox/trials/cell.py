"""One cell of a matrix: a sandbox that comes to hold a spec, its checks, and its end."""

from __future__ import annotations

import time
from contextlib import nullcontext
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sandbox.container.box import Box
from sandbox.container.exec import search_path, shell_environment
from sandbox.errors import SandboxError
from sandbox.lifecycle.disk_guard import guard_disk
from sandbox.lifecycle.session import Session
from sandbox.provision.container import container_spec, wait_for_start
from sandbox.provision.image import create_companion_volumes, resolve_image
from sandbox.specs.model import PortCheck
from sandbox.trials.results import CellResult, Held

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sandbox.core.progress import Reporter
    from sandbox.core.tasks import Background
    from sandbox.engine.protocol import Engine
    from sandbox.lifecycle.removal import Removal
    from sandbox.managers.protocol import Manager
    from sandbox.provision.context import Context
    from sandbox.provision.image import ResolvedImage
    from sandbox.provision.run import Provisioned
    from sandbox.trials.results import CheckResult
    from sandbox.trials.runner import MatrixEntry


class CellRun:
    """One run of a cell on one engine; `close` ends it, from another thread too."""

    def __init__(self, entry: MatrixEntry, host: Context, *, engine: Engine, reporter: Reporter) -> None:
        self.entry = entry
        self._host = host
        self._engine = engine
        self._reporter = reporter
        self._session = Session(engine, host.owner, version=host.version)
        self._ground: ResolvedImage

    def run(self, alone: AbstractContextManager[object], *, look: bool) -> CellResult:
        """Provision and check; what it made is there until `close`. Raises what provisioning does.

        `alone` is held while the base is made sure of, so that no two cells pull or build one. With `look`, what the
        sandbox holds at the end is part of the result.
        """
        began = time.monotonic()
        with guard_disk(self._engine, self._session.close):
            state = self._install(alone)
            install = time.monotonic() - began
            checks = self._run_checks(state)
            held = self._holdings() if look else None
        return CellResult(
            cell=self.entry.cell,
            status="passed" if all(check.holds for check in checks) else "failed",
            seconds=round(time.monotonic() - began, 3),
            install=round(install, 3),
            checks=checks,
            engine=self._engine.url,
            held=held,
        )

    @property
    def is_up(self) -> bool:
        """Whether there is a running sandbox to look into."""
        try:
            found = self._engine.container(self._session.container)
        except SandboxError:
            return False
        return found is not None and found.state == "running"

    @property
    def _box(self) -> Box:
        return Box(self._engine, self._session.container)

    def begin_close(self) -> Background[Removal]:
        """Begin to remove all that it made."""
        return self._session.close()

    def close(self) -> Removal:
        """Remove all that it made; what could not be is a warning."""
        removal = self._session.finish()
        for failure in removal.failures:
            self._reporter.warn(failure)
        return removal

    def shell(self) -> None:
        """Open a shell in what is there, at this terminal, until it is left; raises where the sandbox has ended."""
        from sandbox.container.exec import shell_spec
        from sandbox.engine import tty

        tty.await_foreground(self._reporter)
        spec = shell_spec((), self._ground.plan.shells, env=self._environment(), terminal=tty.size(), is_asked=False)
        process = self._box.open(spec)
        tty.flush_standard_streams()
        try:
            tty.interact(process)
        finally:
            process.stream.close()
        self._box.exit_status(process)

    def _install(self, alone: AbstractContextManager[object]) -> Provisioned:
        from sandbox.provision.network import host_network
        from sandbox.provision.run import Provisioning

        engine, host, session = self._engine, self._host, self._session
        with alone:
            self._ground = found = resolve_image(
                self.entry.request, session, engine=engine, host=host, reporter=self._reporter
            )
            shared = create_companion_volumes(found.plan, session, engine=engine, host=host, reporter=self._reporter)
        session.start(
            lambda name, labels: replace(  # its checks look from inside, and two cells can't have one port of the host
                container_spec(
                    self.entry.request, found.plan, found.image, session, name=name, labels=labels, companions=shared
                ),
                ports=(),
            )
        )
        box = Box(engine, wait_for_start(session, found.image, shared, self._reporter))
        network = host_network(host.environ, ca=host.settings.ca)
        work = Provisioning(box, plan=found.plan, manager=self._manager(), network=network, reporter=self._reporter)
        state = work.run(path=self._path())
        if found.plan.spec.network == "offline":
            box.disconnect()
        return state

    def _manager(self) -> Manager:
        from sandbox.managers.registry import manager_of

        return manager_of(self._ground.plan.target.manager)

    def _path(self) -> str:
        return search_path(self._ground.image, self._ground.plan.target.distro.path)

    def _environment(self) -> dict[str, str]:
        return shell_environment({}, self._path(), self._ground.plan.spec.env)

    def _run_checks(self, state: Provisioned) -> tuple[CheckResult, ...]:
        from sandbox.trials.checks import run_checks

        checks = self._ground.plan.spec.checks
        with self._serving(state):
            return run_checks(self._box, checks, self._reporter, env=self._environment())

    def _serving(self, state: Provisioned) -> AbstractContextManager[None]:
        """Let the packages' service run for a check of a port that nothing listens on yet."""
        from sandbox.container.sockets import tcp_ports
        from sandbox.inspect.service_trial import running_service

        ports = {check.port for check in self._ground.plan.spec.checks if isinstance(check, PortCheck)}
        if not ports or ports <= {*tcp_ports(self._box)}:
            return nullcontext()
        return running_service(self._box, self._manager(), state, reporter=self._reporter)

    def _holdings(self) -> Held:
        """Return what the managers' databases and the PATH say at the end."""
        from sandbox.container.languages import language_packages, languages_with
        from sandbox.container.survey import survey

        seen = survey(self._box, self._manager(), path=self._path())
        others = language_packages(self._box, languages_with(seen.commands))
        packages: dict[str, str] = {}
        for package in (*seen.probe.packages, *others):
            before = packages.get(package.full_name)
            packages[package.full_name] = f"{before}, {package.version}" if before else package.version
        return Held(packages=packages, commands=tuple(sorted(seen.commands)))
