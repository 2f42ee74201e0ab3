"""`sandbox try`: a throwaway distro with packages and a shell, which is removed afterwards."""

from __future__ import annotations

import time
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field
from msgspec.structs import replace

from sandbox.container.ahead import ShellAhead
from sandbox.container.box import Box, words_before
from sandbox.container.cut_shell import CutShells
from sandbox.core.signals import KILLED
from sandbox.core.tasks import Background
from sandbox.engine.begun import end_turns
from sandbox.errors import ConnectionCut, SandboxError
from sandbox.lifecycle.cleanup import Sweep
from sandbox.lifecycle.journal import JournalWriter
from sandbox.promote.leaving_ahead import LeavingAhead
from sandbox.provision.container import image_rows, shell_exec_spec
from sandbox.provision.image import remove_pulled_images
from sandbox.provision.launch import launched
from sandbox.provision.prepare import go_offline, prepare, with_cache
from sandbox.provision.request import TryResult
from sandbox.report.try_text import absent_text, banner, cache_text, memory_warning, removed_row, running_rows
from sandbox.screens.choice import screen_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sandbox.core.progress import Reporter
    from sandbox.core.signals import Guard
    from sandbox.engine.protocol import Engine, Exec, ExecSpec, Image
    from sandbox.errors import CheckFailed, Row
    from sandbox.lifecycle.journal import Record
    from sandbox.lifecycle.removal import EngineObject, Removal
    from sandbox.lifecycle.session import Session
    from sandbox.promote.on_exit import ExitCapture
    from sandbox.provision.context import Context
    from sandbox.provision.detach import Detached
    from sandbox.provision.image import ResolvedImage
    from sandbox.provision.launch import Launch
    from sandbox.provision.request import TryRequest
    from sandbox.provision.run import Provisioned
    from sandbox.screens.no_screen import NoScreen

    Offer = Callable[[ExitCapture], Path | None]

NEXT: Final = ("sandbox.promote.baseline_note", "sandbox.promote.record")
"""Modules that are needed once the container runs."""
ROOTS: Final = ("", "root", "0")
"""What an image calls the user root; its groups are all that a shell which waits looks at again."""
LEAVE_PATIENCE: Final = 30.0
"""Seconds for reading a sandbox that an error or a signal ended.

An engine that is stopped answers each question in a minute, and a second signal changes nothing: SIGTERM took 100 s.
"""
LOOK_PATIENCE: Final = 2.0
"""Seconds for looking back at manual changes after a signal ended the session."""


def try_packages(
    request: TryRequest, host: Context, *, engine: Engine, reporter: Reporter, guard: Guard, offer: Offer
) -> TryResult:
    """Provision, hand over, remove and promote; `offer` is asked while the sandbox goes.

    Raises what provisioning does; a check of the spec that failed is in the result.
    """
    session = host.session(engine, name=request.name, life=request.life, lifetime=request.lifetime)
    sweep = Sweep(engine, host.owner, host.state_folder)  # starts when there is time for it
    journal = JournalWriter(host.journal, reporter)
    shell = ShellAhead()
    ended_well = False
    try:
        with (
            screen_for(request.screen, session, host, reporter=reporter, guard=guard) as screen,
            launched(
                request,
                host,
                session=session,
                reporter=reporter,
                guard=guard,
                adapt=partial(with_cache, host, engine),
                beside=screen.containers,
                meanwhile=partial(_open_ahead, shell, request, host, session),
            ) as launch,
        ):
            work = Trial(
                launch=launch, request=request, guard=guard, sweep=sweep, journal=journal, screen=screen, shell=shell
            )
            used = work.run(offer)
        ended_well = True
    finally:
        guard.cleaning = True
        removal = session.finish()
        gone = remove_pulled_images(engine, host, reporter) if request.no_trace else ()
        if not ended_well:
            _show_end(removal, gone, host, engine, reporter)
    return _result_of(launch, used, removal, gone, swept=sweep.result(), is_recorded=journal.is_recorded)


