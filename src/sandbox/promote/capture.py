"""Manual changes in a sandbox since the user got it: packages, and other changes in the shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.container.diff import by_hand
from sandbox.container.languages import (
    every_language,
    language_commands,
    language_folders,
    language_packages,
    language_stamps,
)
from sandbox.container.packages import LARGEST, probe, stamp_equal, stamps
from sandbox.core.human import names
from sandbox.core.tasks import Deferred
from sandbox.errors import EngineError, StepFailed
from sandbox.lifecycle.journal import RecordedPackage
from sandbox.lifecycle.scratch import NOTES, SCRATCH
from sandbox.managers.protocol import Package, PackageRef
from sandbox.managers.registry import data_of, languages_among, manager_of
from sandbox.promote.record import accepted_keywords

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.container.box import Box
    from sandbox.container.packages import Probe
    from sandbox.distros.model import Target
    from sandbox.engine.protocol import Argv
    from sandbox.lifecycle.journal import Record
    from sandbox.lifecycle.lifetimes import Life
    from sandbox.managers.protocol import Found, Query
    from sandbox.promote.manual_changes import PackageChanges, ShellDiff
    from sandbox.promote.ready_look import ReadyLook
    from sandbox.provision.run import Provisioned

UNMERGED: Final = ("/bin/", "/lib", "/sbin/")
"""Folders that packages list by their old name although /usr is merged."""
MOST_NAMES: Final = 20
"""Names in one line."""
UNSEEN: Final = "other changes in the shell: sandbox could not look for them"


class ManualChangesCapture:
    """A look back into a sandbox: at its packages at once, and at all else beside whatever is done then.

    `state` is what was there when it was handed over, however often it was looked at since. A proof holds for what was
    proven only. A sandbox that died leaves the record as it was, marked as one from which something is lost. Where no
    package is left nothing can be promoted, and nothing else is looked at. `ready` is a look that waits already.
    """

    def __init__(
        self,
        record: Record,
        state: Provisioned,
        target: Target,
        *,
        box: Box,
        is_watched: bool,
        life: Life = "session",
        ready: ReadyLook | None = None,
    ) -> None:
        self._given, self._state, self._life = record, state, life
        self._box = box
        self._manager, self._name = manager_of(target.manager), target.manager
        self._is_watched = is_watched
        self._ready = ready
        self._seen = Deferred(self._look)
        if is_watched and record.packages:
            self._seen.begin()
        self.record, self._last = self._with_packages(replace(record, lost=False))
        """The record with the current packages, and the probe if the manager's database has changed."""

    def complete_record(self, on_seen: Callable[[], object] = lambda: None) -> Record:
        """Return the record with all manual changes; `on_seen` is called once the sandbox is not needed for it."""
        last = self.record
        if self._is_watched and last.packages and not last.lost:
            last = self._with_hands(last, on_seen)
        return last if replace(last, lost=self._given.lost) == self._given else replace(last, proof=None)

    def end(self) -> None:
        """End the look that waits, if it was not needed."""
        if self._ready is not None:
            self._ready.close()

    def _look(self) -> ShellDiff | None:
        if self._ready is not None:
            return self._ready.result()
        from sandbox.promote.manual_changes import diff_since_handoff

        return diff_since_handoff(self._box, self._name, SCRATCH if self._life == "session" else NOTES)

    def _with_packages(self, record: Record) -> tuple[Record, Probe | None]:
        """Return the record with the packages added by hand, and what is installed where the database has changed.

        Read only if a manager's database changed at all.
        """
        box, state = self._box, self._state
        try:
            now = stamps(box, self._manager)
            same = all(stamp_equal(state.stamps.get(path), stamp) for path, stamp in now.items())
            if same and not self._has_language_changes():
                return record, None
            if not any(now.values()):
                return replace(record, lost=True), None
            last = probe(box, self._manager)
            record = replace(record, accepted=accepted_keywords(box, self._manager))
        except EngineError:
            return replace(record, lost=True), None
        found, lost = self._of_languages(record)
        whole = replace(last, packages=(*last.packages, *found))
        given = replace(state, explicit=state.explicit | self._upgrades(record, whole))
        hands = with_by_hand(record, given, whole)
        entries = self._with_places(hands.packages, last) if not same else hands.packages
        return replace(hands, packages=entries, lost=lost and bool(state.languages)), None if same else last

    def _upgrades(self, record: Record, last: Probe) -> frozenset[str]:
        """Return packages that count as asked for only because the user upgraded them by name."""
        known = {package.name for package in self._state.asked} | {entry.name for entry in record.packages}
        marked = [
            row.name
            for row in by_hand(self._state.explicit, last)
            if not row.source and row.name in self._state.present and row.name not in known
        ]
        if not marked:
            return frozenset()
        history = data_of(self._name).history
        if history is None:
            return frozenset()
        try:
            texts = [self._box.read_file(path, limit=LARGEST) or b"" for path in history.paths]
        except EngineError:
            return frozenset()
        return history.upgrades_only(tuple(text.decode("utf-8", "replace") for text in texts), tuple(marked))

    def _with_places(self, entries: tuple[RecordedPackage, ...], last: Probe) -> tuple[RecordedPackage, ...]:
        """Return the packages; those that the index would not choose have their place."""
        from sandbox.promote.placing import entries_with_places

        present = self._state.present
        came = [row for row in last.packages if present.get(row.name) != row.version]
        return entries_with_places(entries, came, last.packages, self._name, self._ask)

    def _ask(self, query: Query[Found]) -> tuple[Found, ...] | None:
        """Return a query's answer, or None if the sandbox can't give one."""
        try:
            status, output = self._box.read(query.argv, env=self._manager.environment, limit=LARGEST)
        except (EngineError, StepFailed):
            return None
        if status not in query.statuses:
            return None
        return query.parse("\n".join(line for line in output.decode("utf-8", "replace").splitlines() if line))

    def _has_language_changes(self) -> bool:
        """Return whether a language's manager is there and has installed something."""
        found = language_stamps(self._box, languages_among(self._state.languages))
        return any(not stamp_equal(self._state.stamps.get(path), stamp) for path, stamp in found.items())

    def _of_languages(self, record: Record) -> tuple[tuple[Package, ...], bool]:
        """Return what all languages have installed; if nothing can run any more, what was asked for, and True."""
        try:
            return language_packages(self._box, every_language()), False
        except (EngineError, StepFailed):
            known = (entry for entry in record.packages if entry.source)
            return tuple(
                Package(name=row.name, version=row.version, architecture="", size=0, explicit=False, source=row.source)
                for row in known
            ), True

    def _with_hands(self, record: Record, on_seen: Callable[[], object]) -> Record:
        """Return the record with other changes in the shell, or a line that they are unknown."""
        from sandbox.promote.manual_changes import manual_changes

        try:
            seen = self._seen.result()
            if self._last is None and not _has_languages(record):
                on_seen()  # else packages' own files and scripts are asked for
            record = with_remaining_settings(record, seen) if seen else record
            found = manual_changes(seen, self._name, self._since(record), record.prepared) if seen else None
        except (EngineError, StepFailed):
            found = None
        if found is None:
            return replace(record, strays=(*(line for line in record.strays if line != UNSEEN), UNSEEN))
        marks = mark_notes(record, self._state, self._last) if self._last else ()
        strays = (*found.strays, *self._recommendation_notes(record), *marks)
        return replace(record, settings=found.settings, services=found.services, strays=strays, steps=found.steps)

    def _recommendation_notes(self, record: Record) -> tuple[str, ...]:
        """Return a line on packages that came by hand because another recommends them: no script installs these."""
        text = data_of(self._name).recommended
        if self._last is None or not text or record.recommends:
            return ()
        known = {*self._state.present, *(row.name for row in record.packages)}
        came = {row.name for row in self._last.packages} - known
        found = tuple(name for name in self._output(("sh", "-c", text), "replace").split() if name in came)
        return (f"packages that were only recommended: {names(found, MOST_NAMES)}",) if found else ()

    def _since(self, record: Record) -> PackageChanges:
        """Return what packages added since the user got the sandbox."""
        from sandbox.promote.manual_changes import PackageChanges

        box = self._box
        by_language = _has_languages(record)
        commands = language_commands(box) if by_language else frozenset()
        folders = language_folders() if by_language else ()
        present = self._state.present
        base = frozenset(present) - {*self._state.came}
        runs = self._life == "detached"  # the running service writes to the same folders as packages' scripts
        if self._last is None:
            return PackageChanges(files=commands, folders=folders, came=runs, base=base)
        came = [PackageRef(name=row.name) for row in self._last.packages if present.get(row.name) != row.version]
        files = self._files(came) if came else frozenset()
        scripts = self._scripts(came) if came else ""
        there = {row.name for row in self._last.packages}
        went = any(name not in there for name in present) or any(row.name in present for row in came)
        return PackageChanges(files=commands | files, folders=folders, came=True, scripts=scripts, went=went, base=base)

    def _scripts(self, packages: Sequence[PackageRef]) -> str:
        """Return the text of the packages' own scripts, or "" if unknown."""
        text = data_of(self._name).scripts
        if not text:
            return ""
        return self._output(("sh", "-c", text, "sh", *(row.name for row in packages)), "replace")

    def _files(self, packages: Sequence[PackageRef]) -> frozenset[str]:
        query = self._manager.files(packages)
        found = query.parse(self._output(query.argv, "surrogateescape", self._manager.environment))
        return frozenset([*found, *(f"/usr{path}" for path in found if path.startswith(UNMERGED))])

    def _output(self, argv: Argv, errors: str, env: Mapping[str, str] | None = None) -> str:
        return self._box.read(argv, env=env, limit=LARGEST)[1].decode("utf-8", errors)


