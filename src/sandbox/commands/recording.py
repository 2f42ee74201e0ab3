"""What the journal is told of a trial: when it is handed over, and again when it is left."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.engine.base import ExecSpec
from sandbox.errors import EngineError, SandboxDied
from sandbox.evaluate.footprint import by_hand
from sandbox.evaluate.languages import (
    FOLDERS,
    every_language,
    language_commands,
    language_packages,
    language_stamps,
)
from sandbox.evaluate.probe import LARGEST, is_same, probe, stamps
from sandbox.inside import capture
from sandbox.journal import Entry, Record
from sandbox.managers import languages_among, manager_named
from sandbox.managers.base import Package, PackageRef
from sandbox.managers.bookkeeping import SCRIPTS
from sandbox.managers.on_host import ROWS, accepted_lines
from sandbox.scratch import NOTES, SCRATCH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.distros.model import Target
    from sandbox.engine.base import Engine, Image
    from sandbox.evaluate.by_hand import Since
    from sandbox.evaluate.probe import Probe
    from sandbox.lives import Life
    from sandbox.managers.base import Manager
    from sandbox.plan import Plan
    from sandbox.provision import Provisioned
    from sandbox.session import Session


UNMERGED: Final = ("/bin/", "/lib", "/sbin/")
"""Where packages' lists have files that a merged /usr has below itself."""
ACCEPTED_LIMIT: Final = 1_000_000
"""Bytes of what a manager accepted: thousands of lines."""


def record_of(
    state: Provisioned,
    *,
    session: Session,
    plan: Plan,
    base: Image,
    reference: str,
    version: str,
    accepted: tuple[str, ...] = (),
) -> Record:
    """Return the record of a trial that is about to be handed over."""
    pinned = {(package.source, package.name) for package in plan.packages if package.version}
    return Record(
        session=session.id,
        name=session.name,
        date=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        distro=plan.target.distro.name,
        release=plan.target.release.name,
        image=reference,
        image_id=base.id,
        digest=base.digest,
        spec=plan.spec.name,
        packages=tuple(
            Entry(name=row.name, version=row.version, pinned=(row.source, row.name) in pinned, source=row.source)
            for row in state.asked
        ),
        setup=plan.spec.setup,
        files=tuple(file.path for file in plan.spec.files),
        accepted=accepted,
        recommends=plan.recommends,
        tool=version,
    )


def accepted_by(manager: Manager, *, engine: Engine, container: str) -> tuple[str, ...]:
    """Return what the manager accepted by itself, as a keyword or a licence, so that packages could be installed."""
    text = next((row.accepted for name, row in ROWS.items() if name == manager.name), "")
    if not text:
        return ()
    _, output = capture(engine, container, ExecSpec(argv=("sh", "-c", text), user="0"), limit=ACCEPTED_LIMIT)
    return accepted_lines(output.decode(errors="replace").splitlines())


def looked_back(
    record: Record,
    state: Provisioned,
    target: Target,
    *,
    engine: Engine,
    container: str,
    is_watched: bool,
    life: Life = "session",
) -> Record:
    """Return the record with what was added by hand, and where it `is_watched` what else was done in the shell.

    `state` is what was there when it was handed over, however often it was looked at since. A proof holds for what was
    proven only. A sandbox that died leaves the record as it was, marked as one from which something is lost.
    """
    manager = manager_named(target.manager)
    last = replace(record, lost=False)
    last = _with_packages(last, state, engine=engine, container=container, manager=manager)
    if is_watched and not last.lost:
        last = _with_hands(last, state, engine=engine, container=container, target=target, life=life)
    return last if replace(last, lost=record.lost) == record else replace(last, proof=None)


def _with_packages(record: Record, state: Provisioned, *, engine: Engine, container: str, manager: Manager) -> Record:
    """Return the record with the packages added by hand; read only if a manager's database changed at all."""
    try:
        now = stamps(engine, container, manager)
        same = all(is_same(state.stamps.get(path), stamp) for path, stamp in now.items())
        if same and not _languages_changed(state, engine, container):
            return record
        if not any(now.values()):
            return replace(record, lost=True)
        last = probe(engine, container, manager)
        record = replace(record, accepted=accepted_by(manager, engine=engine, container=container))
    except EngineError:
        return replace(record, lost=True)
    found, lost = _of_languages(engine, container, record)
    whole = replace(last, packages=(*last.packages, *found))
    return replace(with_by_hand(record, state, whole), lost=lost and bool(state.languages))


