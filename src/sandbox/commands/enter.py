"""`sandbox enter`: a terminal or a command in an existing sandbox."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from sandbox.container.attach import ENDED_BY_WATCH
from sandbox.container.cut_shell import CutShells
from sandbox.core.statefile import alone
from sandbox.core.tasks import wait_until
from sandbox.distros.lookup import find_target
from sandbox.engine.labels import INIT, SESSION
from sandbox.engine.protocol import Image
from sandbox.errors import Advice, ConnectionCut, NotFound, SandboxDied, SandboxError, UsageError
from sandbox.lifecycle.journal import Record  # noqa: TC001 - msgspec
from sandbox.lifecycle.session import STOP_LIMIT
from sandbox.provision.container import ROOT_USER, present_folder, spec_of_user, user_of
from sandbox.specs.privileges import Trust, with_user

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox.container.attach import Watch
    from sandbox.container.box import Box
    from sandbox.core.signals import Guard
    from sandbox.engine.protocol import Engine, Exec, ExecSpec
    from sandbox.lifecycle.listing import SandboxInfo
    from sandbox.provision.context import Context

SHELLS = ("bash", "sh")
CUT: Final = "the connection to the engine was cut while the command ran"
CUT_LIMIT: Final = 6.0
"""Seconds in which the watcher of a command ends that was cut off: one for HUP, and three until it stops a sandbox."""
LOCK = ".entered.lock"


State = Literal["runs on", "stopped", "gone"]


class Exit(Struct, frozen=True, kw_only=True):
    """How a sandbox was left: the shell's or command's exit status, and what the sandbox does since.

    `record` is what the journal has of it then, None where it has nothing.
    """

    status: int
    state: State
    record: Record | None = None


def enter(
    engine: Engine,
    host: Context,
    found: SandboxInfo,
    *,
    command: Sequence[str],
    terminal: bool,
    guard: Guard,
    warn: Callable[[SandboxError], None] = lambda _: None,
) -> Exit:
    """Run a shell or a command in a sandbox, and return how it was left.

    One that is stopped is started first. One that was kept stops when the last terminal in it is left. `warn` is given
    what to say of a shell whose connection was cut: another one follows it.
    """
    from sandbox.container.box import Box, words_before
    from sandbox.container.shell import search_path, shell_environment, shell_spec
    from sandbox.engine import tty
    from sandbox.report.try_text import absent_text
    from sandbox.screens.bus import display_environment

    shells, extra = _of_distro(found, host)
    path = search_path(engine.image(found.image) or Image(id=found.image), extra)
    window = tty.size() if terminal else None
    box, is_shell = Box(engine, found.id, words_before({INIT: found.init})), terminal and not command
    display = display_environment(box) if found.life == "session" else {}
    env = shell_environment(host.environ, path, display)
    absent = absent_text(command, found.distro)
    spec = shell_spec(tuple(command), shells, env=env, terminal=window, absent=absent, is_asked=False)
    guard.check()
    visits = _Visits(box, host, found, terminal=terminal, is_shell=is_shell, warn=warn)
    status, record = None, None
    cut: ConnectionCut | None = None
    try:
        status = visits.run(replace(spec, workdir=found.folder))
    except SandboxDied as error:
        raise _death_error(box, found) from error
    except ConnectionCut as error:
        cut = error
    finally:
        guard.cleaning = True
        record = visits.end(left=status is not None, is_cut=cut is not None)
    after = box.container()
    state: State = "gone" if after is None else "runs on" if after.state == "running" else "stopped"
    if status is None:
        raise _cut_error(cut or ConnectionCut(CUT), found.name, state)
    return Exit(status=status, state=state, record=record)


class _Visits:
    """The terminals or commands of one `enter`: the first, and a shell for each whose connection was cut.

    `warn` is given what to say of such a cut; a command is not begun again.
    """

    def __init__(
        self,
        box: Box,
        host: Context,
        found: SandboxInfo,
        *,
        terminal: bool,
        is_shell: bool,
        warn: Callable[[SandboxError], None],
    ) -> None:
        self._box, self._host, self._found = box, host, found
        self._terminal, self._is_shell, self._warn = terminal, is_shell, warn
        self._cuts = CutShells()
        self._begun: list[tuple[Watch, Exec]] = []

    def run(self, spec: ExecSpec) -> int:
        """Run the command, and return its exit status. Raises ConnectionCut for a command, SandboxDied."""
        from sandbox.engine import tty

        status = None
        while status is None:
            self._begun.append(_start(self._box, self._host, self._found, spec))
            self._cuts.begin()
            tty.flush_standard_streams()
            watch, process = self._begun[-1]
            (tty.interact if self._terminal else tty.filter_streams)(process)
            status = self._status(watch, process)
        return status

    def _status(self, watch: Watch, process: Exec) -> int | None:
        """Return how a command ended; None for a shell whose connection was cut. Raises ConnectionCut for others."""
        try:
            return _exit_status(self._box, watch, process)
        except ConnectionCut as error:
            if not self._is_shell:
                raise
            self._warn(self._cuts.warning(self._box, error))
            return None

    def end(self, *, left: bool, is_cut: bool) -> Record | None:
        """End what was begun, and stop a kept sandbox that nobody uses then; return what the journal has of it.

        `left`: whether the last one was left, and goes by itself; `is_cut`: whether its connection was cut.
        """
        for watch, process in reversed(self._begun):
            process.stream.close()
            watch.over(left=left)
            left = False  # what a shell that was cut off left goes as behind a closed window
        if not self._begun:
            return None
        box, last = self._box, self._begun[-1][1]
        record = _note_changes(box, self._host, is_shell=self._is_shell)
        if is_cut or len(self._begun) > 1:  # the watchers that were cut off end soon
            wait_until(lambda: not (box.is_running() and box.is_in_use(besides=last)), CUT_LIMIT)
        with alone(self._host.state_folder / LOCK, box.id):
            _stop(box, self._found, last)
        return record


def _cut_error(cut: ConnectionCut, name: str, state: State) -> ConnectionCut:
    """Return the error for a connection that was cut, with what the sandbox does since."""
    words = "stopped, and kept" if state == "stopped" else state
    enters = [] if state == "gone" else [Advice.sandbox("enter", name)]
    return ConnectionCut(cut.brief, details=[*cut.details, (name, words)], hints=[*enters, *cut.hints])


def _exit_status(box: Box, watch: Watch, process: Exec) -> int:
    """Return how a command ended. Raises ConnectionCut also where its watcher, cut off as well, has ended it."""
    status = box.exit_status(process)
    if status in ENDED_BY_WATCH and watch.is_cut():
        raise ConnectionCut(CUT, hints=[Advice.sandbox("doctor")])
    return status


def _start(box: Box, host: Context, found: SandboxInfo, spec: ExecSpec) -> tuple[Watch, Exec]:
    """Start the sandbox if it is stopped, then start the command, with a watcher beside it."""
    from sandbox.container.attach import Watch

    with alone(host.state_folder / LOCK, box.id):  # another client that leaves could stop it in between
        box.start()
        try:
            trust = with_user(Trust(), found.user or None, (os.getuid(), os.getgid()))
            who = user_of(trust, box) if trust.as_user else ROOT_USER
            if who == ROOT_USER:
                spec = replace(spec, workdir=present_folder(box, spec.workdir))
            else:
                spec = spec_of_user(spec, box, who)
            watch = Watch(box, found.life, spec.user)
            return watch, box.open(watch.exec_spec(spec))
        except SandboxDied as error:
            raise _death_error(box, found) from error


def _death_error(box: Box, found: SandboxInfo) -> SandboxDied:
    error = box.death_error(found.name, found.life)
    own = [Advice.sandbox("logs", found.name)] * (found.life == "detached")
    return SandboxDied(error.brief, details=error.details, hints=[*error.hints, Advice.sandbox("list", "-a"), *own])


def _note_changes(box: Box, host: Context, *, is_shell: bool) -> Record | None:
    """Note in the journal what was done by hand in a sandbox that still runs; return its record, None if it has none.

    Behind a command all is looked at only where packages came or went: looking takes longer than most commands.
    """
    from sandbox.promote.recapture import refresh_record

    try:
        found = box.container()
    except SandboxError:
        return None
    before = host.journal.find(found.labels.get(SESSION, "")) if found and found.state == "running" else None
    if not (before and found):
        return None
    last = refresh_record(before, found, host=host, engine=box.engine, is_watched=is_shell)
    if last is not before and not is_shell:
        last = refresh_record(last, found, host=host, engine=box.engine)
    return last


def _of_distro(found: SandboxInfo, host: Context) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the shells and the PATH folders of the sandbox's distro, if it is known."""
    try:
        distro = find_target(found.distro, host.rows()).distro
    except UsageError:
        return SHELLS, ()
    return distro.shell, distro.path


def _stop(box: Box, found: SandboxInfo, left: Exec) -> None:
    """Stop a kept sandbox that nobody uses any more."""
    if found.life == "kept" and not box.is_in_use(besides=left):
        with suppress(NotFound):  # somebody removed it meanwhile
            box.stop(limit=STOP_LIMIT)
