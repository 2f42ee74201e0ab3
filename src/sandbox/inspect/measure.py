"""One measurement: install, read, start the services, read, purge, read; and the differences between the readings."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sandbox.container.diff import added_packages
from sandbox.container.processes import Running, running_processes
from sandbox.container.snapshot import Snapshot, readable, snapshot
from sandbox.container.survey import survey
from sandbox.core.human import count
from sandbox.core.tasks import Background, Deferred
from sandbox.errors import EngineError, TooLong
from sandbox.inspect.blind_spots import OWNED, RUNNING, TRUSTED, Doubt, blind_spots, cut_residue, truncate
from sandbox.inspect.booted import BOOKS, boot_again, units_of, without_base
from sandbox.inspect.claims import KEYS, PACKAGES, RESIDUE
from sandbox.inspect.dpkg_records import diversions
from sandbox.inspect.engine_files import engine_doubts
from sandbox.inspect.file_changes import FileDiff, diff
from sandbox.inspect.findings import Inspection, Residue
from sandbox.inspect.footprint import footprint
from sandbox.inspect.host_packages import host_packages, mark_usual_traces
from sandbox.inspect.installers import ran_installer, undo_failure
from sandbox.inspect.language_packages import LanguagePackages
from sandbox.inspect.locations import finding_kind, rule_of
from sandbox.inspect.measured import Measured, without_files
from sandbox.inspect.network_log import contacts
from sandbox.inspect.purge import Purge, Purging
from sandbox.inspect.queries import ManagerQueries
from sandbox.inspect.residue import residue
from sandbox.inspect.service_trial import ended_early_note, not_started_note, services_of, start_each
from sandbox.inspect.verdict import verdict
from sandbox.lifecycle.scratch import SCRATCH
from sandbox.managers.registry import data_of
from sandbox.managers.shortcuts import hold_installed_argv
from sandbox.managers.state_paths import state_paths, store_paths
from sandbox.provision.installer import WORK, InstallerRoom
from sandbox.provision.run import Provisioning, summary
from sandbox.provision.steps import reference_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sandbox.container.box import Box
    from sandbox.container.survey import Survey
    from sandbox.core.progress import Reporter
    from sandbox.inspect.booted import Booted, Units
    from sandbox.inspect.findings import Contact, Footprint, RanInstaller, ServiceStart
    from sandbox.inspect.kept_files import KeptFiles
    from sandbox.managers.metadata import Fact
    from sandbox.managers.protocol import Change, Manager, Package
    from sandbox.provision.installer import Installer
    from sandbox.provision.network import HostNetwork
    from sandbox.provision.plan import Plan
    from sandbox.provision.run import Provisioned
    from sandbox.provision.steps import Step

BEFORE: Final = (
    "mirror",
    "lock",
    "repository",
    "foreign",
    "answer",
    "before",
    "index",
    "host",
    "boot",
    "screen",
    "upgrade",
    "copy",
)
"""Steps that are not due to a package: their files are part of the base."""
MARK: Final = f"{SCRATCH}/answered"
"""File that an install waits for while the manager simulates one with recommended packages."""


def _holding(step: Step, plan: Plan) -> Step:
    """Return the distro's install, made to wait for MARK if the manager can."""
    if step.kind != "install" or step.source or plan.languages:
        return step
    return replace(step, argv=hold_installed_argv(plan.target.manager, step.argv, MARK) or step.argv)


def _packages(state: Provisioned) -> tuple[Package, ...]:
    return state.survey.probe.packages if state.survey else ()


def _lost_files(before: Iterable[Package], after: Iterable[Package]) -> frozenset[str]:
    """Return the packages that are no longer listed; none if the list could not be read."""
    there = {row.name for row in after}
    return frozenset(row.name for row in before if there) - there


def _real(files: Snapshot, paths: Iterable[str]) -> frozenset[str]:
    return frozenset(files.real(path.rstrip("/")) for path in paths if path.strip("/."))


def _system_users(files: Snapshot, paths: Iterable[str]) -> str:
    """Return what sysusers.d(5) says, of the files among these."""
    texts = (files.contents[path] for path in sorted(paths) if "/sysusers.d/" in path and path in files.contents)
    return b"\n".join(texts).decode(errors="replace")