def _with_hands(
    record: Record, state: Provisioned, *, engine: Engine, container: str, target: Target, life: Life
) -> Record:
    """Return the record with what was changed in the shell beside packages; as it is where that can't be told."""
    from sandbox.evaluate.by_hand import by_hand_of, look

    try:
        seen = look(engine, container, target.manager, SCRATCH if life == "session" else NOTES)
        if seen is None:
            return record
        since = _since(record, state, engine, container, manager_named(target.manager))
        if life == "detached":
            since = replace(since, came=True)  # the service that runs in it writes where packages' scripts do
        found = by_hand_of(seen, target.manager, since)
    except (EngineError, SandboxDied):
        return record
    return replace(record, settings=found.settings, services=found.services, strays=found.strays)


def _since(record: Record, state: Provisioned, engine: Engine, container: str, manager: Manager) -> Since:
    """Return what packages brought since the sandbox was handed over."""
    from sandbox.evaluate.by_hand import Since

    by_language = any(entry.source and entry.origin == "by-hand" for entry in record.packages)
    commands = language_commands(engine, container) if by_language else frozenset()
    folders = FOLDERS if by_language else ()
    if all(is_same(state.stamps.get(path), now) for path, now in stamps(engine, container, manager).items()):
        return Since(files=commands, folders=folders)
    last = probe(engine, container, manager).packages
    came = [PackageRef(name=row.name) for row in last if state.present.get(row.name) != row.version]
    files = _files(engine, container, manager, came) if came else frozenset()
    scripts = _scripts(engine, container, manager, came) if came else ""
    return Since(files=commands | files, folders=folders, came=True, scripts=scripts)


def _scripts(engine: Engine, container: str, manager: Manager, packages: Sequence[PackageRef]) -> str:
    """Return the text of the packages' own scripts, empty where it is not known."""
    text = next((text for name, text in SCRIPTS.items() if name == manager.name), "")
    if not text:
        return ""
    argv = ("sh", "-c", text, "sh", *(row.name for row in packages))
    return capture(engine, container, ExecSpec(argv=argv, user="0"), limit=LARGEST)[1].decode(errors="replace")


def _files(engine: Engine, container: str, manager: Manager, packages: Sequence[PackageRef]) -> frozenset[str]:
    query = manager.files(packages)
    spec = ExecSpec(argv=query.argv, env=manager.environment, user="0")
    _, output = capture(engine, container, spec, limit=LARGEST)
    found = query.parse(output.decode("utf-8", "surrogateescape"))
    return frozenset([*found, *(f"/usr{path}" for path in found if path.startswith(UNMERGED))])


def _languages_changed(state: Provisioned, engine: Engine, container: str) -> bool:
    """Return whether something was installed past the distro, where a language's manager is there to do it."""
    found = language_stamps(engine, container, languages_among(state.languages))
    return any(not is_same(state.stamps.get(path), stamp) for path, stamp in found.items())


def _of_languages(engine: Engine, container: str, record: Record) -> tuple[tuple[Package, ...], bool]:
    """Return what all languages have installed; where nothing can be run any more, what was asked for, and True."""
    try:
        return language_packages(engine, container, every_language()), False
    except (EngineError, SandboxDied):
        known = (entry for entry in record.packages if entry.source)
        return tuple(
            Package(name=row.name, version=row.version, architecture="", size=0, explicit=False, source=row.source)
            for row in known
        ), True


def with_by_hand(record: Record, state: Provisioned, last: Probe) -> Record:
    """Return the record less what is no longer installed, and with what was asked for since the provisioning.

    Versions are those of now. What was asked for, gone at an earlier look and is back, was added by hand.
    """
    present: dict[tuple[str, str], set[str]] = {}
    for package in last.packages:
        present.setdefault((package.source, package.name), set()).add(package.version)
    asked = [entry for entry in record.packages if entry.origin == "asked"]
    kept = tuple(
        entry if entry.version in versions else replace(entry, version=min(versions))
        for entry in asked
        if (versions := present.get((entry.source, entry.name)))
    )
    gone = {package.full_name for package in state.asked} - {entry.full_name for entry in asked}
    added = tuple(
        Entry(name=row.name, version=row.version, origin="by-hand", source=row.source)
        for row in by_hand(state.explicit - gone, last)
    )
    return replace(record, packages=(*kept, *added))
