"""What an operation did: read, start the services, read, purge, read; and the differences between the readings."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING

from sandbox.core.human import count
from sandbox.core.tasks import Background
from sandbox.errors import EngineError, TooLong
from sandbox.inspect.blind_spots import Doubt, blind_spots, cut_residue, truncate
from sandbox.inspect.booted import boot_again
from sandbox.inspect.claims import KEYS, RESIDUE
from sandbox.inspect.doubts import language_doubts, list_doubts
from sandbox.inspect.dpkg_records import diversions
from sandbox.inspect.engine_files import engine_doubts
from sandbox.inspect.file_changes import diff
from sandbox.inspect.findings import Inspection
from sandbox.inspect.footprint import footprint
from sandbox.inspect.host_packages import host_packages
from sandbox.inspect.locations import finding_kind
from sandbox.inspect.measured import Measured, without_files
from sandbox.inspect.purge import Purging
from sandbox.inspect.rest import take_back
from sandbox.inspect.service_trial import ended_early_note, not_started_note, services_of, start_each
from sandbox.inspect.site import packages_of, real_paths
from sandbox.inspect.verdict import verdict
from sandbox.managers.state_paths import store_paths
from sandbox.provision.run import summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.container.processes import Running
    from sandbox.container.snapshot import Snapshot
    from sandbox.inspect.booted import Booted, Units
    from sandbox.inspect.file_changes import FileDiff
    from sandbox.inspect.findings import Footprint, Residue, ServiceStart
    from sandbox.inspect.operation import Operation
    from sandbox.inspect.queries import NewPackages
    from sandbox.inspect.site import Site
    from sandbox.managers.protocol import Package
    from sandbox.provision.installer import InstallerRoom
    from sandbox.provision.plan import Plan
    from sandbox.provision.run import Provisioned


class Measurement:
    """The measurement of what an operation did in one running container; `room` is its installer's, if it was one."""

    def __init__(self, site: Site, room: InstallerRoom | None) -> None:
        self._site = site
        self._room = room
        self._removal = Purging(site, site.env)

    def run(self, done: Operation, *, base: str, began: float) -> Inspection:
        """Return the inspection. Raises what provisioning raises.

        `base` is the container's image, `began` the time of the monotonic clock before the operation.
        """
        measured = self._measure(done)
        task = Background(partial(_cut_footprint, measured))  # while the sandbox purges
        self._doubt_lists(measured, done)
        if self._site.kept:
            self._site.kept.put(measured.came, measured.asked, measured.facts)
        measured = without_files(measured)
        left = take_back(self._site, self._removal, measured, done, self._room)
        found, notes = task.result()
        return self._inspection(done, found, left, notes, base=base, began=began)

    def _measure(self, done: Operation) -> Measured:
        """Return the measurement with the packages of languages, and admit what could not be seen of it."""
        measured, scripts = self._take_measures(done)
        measured = done.before.beside.merge_into(measured)
        doubts = self._site.doubts
        doubts.begin_with(blind_spots(measured.difference, measured.after, done.path))
        for doubt in engine_doubts(measured, scripts):
            doubts.admit(doubt)
        return measured

    def _doubt_lists(self, measured: Measured, done: Operation) -> None:
        """Admit where the lists of the package managers can't be right."""
        there = (*done.before.beside.before, *measured.came)
        for doubt in (
            *list_doubts(measured, done.state.survey),
            *language_doubts(there, self._site.plan.languages),
        ):
            self._site.doubts.admit(doubt)

    def _inspection(
        self, done: Operation, found: Footprint, last: Residue, notes: tuple[str, ...], *, base: str, began: float
    ) -> Inspection:
        """Return the inspection; `notes` say what was cut, `began` is of the monotonic clock."""
        plan, ran = self._site.plan, done.ran
        listed, more = cut_residue(last)
        doubts, about = self._site.doubts.texts, self._site.doubts.about
        about |= {RESIDUE} if bool(plan.upgrades) or (ran and not ran.undo) else set()
        unknown = tuple(key for key in KEYS if key in about)
        return Inspection(
            packages=() if ran else _subjects(plan),
            distro=plan.target.label,
            base=base,
            manager=plan.target.manager,
            verdict=verdict(found, last, doubts, unknown, notes=(*notes, *more), installer=ran),
            footprint=found,
            residue=listed,
            seconds=round(time.monotonic() - began, 2),
            install_seconds=round(done.seconds, 2),
            contacts=done.contacts,
            unseen=(*doubts, *notes, *more),
            unknown=unknown,
            installer=ran,
        )

    def _take_measures(self, done: Operation) -> tuple[Measured, str]:
        """Return what was measured, and the scripts of the packages that came."""
        site, state, before = self._site, done.state, done.before
        with site.reporter.step("look", "at the new files") as step:
            # Both only read, so they run at the same time: one after the other, inspecting htop took 2.1 times its try.
            done.second.begin()
            told = site.queries.new_packages(before.packages, packages_of(state))
            then = told.runs or site.running()
            self._begin_removal(told, done)
            second = done.second.result()
            came, owned, known, scripts = told.came, told.owned, told.facts, told.scripts
            first = done.first.result()
            difference = diff(first, second, site.books)
            came_text = summary(state)
            step.title(f"{came_text}{': ' * bool(came_text)}{count(len(difference.added), 'path')}")
        mine = None if owned is None else real_paths(second, owned)
        theirs = (mine or frozenset()) - diversions(first, second).keys()
        others = [path for path in (*difference.changed, *difference.removed) if second.real(path) not in theirs]
        usual = host_packages(came, {package.full_name for package in state.asked}, known)
        usual_files = real_paths(second, site.queries.files_of(usual) or ())
        if before.units or _has_services(difference):
            self._removal.end()  # it must not be among what their start is found to have begun
        booted = self._boot_again(before.units, done.runs, then) if before.units else None
        serving = () if booted else self._serve(second, difference, state, then, usual_files)
        measured = Measured(
            before=first,
            after=second,
            difference=difference,
            came=came,
            asked=frozenset(package.full_name for package in state.asked),
            path=done.path,
            owned=mine,
            owners=self._owners(others, second, difference, state),
            stores=store_paths(site.plan.target.manager),
            facts=known,
            would=done.would,
            running=(done.runs, booted.running if booted else then),
            serving=serving,
            booted=booted,
            lost=_missing_names(before.packages, packages_of(state)),
            older={row.name: row.version for row in before.packages},
            database=(*site.manager.database, *site.manager.state_files),
            usual=frozenset(usual),
            usual_files=usual_files,
            usual_scripts=f"{site.queries.scripts_of(usual)}\n{_system_users(second, usual_files)}",
        )
        return measured, scripts

    def _begin_removal(self, told: NewPackages, done: Operation) -> None:
        """Begin to plan the removal beside the look, where it is the next command that changes anything."""
        plan = self._site.plan
        is_next = not (plan.languages or plan.upgrades or done.ran or done.before.units)
        if is_next and told.came and not any(finding_kind(path) == "services" for path in told.owned or ()):
            self._removal.begin(told.came, done.before.beside.distros(told.came, done.before.packages))

    def _owners(
        self, paths: Sequence[str], after: Snapshot, difference: FileDiff, state: Provisioned
    ) -> dict[str, str]:
        """Return the packages that own files, "" for none.

        An upgrade takes more files away than can be asked for: 14,608 to another release, each of which counted as
        damage. Of the others all files of all packages are compared.
        """
        queries = self._site.queries
        found = queries.owners(paths)
        gone = set(difference.removed) if self._site.plan.upgrades else ()
        if rest := [path for path in paths if path in gone and path not in found]:
            listed = queries.files_of([package.name for package in packages_of(state)])
            owned = None if listed is None else real_paths(after, listed)
            found |= {path: "" for path in rest if owned is not None and after.real(path) not in owned}
        return found

    def _serve(
        self, after: Snapshot, difference: FileDiff, state: Provisioned, runs: Running, usual: frozenset[str]
    ) -> tuple[tuple[ServiceStart, Running], ...]:
        """Start the services that came, but for those of the `usual` files, and return each with what listened."""
        site = self._site
        if not _has_services(difference):
            return ()
        wanted = [package.name for package in state.asked if not package.source]
        own = real_paths(after, site.queries.files_of(wanted) or ())
        if self._room:
            own |= real_paths(after, (*difference.added, *difference.changed)) - usual
        services = services_of(after, difference, own, wanted=wanted, without=usual)
        found: list[tuple[ServiceStart, Running]] = []
        try:
            found += start_each(site.box, services, reporter=site.reporter, before=runs)
        except (EngineError, TooLong) as error:
            site.doubts.admit(Doubt(text=f"Could not see where services listen: {error.brief}.", about=("ports",)))
        if said := not_started_note(services, len(found)):
            site.doubts.admit(Doubt(text=said, about=("ports",)))
        if said := ended_early_note(services, [started for started, _ in found]):
            site.doubts.admit(Doubt(text=said, about=("ports",)))
        return tuple(found)

    def _boot_again(self, known: Units, before: Running, then: Running) -> Booted | None:
        """Boot once more with what came, and return what that did; None, with a doubt, where it can't be seen."""
        site = self._site
        with site.reporter.step("boot", "once more, with what came") as step:
            try:
                found = boot_again(site.box, known, before=before, installed=then)
            except (EngineError, TooLong) as error:
                text = f"Could not see what a boot does: {error.brief}."
                site.doubts.admit(Doubt(text=text, about=("ports", "services")))
                return None
            services = [row for row in found.units if row.kind == "service"]
            step.title(f"once more: {count(len(services), 'service')} of {count(len(found.units), 'new unit')}")
        return found


def _has_services(difference: FileDiff) -> bool:
    return any(finding_kind(path) == "services" for path in (*difference.added, *difference.changed))


def _cut_footprint(measured: Measured) -> tuple[Footprint, tuple[str, ...]]:
    return truncate(footprint(measured))


def _subjects(plan: Plan) -> tuple[str, ...]:
    """Return the packages that were asked for, or the words for all that a host upgrades."""
    return (plan.upgrades,) if plan.upgrades else tuple(package.text for package in plan.packages)


def _missing_names(before: Iterable[Package], after: Iterable[Package]) -> frozenset[str]:
    """Return the packages that are no longer listed; none if the list could not be read."""
    there = {row.name for row in after}
    return frozenset(row.name for row in before if there) - there


def _system_users(files: Snapshot, paths: Iterable[str]) -> str:
    """Return what sysusers.d(5) says, of the files among these."""
    texts = (files.contents[path] for path in sorted(paths) if "/sysusers.d/" in path and path in files.contents)
    return b"\n".join(texts).decode(errors="replace")
