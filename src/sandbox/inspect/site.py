"""The sandbox of one measurement: steps are run in it, and its files, processes and packages are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import field
from msgspec.structs import replace

from sandbox.container.layer import files_of
from sandbox.container.packages import LARGEST
from sandbox.container.processes import Running, processes_argv, running_of, running_processes
from sandbox.container.survey import LIMIT, survey, survey_argv, survey_of
from sandbox.container.together import read_together
from sandbox.core.tasks import Deferred
from sandbox.errors import EngineError, TooLong
from sandbox.inspect.blind_spots import RUNNING, TRUSTED, Doubt
from sandbox.inspect.claims import RESIDUE
from sandbox.inspect.doubts import Doubts
from sandbox.inspect.queries import ManagerQueries
from sandbox.managers.state_paths import state_paths
from sandbox.provision.run import Provisioning
from sandbox.provision.site import InstallSite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sandbox.container.ahead import CommandAhead
    from sandbox.container.snapshot import Snapshot
    from sandbox.container.survey import Survey
    from sandbox.inspect.kept_files import KeptFiles
    from sandbox.managers.protocol import Package
    from sandbox.provision.run import Provisioned
    from sandbox.provision.steps import Step


class Site(InstallSite, frozen=True, kw_only=True):
    """The container of a measurement and the plan for it; what can't be read there becomes one of its doubts.

    `path` is the PATH of its users at first. `kept` keeps the files that packages come as, where these are wanted.
    `image_files` returns the files of the container's image, where they may be known.
    """

    path: str
    kept: KeptFiles | None = None
    image_files: Callable[[], Snapshot] | None = None
    doubts: Doubts = field(default_factory=Doubts)

    @property
    def env(self) -> dict[str, str]:
        """The environment of what inspect runs."""
        return {**self.manager_env, "PATH": f"{TRUSTED}:{self.path}"}

    @property
    def books(self) -> tuple[str, ...]:
        """The places that a manager, an installer and a boot write by themselves: no change there counts."""
        from sandbox.inspect.booted import BOOKS
        from sandbox.provision.installer import WORK

        plan = self.plan
        own = state_paths(plan.target.manager, (language.name for language in plan.languages))
        return (*own, WORK, *(BOOKS if plan.spec.boot else ()))

    @property
    def queries(self) -> ManagerQueries:
        """The questions to the package manager."""
        return ManagerQueries(self, env=self.env, admit=self.doubts.admit)

    def provisioning(self, steps: Sequence[Step]) -> Provisioning:
        """Return what runs these steps of the plan."""
        return Provisioning(replace(self, plan=replace(self.plan, steps=tuple(steps))))

    def provision(
        self,
        work: Provisioning,
        known: Survey | None = None,
        second: Deferred[Snapshot] | None = None,
        meanwhile: Callable[[], object] = lambda: None,
    ) -> Provisioned:
        """Run some of the plan's steps and return the state then; `second` begins as soon as they are over.

        `known` is the survey before them, for the plan's last steps, whose command brings the look behind them. Without
        it, `meanwhile` is called once they run.
        """

        def share(read: Callable[[], Survey]) -> Survey:
            meanwhile()
            return read()

        state = work.run(
            path=self.path,
            known=known,
            share=share,
            is_all=known is not None,
            after_steps=second.begin if second else lambda: None,
            after_fetch=self.kept.take_files if self.kept else lambda: None,
            may_break=True,
            looks_at_once=known is not None,
        )
        for note in work.notes:
            self.doubts.admit(Doubt(text=f"Not as on this host: {note}."))
        return state

    def survey(self, path: str) -> Survey:
        """Return which packages there are; an empty list if that can't be read."""
        return survey(self.box, self.manager, path=path, may_fail=True)

    def files(self) -> Deferred[Snapshot]:
        """Return what reads all files, once it is begun."""
        return Deferred(lambda: files_of(self.box, self.image_files))

    def look_inside(self) -> tuple[Survey, Running]:
        """Return which packages there are and what runs, as `survey` and `running` do, by one command."""
        argv = survey_argv(self.manager, path="")
        answers = read_together(self.box, (argv, processes_argv()), env={}, limit=LARGEST, seconds=LIMIT)
        if answers is None:
            return self.survey(""), self.running((*RUNNING, RESIDUE))
        (status, output), of_processes = answers
        there = survey_of(self.box, self.manager, status, output, may_fail=True)
        try:
            return there, running_of(*of_processes)
        except EngineError:
            return there, self.running((*RUNNING, RESIDUE))

    def running(self, about: tuple[str, ...] = RUNNING, ahead: CommandAhead | None = None) -> Running:
        """Return the processes; if the sandbox can't list them any more, none and a doubt.

        `ahead` may have its command, opened before its turn.
        """
        try:
            return running_processes(self.box, ahead)
        except (EngineError, TooLong) as error:
            self.doubts.admit(Doubt(text=f"Could not see what runs: {error.brief}.", about=about))
            return Running()


def packages_of(state: Provisioned) -> tuple[Package, ...]:
    """Return the packages of a state, none if the list could not be read."""
    return state.survey.probe.packages if state.survey else ()


def real_paths(files: Snapshot, paths: Iterable[str]) -> frozenset[str]:
    """Return paths without the links in them."""
    return frozenset(files.real(path.rstrip("/")) for path in paths if path.strip("/."))
