"""Purges what an inspection has installed: packages of languages, then the distro's with their dependencies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.container.ahead import CommandAhead
from sandbox.container.box import ROOT
from sandbox.container.packages import probe
from sandbox.container.processes import running_processes
from sandbox.container.snapshot import readable
from sandbox.core.plaintext import plain_line
from sandbox.engine.protocol import ExecSpec
from sandbox.errors import EngineError, TooLong
from sandbox.lifecycle.scratch import SCRATCH
from sandbox.managers.protocol import Failure, PackageRef
from sandbox.managers.shortcuts import removal_argv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sandbox.container.processes import Process
    from sandbox.engine.protocol import Argv
    from sandbox.inspect.language_packages import LanguagePackages
    from sandbox.inspect.measured import Measured
    from sandbox.managers.languages.base import LanguageManager
    from sandbox.managers.protocol import Manager, Package
    from sandbox.provision.site import InstallSite

PURGE_LIMIT: Final = 600.0
"""Seconds for a removal: a script may wait forever, for example for an answer."""


class Purge(Struct, frozen=True, kw_only=True):
    """The result of a removal: why it failed, or "", and its processes if it hangs."""

    failure: str = ""
    hanging: tuple[Process, ...] = ()


class Command(Struct, frozen=True, kw_only=True):
    """A removal: what is shown of it, what is run, and what plans it ahead and waits for a line; empty for nothing."""

    manager: Manager | LanguageManager
    shown: Argv
    argv: Argv
    waiting: Argv = ()


class Purging:
    """Removes one plan's packages from their container; `env` is the environment of what inspect runs.

    The first command of the distro's manager may `begin` before its turn, where nothing but looks comes between.
    """

    def __init__(self, site: InstallSite, env: Mapping[str, str]) -> None:
        self._box, self._plan, self._manager = site.box, site.plan, site.manager
        self._env = env
        self._ahead = CommandAhead(site.box, site.box.open)

    def begin(self, came: Sequence[Package], refs: Sequence[PackageRef]) -> None:
        """Begin to plan the removal that `run` does, which waits for its turn: it takes a tenth of a second."""
        first = next(self._commands(came, refs), None)
        if first is not None and first.waiting:
            self._ahead.begin(self._waiting_spec(first))

    def end(self) -> None:
        """Have what was begun end, and wait for that."""
        self._ahead.end()

    def run(
        self, measured: Measured, refs: Sequence[PackageRef], beside: LanguagePackages, on_line: Callable[[str], None]
    ) -> Purge:
        """Remove all, with `refs` of the distro's packages; return the result."""
        of_languages = (Command(manager=row[0], shown=row[1], argv=row[2]) for row in beside.removals(measured))
        done = self._all((*of_languages, *self._commands(measured.came, refs)), on_line)
        if not done.hanging and (others := self._under_other_names(measured, refs)):
            return self._all(self._commands(measured.came, others), on_line)
        return done

    def _all(self, commands: Iterable[Command], on_line: Callable[[str], None]) -> Purge:
        """Run each command; return the result of the last."""
        for command in commands:
            done = self._remove(command, on_line)
            if done.failure:
                return done
        return Purge()

    def _under_other_names(self, measured: Measured, refs: Sequence[PackageRef]) -> tuple[PackageRef, ...]:
        """Return packages that provide a requested name and that the purge did not remove."""
        wanted = {ref.name.partition(":")[0] for ref in refs}
        others = {row.name for row in measured.came if row.full_name in measured.asked and not row.source} - wanted
        if not others:
            return ()
        there = probe(self._box, self._manager).packages
        return tuple(PackageRef(name=row.name) for row in there if row.name in others)

    def _commands(self, came: Sequence[Package], refs: Sequence[PackageRef]) -> Iterator[Command]:
        """Yield each command of the distro's manager."""
        name = self._plan.target.manager
        for argv in self._manager.remove(refs, purge=True) if refs else ():
            ours = self._throwaway(argv, refs)
            yield Command(
                manager=self._manager,
                shown=argv,
                argv=removal_argv(name, ours, came, folder=SCRATCH),
                waiting=removal_argv(name, ours, came, folder=SCRATCH, waits=True),
            )

    def _throwaway(self, argv: Argv, refs: Sequence[PackageRef]) -> Argv:
        """Return a removal with a sandbox's options, if it uses the program that they are for."""
        program = self._manager.install(refs)[0]
        return (argv[0], *self._manager.throwaway, *argv[1:]) if argv[0] == program else argv

    def _remove(self, command: Command, on_line: Callable[[str], None]) -> Purge:
        """Run one removal and return its result."""
        spec, shown = self._waiting_spec(command), command.shown
        ahead = self._ahead.take(spec) if command.waiting else None
        argv = command.argv if ahead is None else spec.argv
        try:
            outcome = self._box.exec(argv, env=spec.env, on_line=on_line, seconds=PURGE_LIMIT, ahead=ahead)
        except TooLong:
            hanging = self._running()
            waits = f", in {plain_line(readable(hanging[-1].words), 80)}" if hanging else ""
            said = f"{shown[0]} was still running after {PURGE_LIMIT:g} s{waits}"
            return Purge(failure=said, hanging=hanging)
        if not outcome.status:
            return Purge()
        failure = Failure(argv=shown, status=outcome.status, output=outcome.output)
        return Purge(failure=self._refusal(command.manager, failure, outcome.stderr or outcome.output))

    def _waiting_spec(self, command: Command) -> ExecSpec:
        env = {**command.manager.environment, **self._env}
        return ExecSpec(argv=command.waiting, env=env, user=ROOT, stdin=True)

    def _running(self) -> tuple[Process, ...]:
        """Return the processes of commands started by exec, as far as visible."""
        try:
            return running_processes(self._box).sent
        except (EngineError, TooLong):
            return ()

    def _refusal(self, manager: Manager | LanguageManager, failure: Failure, said: str) -> str:
        """Return why a removal failed, in short: the manager's error or its last words."""
        known = manager.explain(failure, self._plan.packages, distro=self._plan.target.label)
        if known is not None and known.cause == "script":  # these errors are worded for an install
            return "a script of the packages refused the removal or failed"
        if known is not None:
            return plain_line(known.brief, 160).rstrip(".")
        last = plain_line((said.splitlines() or ["nothing"])[-1], 120)
        return f"{failure.argv[0]} ended with status {failure.status} and said: {last.rstrip('.')}"