def _has_languages(record: Record) -> bool:
    """Return whether packages of a language were added by hand."""
    return any(entry.source and entry.origin == "by-hand" for entry in record.packages)


def with_remaining_settings(record: Record, seen: ShellDiff) -> Record:
    """Return the record with the spec's settings as they are now: less those that are gone, with what was changed."""
    kept = []
    for row in record.prepared:
        now = None if row.added else seen.now.get(row.path)
        if row.path not in seen.gone:
            kept.append(row if now is None else replace(row, content=now))
    return replace(record, prepared=tuple(kept))


def mark_notes(record: Record, state: Provisioned, last: Probe) -> tuple[str, ...]:
    """Return a line on packages that were asked for and are marked as automatic since: a script asks for them."""
    asked = {entry.full_name for entry in record.packages if entry.origin == "asked" and not entry.source}
    rows = {row.full_name for row in last.packages if not row.explicit} & asked & state.explicit
    return (f"marks as installed automatically: {names(tuple(sorted(rows)), MOST_NAMES)}",) if rows else ()


def with_by_hand(record: Record, state: Provisioned, last: Probe) -> Record:
    """Return the record less what is no longer installed, and with what was asked for since the provisioning.

    Versions are those of now. What was asked for, gone at an earlier look and is back, was added by hand.
    """
    present: dict[tuple[str, str], set[str]] = {}
    for package in last.packages:
        present.setdefault((package.source, package.name), set()).add(package.version)
    asked = [entry for entry in record.packages if entry.origin == "asked"]
    kept = tuple(
        entry if entry.version in versions else replace(entry, version=min(versions), file=None)
        for entry in asked
        if (versions := present.get((entry.source, entry.name)))
    )
    gone = {package.full_name for package in state.asked} - {entry.full_name for entry in asked}
    added = tuple(
        RecordedPackage(name=row.name, version=row.version, origin="by-hand", source=row.source)
        for row in by_hand(state.explicit - gone, last)
    )
    return replace(record, packages=(*kept, *added))