def _open_ahead(
    shell: ShellAhead, request: TryRequest, host: Context, session: Session, found: ResolvedImage
) -> ShellAhead:
    """Import what a shell and its record need, and begin to open it if nothing is done in the sandbox before it."""
    for name in NEXT:
        import_module(name)

    def open_shell() -> Exec:
        # nothing is asked of the container for it, which leads by its name to what it is, and may not run yet
        own = request.spec.image or request.spec.dockerfile
        spec = None if own else _shell_spec(request, found, host, Box(session.engine, session.name), found.state)
        box = Box(session.engine, session.container, words_before(session.made_labels))
        return box.open(spec or _shell_spec(request, found, host, box, found.state))

    if found.state is not None and _is_plain(request, found):
        shell.begin(open_shell)
    return shell


def _is_plain(request: TryRequest, found: ResolvedImage) -> bool:
    """Return whether all that a sandbox gets is packages, then its shell, at a terminal that is ours."""
    from sandbox.engine import tty

    spec, is_throwaway = found.plan.spec, request.life == "session"
    is_shell = request.terminal and not found.plan.spec.command and not request.trust.as_user
    before = spec.copies or spec.checks or spec.boot or spec.network == "offline" or request.installer or request.screen
    return is_throwaway and is_shell and not before and tty.is_terminal()


def _shell_spec(
    request: TryRequest, found: ResolvedImage, host: Context, box: Box, state: Provisioned | None
) -> ExecSpec:
    """Return what is run for the user; of a shell that is watched with the `state` that it records."""
    from sandbox.promote.baseline_note import known_word

    known = known_word(box, state) if state is not None and request.is_watched else ""
    absent = absent_text(found.plan.command, found.plan.target.option, state.commands if state else ())
    return shell_exec_spec(request, found.plan, found.image, box=box, environ=host.environ, known=known, absent=absent)


def _show_end(removal: Removal, gone: tuple[str, ...], host: Context, engine: Engine, reporter: Reporter) -> None:
    """Show what of a session that failed was removed, and what stays."""
    if removal.removed or gone:
        reporter.rows([removed_row(removal, gone)])
    if host.build_caches:
        reporter.rows([("stays", cache_text(sum(host.build_caches), engine.client))])


def _result_of(
    launch: Launch,
    used: Used,
    removal: Removal,
    gone: tuple[str, ...],
    *,
    swept: tuple[EngineObject, ...],
    is_recorded: bool,
) -> TryResult:
    """Return the result of a session that ended; `gone` are the images that it pulled and removed again."""
    host, engine, found = launch.context, launch.engine, launch.found
    return TryResult(
        name=launch.session.name,
        status=used.status,
        failed=used.failed,
        removal=removal,
        swept=swept,
        base=launch.image,
        base_reference=found.reference,
        base_removed=found.reference in gone,
        base_built=found.is_made,
        pulled=tuple(name for name in host.pulls if name not in gone),
        index=sum(host.kept_indexes),
        build_cache=sum(host.build_caches),
        client=engine.client,
        promoted=used.promoted,
        has_ended=used.detached is not None and used.detached.has_ended,
        ended_with=used.detached.status if used.detached is not None else None,
        recorded=is_recorded,
        head_start=launch.session.head_start(_next_start(host, engine, found)),
    )


def _next_start(host: Context, engine: Engine, found: ResolvedImage) -> Image | None:
    """Return the image that the same command starts from the next time; None for the same one."""
    return None if found.state else with_cache(host, engine, found).start


class Used(Struct, frozen=True, kw_only=True):
    """The result of a used sandbox: the end of its shell or command, the failed check, the script, what runs on."""

    status: int
    failed: CheckFailed | None = None
    promoted: Path | None = None
    detached: Detached | None = None


