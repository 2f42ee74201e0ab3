"""What is measured: an install of packages, or an installer's run, with the readings before and behind it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sandbox.container.ahead import CommandAhead
from sandbox.container.diff import added_packages
from sandbox.container.processes import processes_spec
from sandbox.container.snapshot import readable
from sandbox.core.tasks import Background
from sandbox.inspect.base_files import shares_files
from sandbox.inspect.blind_spots import Doubt
from sandbox.inspect.language_packages import LanguagePackages
from sandbox.inspect.site import packages_of
from sandbox.lifecycle.scratch import SCRATCH
from sandbox.managers.shortcuts import hold_installed_argv
from sandbox.provision.steps import kinds_before

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sandbox.container.processes import Running
    from sandbox.container.snapshot import Snapshot
    from sandbox.core.tasks import Deferred
    from sandbox.inspect.booted import Units
    from sandbox.inspect.findings import Contact, RanInstaller
    from sandbox.inspect.site import Site
    from sandbox.managers.protocol import Change, Package
    from sandbox.provision.installer import InstallerRoom
    from sandbox.provision.plan import Plan
    from sandbox.provision.run import Provisioned, Provisioning
    from sandbox.provision.steps import Step

    Listen = Callable[[], Callable[[], tuple[str, ...]]]
    Pristine = Callable[[], Background[Snapshot]]

BEFORE: Final = kinds_before("fetch")
"""Steps that are not due to a package: their files are part of the base."""
MARK: Final = f"{SCRATCH}/answered"
"""File that an install waits for while the manager simulates one with recommended packages."""


class Before(Struct, frozen=True, kw_only=True):
    """What was there before: packages, those of languages, and the units that the base has where an init booted."""

    state: Provisioned
    packages: tuple[Package, ...]
    beside: LanguagePackages
    units: Units | None


class Operation(Struct, frozen=True, kw_only=True):
    """What was done, with the files `first` and `second`, read before and behind it; `seconds` is what it took.

    `state` is that behind it, `runs` are the processes before it. `path` is the PATH of users behind it.
    `would`: see Measured. `ran`: the installer, if it was one.
    """

    before: Before
    state: Provisioned
    first: Background[Snapshot]
    second: Deferred[Snapshot]
    runs: Running
    seconds: float
    path: str
    contacts: tuple[Contact, ...] | None
    would: tuple[Change, ...] | None = None
    ran: RanInstaller | None = None


def operate(
    site: Site,
    room: InstallerRoom | None,
    *,
    pristine: Pristine | None,
    listen: Listen | None,
    meanwhile: Callable[[], object],
) -> Operation:
    """Install the plan's packages, or run the installer of its `room`; what it left half done is a doubt.

    `pristine` begins to read the image's files, which are the base's where nothing before the install changes them.
    `listen` begins to hear what is contacted. `meanwhile` is called once the manager is at work.
    """
    if room:
        done = run_installer(site, room, listen=listen, meanwhile=meanwhile)
    else:
        shared = pristine if shares_files(site.plan) else None
        done = install_packages(site, pristine=shared, listen=listen, meanwhile=meanwhile)
    for failed in done.state.failed:
        site.doubts.admit(Doubt(text=f"What came is half done: {failed.brief}."))
    return done


class _Ahead:
    """Opens the commands behind the index while that is fetched, so that none waits for the engine to start it."""

    def __init__(self, site: Site, install: Provisioning, mark: str) -> None:
        self.running, self.simulation = CommandAhead(site.box), CommandAhead(site.box)
        self._site, self._install, self._mark = site, install, mark

    def begin(self) -> None:
        """Begin to open them, in the order of their turns."""
        self.running.begin(processes_spec())
        if spec := self._site.queries.simulation_spec(self._mark):
            self.simulation.begin(spec)
        self._install.begin(self._site.path)


def install_packages(
    site: Site, *, pristine: Pristine | None, listen: Listen | None, meanwhile: Callable[[], object]
) -> Operation:
    """Install the plan's packages; `pristine` begins to read the image's files, where these are the base's.

    `meanwhile` is called once the manager is at work.
    """
    heard = listen() if listen else None
    files = pristine() if pristine else None
    steps = [step for step in site.plan.steps if step.kind not in BEFORE]
    holding = [_holding_step(step, site.plan) for step in steps] if files is not None else steps
    mark, install = MARK if holding != steps else "", site.provisioning(holding)
    ahead = _Ahead(site, install, mark)

    def begin() -> None:
        ahead.begin()
        meanwhile()

    before = _prepare(site, [step for step in site.plan.steps if step.kind in BEFORE], begin)
    with site.reporter.step("look", "at all files before the install"):
        would = Background(lambda: site.queries.simulate_recommends(before.packages, mark, ahead.simulation))
        if not mark:
            # Before the snapshot: managers create temporary files meanwhile, and one of portage's counted as
            # removed by the purge.
            would.result()
        first, runs = _look_first(site, ahead.running) if files is None else (files, site.running(ahead=ahead.running))
    started, second = time.monotonic(), site.files()
    state = site.provision(install, before.state.survey, second)
    took = time.monotonic() - started
    return Operation(
        before=before,
        state=state,
        first=first,
        second=second,
        runs=runs,
        seconds=took,
        path=site.path,
        contacts=_contacts(heard()) if heard else None,
        would=would.result(),
    )


def run_installer(
    site: Site, room: InstallerRoom, *, listen: Listen | None, meanwhile: Callable[[], object]
) -> Operation:
    """Install the plan's packages, which are part of the base, and run the installer; `meanwhile`: as above."""
    from sandbox.inspect.installers import ran_installer

    before = _prepare(site, site.plan.steps, meanwhile)
    with site.reporter.step("look", "at all files before the installer"):
        room.prepare()
        paths = room.shell_paths()
        first, runs = _look_first(site)
    heard = listen() if listen else None
    started, second = time.monotonic(), site.files()
    with site.reporter.step("run", room.installer.line) as step:
        ended = room.run(step.line)
    took = time.monotonic() - started
    second.begin().result()  # before shells of the user's are started, which may write files
    reached = tuple(folder for folder in room.shell_paths() if paths and folder not in paths)
    path = ":".join((*reached, site.path))
    state = _state_behind(site, before, path)
    for note in room.installer.notes:
        site.doubts.admit(Doubt(text=note))
    return Operation(
        before=before,
        state=state,
        first=first,
        second=second,
        runs=runs,
        seconds=took,
        path=path,
        contacts=_contacts(heard()) if heard else None,
        ran=replace(
            ran_installer(room, ended),
            before=tuple(ref.text for ref in site.plan.packages),
            on_path=tuple(map(readable, reached)),
        ),
    )