class _Done(Struct, frozen=True, kw_only=True):
    """What was done, and what was read before and behind it; `seconds` is what it took.

    `packages` and `runs` were there before. `ran`: the installer, if it was one.
    """

    state: Provisioned
    first: Background[Snapshot]
    second: Deferred[Snapshot]
    packages: tuple[Package, ...]
    runs: Running
    beside: LanguagePackages
    seconds: float
    contacts: tuple[Contact, ...] | None
    would: tuple[Change, ...] | None = None
    ran: RanInstaller | None = None


class Measurement:
    """The measurement of one plan's packages, or of one installer, in one running container."""

    def __init__(
        self,
        box: Box,
        *,
        plan: Plan,
        manager: Manager,
        network: HostNetwork,
        reporter: Reporter,
        path: str,
        pristine: Callable[[], Background[Snapshot]] | None = None,
        listen: Callable[[], Callable[[], tuple[str, ...]]] | None = None,
        installer: Installer | None = None,
        kept: KeptFiles | None = None,
    ) -> None:
        self._box = box
        self._plan = plan
        self._manager = manager
        self._network = network
        self._reporter = reporter
        self._path = path
        self._listen = listen
        self._kept = kept
        steps = {step.kind for step in plan.steps}
        usable = data_of(plan.target.manager).refresh_keeps_files and not steps & {
            "mirror",
            "repository",
            "before",
            "host",
            "boot",
            "screen",
            "upgrade",
        }
        self._pristine = pristine if usable else None
        books = BOOKS if plan.spec.boot else ()
        self._books = (*state_paths(plan.target.manager, (language.name for language in plan.languages)), WORK, *books)
        self._env = {**network.env, **manager.environment, "PATH": f"{TRUSTED}:{path}"}
        self._unseen = list[Doubt]()
        self._scripts = ""
        self._units: Units | None = None
        own = {**manager.environment, "PATH": path, **plan.spec.env}
        self._room = InstallerRoom(box, installer, env=own, network=network) if installer else None
        self._asking = ManagerQueries(box, plan=plan, manager=manager, env=self._env, admit=self._admit)

    def run(self, *, base: str) -> Inspection:
        """Return the inspection. Raises what provisioning raises. `base` is the container's image."""
        began = time.monotonic()
        Background(lambda: rule_of("/etc/"))  # its table is compiled while the sandbox works: 0.2 s
        done = self._run_installer(self._room) if self._room else self._install()
        for failed in done.state.failed:
            self._admit(Doubt(text=f"What came is half done: {failed.brief}."))
        measured = done.beside.merge_into(
            replace(
                self._take_measures(done.state, done.first, done.second, done.packages, done.runs), would=done.would
            )
        )
        self._unseen[:0] = blind_spots(measured.difference, measured.after, self._path)
        self._unseen += engine_doubts(measured, self._scripts)
        found, notes = truncate(footprint(measured))
        self._doubt_packages(measured, done.state)
        self._doubt_languages((*done.beside.before, *measured.came))
        if self._kept:
            self._kept.put(measured.came, measured.asked, measured.facts)
        measured = without_files(measured)
        last = self._take_back(measured, found, done)
        listed, more = cut_residue(last)
        doubts = tuple(dict.fromkeys(doubt.text for doubt in self._unseen))
        about = {key for doubt in self._unseen for key in doubt.about}
        about |= {RESIDUE} if bool(self._plan.upgrades) or (done.ran and not done.ran.undo) else set()
        unknown = tuple(key for key in KEYS if key in about)
        return Inspection(
            packages=() if done.ran else self._subjects(),
            distro=self._plan.target.label,
            base=base,
            manager=self._plan.target.manager,
            verdict=verdict(found, last, doubts, unknown, notes=(*notes, *more), installer=done.ran),
            footprint=found,
            residue=listed,
            seconds=round(time.monotonic() - began, 2),
            install_seconds=round(done.seconds, 2),
            contacts=done.contacts,
            unseen=(*doubts, *notes, *more),
            unknown=unknown,
            installer=done.ran,
        )

    def _subjects(self) -> tuple[str, ...]:
        """Return the packages that were asked for, or the words for all that a host upgrades."""
        return (self._plan.upgrades,) if self._plan.upgrades else tuple(map(reference_text, self._plan.packages))

    def _install(self) -> _Done:
        """Install the plan's packages."""
        heard = self._listen() if self._listen else None
        files = self._pristine() if self._pristine else None
        before = self._provision([step for step in self._plan.steps if step.kind in BEFORE])
        packages = _packages(before)
        self._note_units()
        beside = LanguagePackages(self._box, self._plan)
        steps = [step for step in self._plan.steps if step.kind not in BEFORE]
        holding = [_holding(step, self._plan) for step in steps] if files is not None else steps
        with self._reporter.step("look", "at all files before the install"):
            would = Background(lambda: self._asking.simulate_recommends(packages, MARK if holding != steps else ""))
            if holding == steps:
                # Before the snapshot: managers create temporary files meanwhile, and one of portage's counted as
                # removed by the purge.
                would.result()
            first = files or self._files().begin()
            runs = self._running()
            if files is None:
                first.result()  # a snapshot of this same container has to come before the install
        started, second = time.monotonic(), self._files()
        state = self._provision(holding, before.survey, second)
        took = time.monotonic() - started
        return _Done(
            state=state,
            first=first,
            second=second,
            packages=packages,
            runs=runs,
            beside=beside,
            seconds=took,
            contacts=contacts(heard()) if heard else None,
            would=would.result(),
        )

    def _note_units(self) -> None:
        """Remember the units that the base has, where an init has booted in it."""
        if self._plan.spec.boot:
            self._units = units_of(self._box)

    def _run_installer(self, room: InstallerRoom) -> _Done:
        """Install the plan's packages, which are part of the base, and run the installer."""
        before = self._provision(self._plan.steps)
        packages, beside = _packages(before), LanguagePackages(self._box, self._plan)
        self._note_units()
        with self._reporter.step("look", "at all files before the installer"):
            room.prepare()
            paths = room.shell_paths()
            first = self._files().begin()
            runs = self._running()
            first.result()
        heard = self._listen() if self._listen else None
        started, second = time.monotonic(), self._files()
        with self._reporter.step("run", room.installer.line) as step:
            ended = room.run(step.line)
        took = time.monotonic() - started
        second.begin().result()  # before shells of the user's are started, which may write files
        reached = tuple(folder for folder in room.shell_paths() if paths and folder not in paths)
        self._path = ":".join((*reached, self._path))
        state = self._survey_behind(before)
        for note in room.installer.notes:
            self._admit(Doubt(text=note))
        return _Done(
            state=state,
            first=first,
            second=second,
            packages=packages,
            runs=runs,
            beside=beside,
            seconds=took,
            contacts=contacts(heard()) if heard else None,
            ran=replace(
                ran_installer(room, ended),
                before=tuple(reference_text(ref) for ref in self._plan.packages),
                on_path=tuple(map(readable, reached)),
            ),
        )

    def _survey_behind(self, before: Provisioned) -> Provisioned:
        """Return the state behind an installer: what it made the manager install is what was asked for."""
        now = survey(self._box, self._manager, path=self._path, may_fail=True)
        known = before.survey.probe.explicit if before.survey else frozenset()
        came = added_packages(_packages(before), now.probe.packages)
        asked = tuple(row for row in came if row.name in now.probe.explicit - known)
        return replace(before, survey=now, asked=asked, came=tuple(row.name for row in came))

    def _take_back(self, measured: Measured, found: Footprint, done: _Done) -> Residue:
        """Purge what came, or run an installer's undo; return what is left then."""
        if self._plan.upgrades:
            return Residue()
        if done.ran is None:
            return self._purge(measured, done.packages, done.beside) if found.packages else Residue()
        if self._room is None or not done.ran.undo:
            return Residue()
        with self._reporter.step("undo", done.ran.undo) as step:
            ended = self._room.undo(step.line)
        failure = undo_failure(done.ran, ended)
        return self._look_at_rest(measured, done.packages, done.beside, Purge(failure=failure))

    def _provision(
        self, steps: Sequence[Step], known: Survey | None = None, second: Deferred[Snapshot] | None = None
    ) -> Provisioned:
        work = Provisioning(
            self._box,
            plan=replace(self._plan, steps=tuple(steps)),
            manager=self._manager,
            network=self._network,
            reporter=self._reporter,
        )
        state = work.run(
            path=self._path,
            known=known,
            is_all=known is not None,
            after_steps=second.begin if second else lambda: None,
            after_fetch=self._kept.take_files if self._kept else lambda: None,
            may_break=True,
        )
        for note in work.notes:
            self._admit(Doubt(text=f"Not as on this host: {note}."))
        return state

    def _files(self) -> Deferred[Snapshot]:
        return Deferred(lambda: snapshot(self._box))

    def _look(self, files: Deferred[Snapshot], about: tuple[str, ...] = RUNNING) -> tuple[Snapshot, Running]:
        """Return the files and the processes, read at the same time from the engine and in the sandbox."""
        files.begin()
        runs = self._running(about)
        return files.result(), runs

    def _running(self, about: tuple[str, ...] = RUNNING) -> Running:
        """Return the processes; if the sandbox can't list them any more, none and a doubt."""
        try:
            return running_processes(self._box)
        except (EngineError, TooLong) as error:
            self._admit(Doubt(text=f"Could not see what runs: {error.brief}.", about=about))
            return Running()

    def _admit(self, doubt: Doubt) -> None:
        """Record once what could not be seen."""
        if doubt not in self._unseen:
            self._unseen.append(doubt)

    def _doubt_packages(self, measured: Measured, state: Provisioned) -> None:
        """Record a doubt if the manager's list can't be right: then new packages and residue are unknown."""
        is_read = state.survey is not None and state.survey.probe.packages
        if not is_read or measured.is_list_broken:
            text = "Could not see which packages are installed: the package manager's list is damaged."
            text = text if is_read else "Could not see which packages are installed: the list could not be read."
            self._admit(Doubt(text=text, about=(PACKAGES, RESIDUE, *OWNED)))
        elif state.survey is not None and not state.survey.is_whole:
            text = "Could see only the files in the sandbox: its sh, cat or wc do not work."
            self._admit(Doubt(text=text, about=(*RUNNING, *OWNED)))

    def _doubt_languages(self, there: Iterable[Package]) -> None:
        """Record a doubt if a language's manager lists nothing although it installed something."""
        listed = {row.full_name.partition(":")[0] for row in there}
        for language in self._plan.languages:
            if language.name not in listed:
                text = f"Could not see which packages of {language.name} were installed: it lists none."
                self._admit(Doubt(text=text, about=(PACKAGES, RESIDUE, *OWNED)))

    def _take_measures(
        self,
        state: Provisioned,
        files: Background[Snapshot],
        later: Deferred[Snapshot],
        packages: tuple[Package, ...],
        runs: Running,
    ) -> Measured:
        with self._reporter.step("look", "at the new files") as step:
            # Both only read, so they run at the same time: one after the other, inspecting htop took 2.1 times its try.
            answers = Background(lambda: self._installed_facts(packages, state))
            second, then = self._look(later)
            came, owned, known = answers.result()
            first = files.result()
            difference = diff(first, second, self._books)
            came_text = summary(state)
            step.title(f"{came_text}{': ' * bool(came_text)}{count(len(difference.added), 'path')}")
        mine = None if owned is None else _real(second, owned)
        theirs = (mine or frozenset()) - diversions(first, second).keys()
        others = [path for path in (*difference.changed, *difference.removed) if second.real(path) not in theirs]
        usual = host_packages(came, {package.full_name for package in state.asked}, known)
        usual_files = _real(second, self._asking.files_of(usual) or ())
        booted = self._boot_again(self._units, runs, then) if self._units else None
        serving = () if booted else self._serve(second, difference, state, then, usual_files)
        return Measured(
            before=first,
            after=second,
            difference=difference,
            came=came,
            asked=frozenset(package.full_name for package in state.asked),
            path=self._path,
            owned=mine,
            owners=self._asking.owners(others),
            stores=store_paths(self._plan.target.manager),
            facts=known,
            running=(runs, booted.running if booted else then),
            serving=serving,
            booted=booted,
            lost=_lost_files(packages, _packages(state)),
            older={row.name: row.version for row in packages},
            database=(*self._manager.database, *self._manager.state_files),
            usual=frozenset(usual),
            usual_files=usual_files,
            usual_scripts=f"{self._asking.scripts_of(usual)}\n{_system_users(second, usual_files)}",
        )

    def _installed_facts(
        self, before: Sequence[Package], state: Provisioned
    ) -> tuple[tuple[Package, ...], tuple[str, ...] | None, tuple[Fact, ...]]:
        """Return what the manager knows of the packages that came, and keep the texts of their scripts."""
        came, owned, known = self._asking.installed_facts(before, _packages(state))
        self._scripts = self._asking.scripts_of([package.name for package in came])
        return came, owned, known

    def _serve(
        self, after: Snapshot, difference: FileDiff, state: Provisioned, runs: Running, usual: frozenset[str]
    ) -> tuple[tuple[ServiceStart, Running], ...]:
        """Start the services that came, but for those of the `usual` files, and return each with what listened."""
        if not any(finding_kind(path) == "services" for path in (*difference.added, *difference.changed)):
            return ()
        wanted = [package.name for package in state.asked if not package.source]
        own = _real(after, self._asking.files_of(wanted) or ())
        if self._room:
            own |= _real(after, (*difference.added, *difference.changed)) - usual
        services = services_of(after, difference, own, wanted=wanted, without=usual)
        found: list[tuple[ServiceStart, Running]] = []
        try:
            found += start_each(self._box, services, reporter=self._reporter, before=runs)
        except (EngineError, TooLong) as error:
            self._admit(Doubt(text=f"Could not see where services listen: {error.brief}.", about=("ports",)))
        if said := not_started_note(services, len(found)):
            self._admit(Doubt(text=said, about=("ports",)))
        if said := ended_early_note(services, [started for started, _ in found]):
            self._admit(Doubt(text=said, about=("ports",)))
        return tuple(found)

    def _boot_again(self, known: Units, before: Running, then: Running) -> Booted | None:
        """Boot once more with what came, and return what that did; None, with a doubt, where it can't be seen."""
        with self._reporter.step("boot", "once more, with what came") as step:
            try:
                found = boot_again(self._box, known, before=before, installed=then)
            except (EngineError, TooLong) as error:
                self._admit(Doubt(text=f"Could not see what a boot does: {error.brief}.", about=("ports", "services")))
                return None
            services = [row for row in found.units if row.kind == "service"]
            step.title(f"once more: {count(len(services), 'service')} of {count(len(found.units), 'new unit')}")
        return found

    def _without_base(self, runs: Running, before: Running) -> Running:
        """Return what runs without what the base's own units began anew, where an init has booted."""
        if self._units is None:
            return runs
        try:
            return without_base(self._box, self._units, runs, before)
        except (EngineError, TooLong) as error:
            self._admit(Doubt(text=f"Could not see whose the processes are: {error.brief}.", about=(RESIDUE,)))
            return runs

    def _owned_files(
        self, packages: tuple[tuple[Package, ...], tuple[Package, ...]], after: Snapshot
    ) -> frozenset[str]:
        """Return the files of new packages that still exist."""
        owned = self._asking.files_of([package.name for package in added_packages(*packages)])
        return _real(after, owned or ())

    def _purge(self, measured: Measured, before: tuple[Package, ...], beside: LanguagePackages) -> Residue:
        with self._reporter.step("purge", " ".join(ref.full_name for ref in self._plan.packages)) as step:
            work = Purging(self._box, plan=self._plan, manager=self._manager, env=self._env)
            done = work.run(measured, beside.distros(measured, before), beside, step.line)
        return self._look_at_rest(measured, before, beside, done)

    def _look_at_rest(
        self, measured: Measured, before: tuple[Package, ...], beside: LanguagePackages, done: Purge
    ) -> Residue:
        """Return what is left behind a purge or an undo."""
        with self._reporter.step("look", "at what is left"):
            now = Background(lambda: survey(self._box, self._manager, path="", may_fail=True))
            third, runs = self._look(self._files(), (*RUNNING, RESIDUE))
            runs = self._without_base(runs, measured.running[0])
            last = now.result()
            after = last.probe.packages or before
            if not last.probe.packages and (before or not last.is_whole):
                text = "Could not see which packages a purge leaves: the list could not be read."
                self._admit(Doubt(text=text, about=(RESIDUE,)))
            left = residue(
                measured.before,
                third,
                packages=((*before, *beside.before), (*after, *beside.packages())),
                held=self._owned_files((before, after), third),
                running=(measured.running[0], runs),
                hanging=done.hanging,
                ignored=(*self._books, *store_paths(self._plan.target.manager)),
                failure=done.failure,
            )
            return replace(left, left=tuple(mark_usual_traces(measured, left.left)))
