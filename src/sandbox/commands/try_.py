"""`sandbox try`: a throwaway distro with the packages in it, a shell, and nothing afterwards."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, ParamSpec

from msgspec.structs import replace

from sandbox.container.box import Box
from sandbox.core.signals import KILLED
from sandbox.errors import SandboxError
from sandbox.lifecycle.cleanup import Sweep
from sandbox.lifecycle.disk_guard import guard_disk
from sandbox.lifecycle.session import Session
from sandbox.provision.container import container_spec, shell_exec_spec, wait_for_start
from sandbox.provision.image import create_companion_volumes, remove_pulled_images, repull, resolve_image
from sandbox.provision.request import TryResult
from sandbox.report.try_text import banner, memory_warning, removed_row, running_rows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox.core.progress import Reporter
    from sandbox.core.signals import Guard
    from sandbox.engine.protocol import Engine, Image
    from sandbox.errors import CheckFailed, Row
    from sandbox.lifecycle.journal import Record
    from sandbox.lifecycle.removal import Removal
    from sandbox.managers.protocol import Manager
    from sandbox.promote.on_exit import ExitCapture
    from sandbox.provision.cache import Cache
    from sandbox.provision.context import Context
    from sandbox.provision.plan import Plan
    from sandbox.provision.request import TryRequest
    from sandbox.provision.run import Provisioned

P = ParamSpec("P")

LOOK_PATIENCE: Final = 2.0
"""Seconds that a look back has to end by itself, where the session was ended meanwhile."""


class Try:
    """One trial from the engine's first answer to its last."""

    def __init__(self, request: TryRequest, host: Context, *, engine: Engine, reporter: Reporter, guard: Guard) -> None:
        self._request = request
        self._plan: Plan
        self._base: Image
        self._manager: Manager
        self._host = host
        self._engine = engine
        self._reporter = reporter
        self._guard = guard
        expires = None if request.lifetime is None else int(time.time()) + request.lifetime
        self._session = Session(
            engine, host.owner, version=host.version, name=request.name, life=request.life, expires=expires
        )
        self._sweep = Sweep(engine, host.owner, host.state_folder)  # begins where there is time for it
        self._reference, self._journal_failed = "", False
        self._companions: tuple[str, ...] = ()
        self._leaving: ExitCapture | None = None
        self.failed: CheckFailed | None = None

    def run(self, offer: Callable[[ExitCapture], Path | None]) -> TryResult:
        """Provision, hand over, remove and promote; `offer` is asked while the sandbox goes."""
        ended_well = False
        try:
            with guard_disk(self._engine, self._session.close) as watch:
                status = self._used_in_time()
                watch.explain()  # the command's own end may be all that was seen of it
            left = self._leaving
            promoted = offer(left) if left is not None else None
            self._wait_for_record()
            ended_well = True
        finally:
            self._guard.cleaning = True
            if self._leaving is not None:
                self._leaving.wait(LOOK_PATIENCE)
            removal = self._session.finish()
            self._warn(removal)
            gone = remove_pulled_images(self._engine, self._host, self._reporter) if self._request.no_trace else ()
            if not ended_well and (removal.removed or gone):
                self._reporter.rows([removed_row(removal, gone)])
        return TryResult(
            status=status,
            removal=removal,
            swept=self._sweep.result(),
            base=self._base,
            base_reference=self._reference,
            base_removed=self._reference in gone,
            base_built=self._request.spec.dockerfile is not None or self._request.bundle is not None,
            pulled=tuple(name for name in self._host.pulls if name not in gone),
            promoted=promoted,
            recorded=self._host.journal.path is not None and not self._journal_failed,
        )

    @property
    def _box(self) -> Box:
        return Box(self._engine, self._session.container)

    def _used_in_time(self) -> int:
        """Return what `_use` does; where something fails because its time was up, raise that."""
        try:
            return self._use()
        except SandboxError as error:
            if self._session.expires is None or time.time() < self._session.expires:
                raise
            from sandbox.lifecycle.endings import is_time_up, time_up

            if is_time_up(self._box.ending):
                raise time_up() from error
            raise

    def _use(self) -> int:
        """Return the status of what it was used for."""
        base, state, record = self._provision()
        if self._request.life != "session":
            from sandbox.promote.recapture import save_baseline

            save_baseline(self._box, state, self._plan.target.manager)
        if self._request.life == "detached":
            self._detach(base, state)
            return 0
        if self._request.life == "kept":
            self._session.detach_lifetime()
        try:
            status = self._hand_over(base, state)
        except BaseException:
            self._leave(state, record)
            self._wait_for_record()
            raise
        self._leave(state, record)
        return status

    def _provision(self) -> tuple[Image, Provisioned, Record]:
        from sandbox.promote.record import accepted_keywords, record_of

        base = self._prepare()
        cache = self._host.cache(self._engine) if self._plan.cached and self._plan.steps else None
        found = cache.find(self._plan, base) if cache else None
        image = found[0] if found else (cache and cache.find_index(base)) or base
        given, others = (self._request, self._plan, image, self._session), self._companions
        self._session.start(
            lambda name, labels: container_spec(*given, name=name, labels=labels, companions=others),
            lambda: repull(self._reference, engine=self._engine, host=self._host),
        )
        state = self._warm(found, cache, base) if found and cache else self._cold(base, cache)
        record = record_of(
            state,
            session=self._session,
            plan=self._plan,
            base=base,
            reference=self._reference,
            version=self._host.version,
            accepted=accepted_keywords(self._box, self._manager),
        )
        self._reporter.rows([("  accepted", line) for line in record.accepted])
        self._write(record)
        self._cut_network()
        self._check(base)
        if self._request.terminal and not self._plan.spec.command and self._request.life != "detached":
            self._reporter.rows(banner(state, self._ports(), life=self._request.life))
        return base, state, record

    def _prepare(self) -> Image:
        """Return the image to start from, once the plan for it is made and its companions are there."""
        from sandbox.managers.registry import manager_of

        engine, host, reporter = self._engine, self._host, self._reporter
        self._session.check_name()
        found = resolve_image(self._request, self._session, engine=engine, host=host, reporter=reporter)
        self._plan, self._base, self._reference = found.plan, found.image, found.reference
        self._manager = manager_of(found.plan.target.manager)
        self._companions = create_companion_volumes(
            found.plan, self._session, engine=engine, host=host, reporter=reporter
        )
        return found.image

    def _warm(self, found: tuple[Image, Provisioned], cache: Cache, base: Image) -> Provisioned:
        from sandbox.provision.run import summary

        container = wait_for_start(self._session, base, self._companions, self._reporter)
        with self._reporter.step("cache", summary(found[1])):
            cache.touch(found[0].tags[0] if found[0].tags else container)
        return found[1]

    def _cold(self, base: Image, cache: Cache | None) -> Provisioned:
        from sandbox.container.exec import search_path
        from sandbox.provision.network import host_network
        from sandbox.provision.run import Provisioning

        container = wait_for_start(self._session, base, self._companions, self._reporter)
        work = Provisioning(
            Box(self._engine, container),
            plan=self._plan,
            manager=self._manager,
            network=host_network(self._host.environ, ca=self._host.settings.ca),
            reporter=self._reporter,
        )
        path = search_path(base, self._plan.target.distro.path)
        self._sweep.begin()
        if self._request.bundle is not None:
            self._request.bundle.bring(self._box)
        if cache is None:
            return work.run(path=path)
        state = work.run(path=path, after_fetch=lambda: self._save(cache.save_index, self._box, self._plan, base))
        with self._reporter.step("cache", "saved for the next time") as step:
            if not self._save(cache.save, self._box, self._plan, base, state):
                step.title("not saved")
        return state

    def _save(self, save: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> bool:
        """Return whether something went into the cache; what can't costs the next trial its time, this one nothing."""
        from sandbox.provision.cache import save_problem

        if problem := save_problem(lambda: save(*args, **kwargs)):
            self._reporter.warn(problem)
        return problem is None

    def _ports(self) -> tuple[Row, ...]:
        """Return what is published, where; the engine is asked, since it may have chosen the port."""
        found = self._box.container() if self._plan.spec.ports else None
        return found.ports if found else ()

    def _cut_network(self) -> None:
        if self._plan.spec.network == "offline":
            self._box.disconnect()

    def _check(self, base: Image) -> None:
        """Run the spec's checks; a failed one is shown, and the shell opens all the same, to look at it."""
        if self._plan.spec.checks:
            from sandbox.trials.checks import failure, run_checks

            checks = self._plan.spec.checks
            self.failed = failure(run_checks(self._box, checks, self._reporter, env=self._environment(base)))

    def _environment(self, base: Image) -> dict[str, str]:
        """Return the environment of what runs by itself."""
        from sandbox.container.exec import search_path, shell_environment

        return shell_environment({}, search_path(base, self._plan.target.distro.path), self._plan.spec.env)

    def _detach(self, base: Image, state: Provisioned) -> None:
        """Start what the sandbox is to run by itself; say how to get at it."""
        from sandbox.provision.detach import run_by_itself

        found = run_by_itself(self._session, self._plan, self._manager, state, env=self._environment(base))
        self._reporter.rows(running_rows(self._session.name, found))

    def _hand_over(self, base: Image, state: Provisioned) -> int:
        from sandbox.container.exec import out_of_memory
        from sandbox.engine import tty
        from sandbox.promote.recapture import known_word

        if self._plan.spec.command:  # whoever was sent to the background meanwhile has no terminal for it
            self._request = replace(self._request, terminal=self._request.terminal and tty.is_terminal())
        elif self._request.terminal:
            tty.await_foreground(self._reporter)
        box = self._box
        known = known_word(box, state) if self._request.is_watched else ""
        given = self._request, self._plan, base
        spec = shell_exec_spec(*given, box=box, environ=self._host.environ, known=known)
        self._guard.check()
        process = box.open(spec)
        self._sweep.begin()
        tty.flush_standard_streams()
        try:
            if self._request.terminal:
                tty.interact(process)
            else:
                tty.filter_streams(process)
        finally:
            process.stream.close()  # an engine that still writes to it would remove the container only 20 s later
        status = box.exit_status(process)
        if status == KILLED and out_of_memory(box):
            self._reporter.warn(memory_warning(self._plan.limits))
        return status

    def _leave(self, state: Provisioned, record: Record) -> None:
        """Look at the packages, and begin to look at all else; the session is closed as soon as that is over."""
        from sandbox.promote.on_exit import leave

        self._leaving = leave(
            record, state, self._plan.target, session=self._session, request=self._request, journal=self._host.journal
        )
        if self._leaving.record.lost:
            self._reporter.blank()
            self._reporter.warn(SandboxError("what was added by hand is lost: the sandbox died too early"))

    def _wait_for_record(self) -> None:
        """Wait until all was seen of a sandbox that is left, and is in the journal."""
        if self._leaving is None:
            return
        self._leaving.whole()
        if self._leaving.failure is not None:
            self._warn_unwritten(self._leaving.failure)

    def _write(self, record: Record) -> None:
        """Write the journal; a disk that refuses is said once, and no reason to end a trial."""
        try:
            self._host.journal.write(record)
        except SandboxError as error:
            self._warn_unwritten(error)

    def _warn_unwritten(self, error: SandboxError) -> None:
        if not self._journal_failed:
            self._reporter.warn(error)
        self._journal_failed = True

    def _warn(self, removal: Removal) -> None:
        for failure in removal.failures:
            self._reporter.warn(failure)