def _prepare(site: Site, steps: Sequence[Step], meanwhile: Callable[[], object]) -> Before:
    """Run the steps that come before, and return what is there then; `meanwhile` is called once they run."""
    state = site.provision(site.provisioning(steps), meanwhile=meanwhile)
    return Before(
        state=state,
        packages=packages_of(state),
        units=_units(site) if site.plan.spec.boot else None,
        beside=LanguagePackages(site.box, site.plan),
    )


def _units(site: Site) -> Units:
    from sandbox.inspect.booted import units_of

    return units_of(site.box)


def _contacts(lines: tuple[str, ...]) -> tuple[Contact, ...]:
    from sandbox.inspect.network_log import contacts

    return contacts(lines)


def _look_first(site: Site, ahead: CommandAhead | None = None) -> tuple[Background[Snapshot], Running]:
    """Return all files and the processes; the files are read then: nothing may change them meanwhile."""
    first = site.files().begin()
    runs = site.running(ahead=ahead)
    first.result()
    return first, runs


def _holding_step(step: Step, plan: Plan) -> Step:
    """Return the distro's install, made to wait for MARK if the manager can."""
    if step.kind != "install" or step.source or plan.languages:
        return step
    return replace(step, argv=hold_installed_argv(plan.target.manager, step.argv, MARK) or step.argv)


def _state_behind(site: Site, before: Before, path: str) -> Provisioned:
    """Return the state behind an installer: what it made the manager install is what was asked for."""
    now = site.survey(path)
    known = before.state.survey.probe.explicit if before.state.survey else frozenset()
    came = added_packages(before.packages, now.probe.packages)
    asked = tuple(row for row in came if row.name in now.probe.explicit - known)
    return replace(before.state, survey=now, asked=asked, came=tuple(row.name for row in came))
