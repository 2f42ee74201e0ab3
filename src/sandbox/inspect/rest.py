"""Takes back what was installed, and reads what is left then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sandbox.container.diff import added_packages
from sandbox.errors import EngineError, TooLong
from sandbox.inspect.blind_spots import Doubt
from sandbox.inspect.booted import without_base
from sandbox.inspect.claims import RESIDUE
from sandbox.inspect.findings import Residue
from sandbox.inspect.host_packages import mark_usual_traces
from sandbox.inspect.installers import undo_failure
from sandbox.inspect.purge import Purge, Purging
from sandbox.inspect.residue import residue
from sandbox.inspect.site import real_paths
from sandbox.managers.state_paths import store_paths

if TYPE_CHECKING:
    from sandbox.container.processes import Running
    from sandbox.container.snapshot import Snapshot
    from sandbox.inspect.booted import Units
    from sandbox.inspect.measured import Measured
    from sandbox.inspect.operation import Before, Operation
    from sandbox.inspect.site import Site
    from sandbox.managers.protocol import Package
    from sandbox.provision.installer import InstallerRoom


def take_back(site: Site, work: Purging, measured: Measured, done: Operation, room: InstallerRoom | None) -> Residue:
    """Purge what came, or run an installer's undo in its `room`; return what is left then. `work` purges."""
    if site.plan.upgrades:
        return Residue()
    if done.ran is None:
        return _purge(site, work, measured, done.before) if measured.came else Residue()
    if room is None or not done.ran.undo:
        return Residue()
    with site.reporter.step("undo", done.ran.undo) as step:
        ended = room.undo(step.line)
    return _look_at_rest(site, measured, done.before, Purge(failure=undo_failure(done.ran, ended)))


def _purge(site: Site, work: Purging, measured: Measured, before: Before) -> Residue:
    with site.reporter.step("purge", " ".join(ref.full_name for ref in site.plan.packages)) as step:
        refs = before.beside.distros(measured.came, before.packages)
        done = work.run(measured, refs, before.beside, step.line)
    return _look_at_rest(site, measured, before, done)


def _look_at_rest(site: Site, measured: Measured, before: Before, done: Purge) -> Residue:
    """Return what is left behind a purge or an undo."""
    with site.reporter.step("look", "at what is left"):
        files = site.files().begin()
        last, runs = site.look_inside()
        third = files.result()
        runs = _without_base(site, before.units, runs, measured.running[0])
        after = last.probe.packages or before.packages
        if not last.probe.packages and (before.packages or not last.is_whole):
            text = "Could not see which packages a purge leaves: the list could not be read."
            site.doubts.admit(Doubt(text=text, about=(RESIDUE,)))
        left = residue(
            measured.before,
            third,
            packages=((*before.packages, *before.beside.before), (*after, *before.beside.packages())),
            held=_files_of_new(site, before.packages, after, third),
            running=(measured.running[0], runs),
            hanging=done.hanging,
            ignored=(*site.books, *store_paths(site.plan.target.manager)),
            failure=done.failure,
        )
        return replace(left, left=tuple(mark_usual_traces(measured, left.left)))


def _without_base(site: Site, units: Units | None, runs: Running, before: Running) -> Running:
    """Return what runs without what the base's own units began anew, where an init has booted."""
    if units is None:
        return runs
    try:
        return without_base(site.box, units, runs, before)
    except (EngineError, TooLong) as error:
        text = f"Could not see whose the processes are: {error.brief}."
        site.doubts.admit(Doubt(text=text, about=(RESIDUE,)))
        return runs


def _files_of_new(site: Site, before: tuple[Package, ...], now: tuple[Package, ...], files: Snapshot) -> frozenset[str]:
    """Return the files of new packages that still exist."""
    owned = site.queries.files_of([package.name for package in added_packages(before, now)])
    return real_paths(files, owned or ())
