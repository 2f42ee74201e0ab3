"""Purges what an inspection has installed: packages of languages, then the distro's with their dependencies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.container.packages import probe
from sandbox.container.processes import running_processes
from sandbox.container.snapshot import readable
from sandbox.core.plaintext import plain_line
from sandbox.errors import EngineError, TooLong
from sandbox.lifecycle.scratch import SCRATCH
from sandbox.managers.protocol import Failure, PackageRef
from sandbox.managers.shortcuts import removal_argv

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sandbox.container.box import Box
    from sandbox.container.processes import Process
    from sandbox.engine.protocol import Argv
    from sandbox.inspect.language_packages import LanguagePackages
    from sandbox.inspect.measured import Measured
    from sandbox.managers.languages.base import LanguageManager
    from sandbox.managers.protocol import Manager
    from sandbox.provision.plan import Plan

    Command = tuple[Manager | LanguageManager, Argv, Argv]

PURGE_LIMIT: Final = 600.0
"""Seconds for a removal: a script may wait forever, for example for an answer."""


class Purge(Struct, frozen=True, kw_only=True):
    """The result of a removal: why it failed, or "", and its processes if it hangs."""

    failure: str = ""
    hanging: tuple[Process, ...] = ()


class Purging:
    """Removes one plan's packages from their container."""

    def __init__(self, box: Box, *, plan: Plan, manager: Manager, env: Mapping[str, str]) -> None:
        self._box = box
        self._plan = plan
        self._manager = manager
        self._env = env

    def run(
        self, measured: Measured, refs: Sequence[PackageRef], beside: LanguagePackages, on_line: Callable[[str], None]
    ) -> Purge:
        """Remove all, with `refs` of the distro's packages; return the result."""
        done = self._all((*beside.removals(measured), *self._commands(measured, refs)), on_line)
        if not done.hanging and (others := self._under_other_names(measured, refs)):
            return self._all(self._commands(measured, others), on_line)
        return done

    def _all(self, commands: Iterable[Command], on_line: Callable[[str], None]) -> Purge:
        """Run each command; return the result of the last."""
        for manager, shown, argv in commands:
            env = {**manager.environment, **self._env}
            done = self._remove(manager, argv, env, shown=shown, on_line=on_line)
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

    def _commands(self, measured: Measured, refs: Sequence[PackageRef]) -> Iterator[Command]:
        """Yield each command of the distro's manager: to show, and to run."""
        for argv in self._manager.remove(refs, purge=True) if refs else ():
            ours = self._throwaway(argv, refs)
            yield (
                self._manager,
                argv,
                removal_argv(self._plan.target.manager, ours, measured.came, folder=SCRATCH),
            )

    def _throwaway(self, argv: Argv, refs: Sequence[PackageRef]) -> Argv:
        """Return a removal with a sandbox's options, if it uses the program that they are for."""
        program = self._manager.install(refs)[0]
        return (argv[0], *self._manager.throwaway, *argv[1:]) if argv[0] == program else argv

    def _remove(
        self,
        manager: Manager | LanguageManager,
        argv: Argv,
        env: Mapping[str, str],
        *,
        shown: Argv,
        on_line: Callable[[str], None],
    ) -> Purge:
        """Run one removal and return its result; `shown` is the argv to show."""
        try:
            outcome = self._box.exec(argv, env=env, on_line=on_line, seconds=PURGE_LIMIT)
        except TooLong:
            hanging = self._running()
            waits = f", in {plain_line(readable(hanging[-1].words), 80)}" if hanging else ""
            said = f"{shown[0]} was still running after {PURGE_LIMIT:g} s{waits}"
            return Purge(failure=said, hanging=hanging)
        if not outcome.status:
            return Purge()
        failure = Failure(argv=shown, status=outcome.status, output=outcome.output)
        return Purge(failure=self._refusal(manager, failure, outcome.stderr or outcome.output))

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