class Trial(Struct, frozen=True, kw_only=True):
    """A running sandbox, from its first step until the user leaves."""

    launch: Launch
    request: TryRequest
    guard: Guard
    sweep: Sweep
    journal: JournalWriter
    screen: NoScreen
    shell: ShellAhead
    ahead: LeavingAhead = field(default_factory=LeavingAhead)

    def run(self, offer: Offer) -> Used:
        """Provision it, use it and leave it. An error is raised only after the sandbox was read for manual changes."""
        launch, life = self.launch, self.request.life
        with self._until_time_is_up():
            state, record, failed = self._provision()
            if life != "session":
                from sandbox.promote.baseline_note import save_baseline

                save_baseline(launch.box, state, launch.plan.target.manager)
            if life == "detached":
                return Used(status=0, failed=failed, detached=self._detach(state))
            if life == "kept":
                launch.session.detach_lifetime()
            try:
                status = self._hand_over(state)
            except BaseException:
                self._leave_early(state, record)
                raise
            left = self._leave(state, record)
        with self._complete(left):
            launch.disk.end()  # the only sign may be the end of the command itself
            promoted = offer(left)
        return Used(status=status, failed=failed, promoted=promoted)

    @contextmanager
    def _until_time_is_up(self) -> Iterator[None]:
        """If the block fails because the --ttl was over, raise that instead."""
        try:
            yield
        except SandboxError as error:
            expires = self.launch.session.expires
            if expires is None or time.time() < expires:
                raise
            from sandbox.lifecycle.endings import is_time_up, time_up

            if is_time_up(self.launch.box.ending, self.launch.box.is_running):
                raise time_up() from error
            raise

    def _provision(self) -> tuple[Provisioned, Record, CheckFailed | None]:
        """Return the sandbox's state, its record, and the failed check of the spec."""
        from sandbox.promote.record import record_of_launch

        launch = self.launch
        if launch.state is None:
            end_turns()
        try:
            state = prepare(launch, self.request, beside_steps=self.sweep.begin, beside_install=self._begin_shell)
        except SandboxError:
            self.sweep.begin()  # else there is time for it beside the shell
            raise
        record = record_of_launch(launch, state)
        if self.request.installer:
            record = replace(record, installer=self.request.installer.name)
        launch.reporter.rows([("  accepted", line) for line in record.accepted])
        if not self.request.trust.as_user:
            launch.reporter.rows(image_rows(self.request.spec, launch.image))
        self.journal.write(record)
        if launch.plan.spec.copies:
            from sandbox.provision.copies import copy_all

            copy_all(launch.box, launch.plan.spec.copies, launch.reporter)
        if self.request.installer:
            from sandbox.provision.user_installer import run_for_user

            run_for_user(launch, self.request.installer, at_terminal=self.request.terminal)
        go_offline(launch)
        failed = self._check()
        launch.reporter.rows(self.screen.serve(launch.box))
        if self.request.terminal and not launch.plan.spec.command and self.request.life != "detached":
            launch.reporter.rows(banner(state, self._ports(), life=self.request.life, remote=self._remote()))
        return state, record, failed

    def _begin_shell(self) -> None:
        """Begin to open the user's shell, which waits for the end of the install."""
        launch = self.launch
        if launch.image.user in ROOTS and _is_plain(self.request, launch.found):
            self.shell.begin_waiting(
                launch.box, lambda: _shell_spec(self.request, launch.found, launch.context, launch.box, None)
            )

    def _remote(self) -> tuple[str, ...]:
        """Return the words of ssh to the engine's host, where its ports are; none for an engine of this host."""
        url = self.launch.engine.url
        if not url.startswith("ssh://"):
            return ()
        from sandbox.engine.ssh import host_argv

        return host_argv(url)

    def _ports(self) -> tuple[Row, ...]:
        """Return the published ports and their addresses, from the engine, which may have chosen a port."""
        found = self.launch.box.container() if self.launch.plan.spec.ports else None
        return found.ports if found else ()

    def _check(self) -> CheckFailed | None:
        """Run the spec's checks. A failure is shown, and the shell opens so that the user can look."""
        launch = self.launch
        if not launch.plan.spec.checks:
            return None
        from sandbox.trials.checks import failure, run_checks

        return failure(run_checks(launch.box, launch.plan.spec.checks, launch.reporter, env=launch.env))

    def _detach(self, state: Provisioned) -> Detached:
        """Start what a detached sandbox runs; show how to reach it, and return it."""
        from sandbox.provision.detach import run_by_itself

        launch = self.launch
        found = run_by_itself(launch, state)
        launch.reporter.rows(running_rows(launch.session.name, found, remote=self._remote()))
        return found

    def _hand_over(self, state: Provisioned) -> int:
        """Run the user's shell or command; return how it ended."""
        from sandbox.container.shell import out_of_memory

        launch = self.launch
        request = self._request_at_terminal()
        spec, shells = self._exec_spec(request, state), CutShells()
        try:
            while (status := self._attend(request, spec, shells)) is None:
                pass
        finally:
            self.screen.end()  # an open connection to it would delay the removal
        if status == KILLED and out_of_memory(launch.box):
            launch.reporter.warn(memory_warning(launch.plan.limits))
        return status

    def _request_at_terminal(self) -> TryRequest:
        """Return the request, with the user and the terminal that the shell or command gets by now."""
        from sandbox.engine import tty

        request = self.request
        if request.installer and request.installer.as_user:
            from sandbox.provision.installer import owner_of_work

            request = replace(request, trust=replace(request.trust, user=owner_of_work(self.launch.box)))
        if self.launch.plan.spec.command:  # a job that is in the background now has no terminal for its messages
            return replace(request, terminal=request.terminal and tty.is_terminal())
        if request.terminal:
            tty.await_foreground(self.launch.reporter)
        return request

    def _exec_spec(self, request: TryRequest, state: Provisioned) -> ExecSpec:
        """Return what is run for the user."""
        launch = self.launch
        return self.screen.join(_shell_spec(request, launch.found, launch.context, launch.box, state))

    def _attend(self, request: TryRequest, spec: ExecSpec, shells: CutShells) -> int | None:
        """Join the user to a shell or the command until it ends; return its status.

        None for a shell at a terminal that runs on without us, since the connection to it was cut: the sandbox is as
        it was, and another shell can be opened in it.
        """
        from sandbox.engine import tty

        launch, box = self.launch, self.launch.box
        self.guard.check()
        shells.begin()
        process = self.shell.take(spec) or box.open(spec)
        end_turns()
        # Only now: earlier, the engine was busy with our own start, and the sweep delayed the prompt.
        if launch.plan.spec.command or not request.terminal:
            self.sweep.begin()
        self.ahead.begin(launch, request, self.sweep)
        tty.flush_standard_streams()
        try:
            if request.terminal:
                tty.interact(process, self.ahead.speak)
            else:
                tty.filter_streams(process)
        finally:
            process.stream.close()  # or the removal takes 20 s longer: the engine still writes to it
        if launch.plan.packages and (ready := self.ahead.look()) is not None:
            ready.begin()  # beside the engine's word on the shell's end
        try:
            return box.exit_status(process)
        except ConnectionCut as error:
            if not request.terminal or launch.plan.spec.command:
                raise
            launch.reporter.warn(shells.warning(box, error))
            self.ahead.renew()
            return None

    def _leave(self, state: Provisioned, record: Record) -> ExitCapture:
        """Read the packages, start reading everything else; close the session when that is done."""
        from sandbox.promote.on_exit import leave

        launch = self.launch
        left = leave(launch, self.request, record, state, self.ahead.look())
        if left.record.lost:
            launch.reporter.blank()
            launch.reporter.warn(
                SandboxError("what you added by hand is lost: the sandbox ended before sandbox could read it")
            )
        return left

    def _leave_early(self, state: Provisioned, record: Record) -> None:
        """Leave a sandbox that an error or a signal has ended, with what can be read of it in time."""

        def leave() -> None:
            with self._complete(self._leave(state, record)):
                pass

        leaving = Background(leave)
        if leaving.wait(LEAVE_PATIENCE):
            leaving.result()
        else:
            message = f"what you added by hand is lost: the engine did not answer within {LEAVE_PATIENCE:.0f} s"
            self.launch.reporter.warn(SandboxError(message))

    @contextmanager
    def _complete(self, left: ExitCapture) -> Iterator[None]:
        """Run the block beside the last reading; then wait until everything is in the journal."""
        try:
            yield
            left.whole()
            if left.failure is not None:
                self.journal.warn(left.failure)
        finally:
            self.guard.cleaning = True
            left.wait(LOOK_PATIENCE)
