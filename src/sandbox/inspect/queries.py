"""Queries to the package managers during an inspection; a query without an answer becomes a doubt, never a guess."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from sandbox.container.box import ROOT
from sandbox.container.diff import added_packages
from sandbox.container.output import plain_text
from sandbox.container.packages import LARGEST
from sandbox.container.processes import processes_argv, running_of
from sandbox.container.together import read_together
from sandbox.engine.protocol import ExecSpec
from sandbox.errors import EngineError, TooLong
from sandbox.inspect.blind_spots import OWNED, Doubt
from sandbox.inspect.owners import owners
from sandbox.managers.protocol import PackageRef
from sandbox.managers.registry import data_of, queries_of
from sandbox.managers.shortcuts import mark_argv

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.container.ahead import CommandAhead
    from sandbox.container.processes import Running
    from sandbox.engine.protocol import Argv
    from sandbox.managers.metadata import Fact
    from sandbox.managers.protocol import Change, Package, Query
    from sandbox.provision.site import InstallSite

Found = TypeVar("Found")

ANSWER_LIMIT: Final = 120.0
"""Seconds that the manager has for an answer."""


class NewPackages(Struct, frozen=True, kw_only=True):
    """What a manager knows of packages that came: their files, None if unknown, their facts, the text of scripts."""

    came: tuple[Package, ...] = ()
    owned: tuple[str, ...] | None = ()
    facts: tuple[Fact, ...] = ()
    scripts: str = ""
    runs: Running | None = None
    """What runs meanwhile; None if that is still to be asked."""


class ManagerQueries:
    """The queries of one inspection, in the environment `env`; `admit` gets a doubt for each without an answer."""

    def __init__(self, site: InstallSite, *, env: Mapping[str, str], admit: Callable[[Doubt], None]) -> None:
        self._box, self._plan, self._manager = site.box, site.plan, site.manager
        self._env = env
        self._admit = admit

    def simulate_recommends(
        self, present: Sequence[Package], mark: str = "", ahead: CommandAhead | None = None
    ) -> tuple[Change, ...] | None:
        """Return what the manager says an install with recommended packages would do; None where it can't.

        `present` is what is there. A file `mark` is made when it has answered. `ahead` may have its command, opened
        before its turn. Managers of languages say nothing of the kind.
        """
        query = self._simulation(mark)
        if query is None:
            return None
        names = {package.name for package in present}
        found = self._ask_manager(query, ahead)
        if mark and found is None:
            self._make(mark)  # the simulation that should create the file may have been killed
        return found and tuple(replace(row, action="upgrade") if row.name in names else row for row in found)

    def simulation_spec(self, mark: str) -> ExecSpec | None:
        """Return the command of `simulate_recommends`, for one that is opened ahead; None where it asks nothing."""
        query = self._simulation(mark)
        return None if query is None else self._spec(query)

    def _simulation(self, mark: str) -> Query[Change] | None:
        if self._plan.languages:
            return None
        query = queries_of(self._plan.target.manager).simulate_recommends(self._plan.of(""))
        return replace(query, argv=mark_argv(query.argv, mark)) if mark else query

    def new_packages(self, before: Sequence[Package], after: Sequence[Package]) -> NewPackages:
        """Return what the manager knows of the new packages, and what runs."""
        came = added_packages(before, after)
        names = [package.name for package in came]
        if not names:
            return NewPackages()
        facts, shown = queries_of(self._plan.target.manager).facts(names), self._scripts_argv(names)
        files = self._files_query(names)
        # one command for four: each costs 0.04 s of a processor, at a time when the look needs both
        asked = (processes_argv(), files.argv, facts.argv if facts else ("true",), shown or ("true",))
        answers = read_together(self._box, asked, env=self._env, limit=LARGEST, seconds=ANSWER_LIMIT)
        if answers is None:
            known = self._ask_manager(facts) or ()
            return NewPackages(came=came, owned=self.files_of(names), facts=known, scripts=self.scripts_of(names))
        (of_processes, of_files, of_facts, of_scripts) = answers
        return NewPackages(
            came=came,
            owned=self._paths(files, *of_files),
            facts=facts.parse(plain_text(of_facts[1])) if facts is not None and of_facts[0] in facts.statuses else (),
            scripts=of_scripts[1].decode(errors="replace"),
            runs=_running(*of_processes),
        )

    def files_of(self, names: Sequence[str]) -> tuple[str, ...] | None:
        """Return the files of packages, with the exact bytes of a snapshot's names; None if unknown."""
        if not names:
            return ()
        query = self._files_query(names)
        try:
            status, output = self._box.read(query.argv, env=self._env, limit=LARGEST, seconds=ANSWER_LIMIT)
        except (EngineError, TooLong) as error:
            self._admit_no_owners(error.brief)
            return None
        return self._paths(query, status, output)

    def _files_query(self, names: Sequence[str]) -> Query[str]:
        return self._manager.files([PackageRef(name=name) for name in names])

    def _paths(self, query: Query[str], status: int, output: bytes) -> tuple[str, ...] | None:
        if status not in query.statuses:
            self._admit_no_owners(f"{query.argv[0]} ended with {status}")
            return None
        return query.parse(output.decode("utf-8", "surrogateescape"))

    def _admit_no_owners(self, why: str) -> None:
        self._admit(Doubt(text=f"Could not see which files belong to the packages: {why}.", about=OWNED))

    def scripts_of(self, names: Sequence[str]) -> str:
        """Return the scripts of packages, as far as the manager keeps them as text."""
        argv = self._scripts_argv(names)
        if not names or not argv:
            return ""
        try:
            return self._box.read(argv, env=self._env, limit=LARGEST)[1].decode(errors="replace")
        except (EngineError, TooLong) as error:
            self._admit(Doubt(text=f"What the packages' scripts say could not be seen: {error.brief}."))
            return ""

    def _scripts_argv(self, names: Sequence[str]) -> Argv:
        text = data_of(self._plan.target.manager).scripts
        return ("sh", "-c", text, "sh", *names) if text else ()

    def owners(self, paths: Sequence[str]) -> dict[str, str]:
        """Return the packages that own files, as far as known."""
        ask = queries_of(self._plan.target.manager).owner
        return owners(self._box, paths, ask=ask, env=self._env)

    def _make(self, mark: str) -> None:
        with suppress(EngineError, TooLong):
            self._box.exec(mark_argv(("true",), mark), seconds=ANSWER_LIMIT)

    def _spec(self, query: Query[Found]) -> ExecSpec:
        return ExecSpec(argv=query.argv, env=self._env, user=ROOT)

    def _ask_manager(self, query: Query[Found] | None, ahead: CommandAhead | None = None) -> tuple[Found, ...] | None:
        if query is None:
            return None
        try:
            waiting = ahead.take(self._spec(query)) if ahead else None
            outcome = self._box.exec(query.argv, env=self._env, seconds=ANSWER_LIMIT, ahead=waiting)
        except (EngineError, TooLong) as error:
            self._admit(Doubt(text=f"{error.brief}."))
            return None
        return query.parse(outcome.stdout) if outcome.status in query.statuses else None


def _running(status: int, output: bytes) -> Running | None:
    with suppress(EngineError):
        return running_of(status, output)
    return None
