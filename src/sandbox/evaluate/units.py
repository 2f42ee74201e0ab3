"""What the places of new and changed files say of them, and of services whether they start at boot: pure."""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING

from sandbox.evaluate.findings import AT_BOOT, EARLY, ENABLED, Finding
from sandbox.evaluate.places import early_by, enabled_by, kind_of, service_name, static_by
from sandbox.evaluate.snapshot import readable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.evaluate.changes import Changes
    from sandbox.evaluate.snapshot import Entry, Snapshot


def placed(difference: Changes, after: Snapshot) -> Iterator[Finding]:
    """Yield what a file's place says of it; a service with whether a link has it started at boot."""
    added = set(difference.added)
    starts = {
        ENABLED: {name for path in added if (name := enabled_by(path))},
        AT_BOOT: {name for path in added if (name := static_by(path))},
        EARLY: {name for path in added if (name := early_by(path))},
    }
    for path in (*difference.added, *difference.changed):
        entry, kind = after.entries[path], kind_of(path)
        if kind is None or entry.kind == "d":
            continue
        note = "" if path in added else "changed"
        if kind in ("services", "timers", "sockets"):
            note = _unit_note(path, entry, starts) or note
        elif kind == "alternatives":
            note = f"to {readable(entry.link)}"
        yield Finding(kind=kind, what=readable(path), note=note)


def _unit_note(path: str, entry: Entry, starts: Mapping[str, set[str]]) -> str:
    """Return what is known of a unit or an init script, of a start at boot what counts first."""
    if entry.kind == "l":
        return "masked" if entry.link == "/dev/null" else f"alias of {readable(basename(entry.link))}"
    name = service_name(path)
    if "@." in name:
        head, tail = name.split("@.", 1)
        is_used = any(unit.startswith(f"{head}@") and unit.endswith(f".{tail}") for unit in starts[ENABLED])
        return "template, enabled" if is_used else "template"
    return next((note for note, names_ in starts.items() if name in names_), "")
