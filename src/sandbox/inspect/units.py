"""What the places of new and changed files say of them, and of services whether they start at boot: pure."""

from __future__ import annotations

import re
from posixpath import basename
from typing import TYPE_CHECKING, Final

from sandbox.container.snapshot import readable
from sandbox.core.human import names
from sandbox.inspect.boot import boot_starts
from sandbox.inspect.findings import AT_BOOT, ENABLED, Finding
from sandbox.inspect.locations import event_of, finding_kind, service_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.container.snapshot import FileEntry, Snapshot
    from sandbox.inspect.file_changes import FileDiff


def file_findings(difference: FileDiff, before: Snapshot, after: Snapshot) -> Iterator[Finding]:
    """Yield what a file's place says of it; a service with whether a boot starts it."""
    added = set(difference.added)
    known = boot_starts(difference, after)
    for path in (*difference.added, *difference.changed):
        entry, kind = after.entries[path], finding_kind(path)
        if kind is None or entry.kind == "d":
            continue
        note = "" if path in added else "changed"
        if kind in ("services", "timers", "sockets"):
            note = readable(_unit_note(path, entry, known)) or note
        elif kind == "events":
            note = ", ".join(filter(None, (event_of(path), note)))
        elif kind == "alternatives":
            old = before.entries.get(path)
            note = readable(f"to {entry.link}{f', was {old.link}' if old and old.link != entry.link else ''}")
        yield Finding(kind=kind, what=readable(path), note=note)
        if kind == "sockets" and note in (ENABLED, AT_BOOT):
            yield from _listening_findings(path, after.contents.get(path, b""))


LISTENS: Final = re.compile(r"^[ \t]*Listen(Stream|Datagram)[ \t]*=[ \t]*(?:(\S+):)?(\d{1,5})[ \t]*$", re.MULTILINE)
"""A port of systemd.socket(5): alone it is on every address; other values are paths and names."""
EVERY: Final = frozenset(("", "0.0.0.0", "[::]"))  # noqa: S104 - it is read, nothing is bound


def _listening_findings(path: str, unit: bytes) -> Iterator[Finding]:
    """Yield the ports at which systemd listens for a socket unit; it is not run, so that they are the unit's word."""
    places: dict[str, dict[str, None]] = {}
    for kind, address, port in LISTENS.findall(unit.decode(errors="replace")):
        where = "*" if address in EVERY else address.strip("[]")
        places.setdefault(f"{port}/{'tcp' if kind == 'Stream' else 'udp'}", {})[readable(where)] = None
    for port, where in places.items():
        note = f"on {names(tuple(where))}, from boot on by {readable(basename(path))}"
        yield Finding(kind="ports", what=port, note=note)


def _unit_note(path: str, entry: FileEntry, known: Mapping[str, str]) -> str:
    """Return what is known of a unit or an init script, of its start what counts first."""
    if entry.kind == "l":
        return "masked" if entry.link == "/dev/null" else f"alias of {basename(entry.link)}"
    name = service_name(path)
    if "@." in name:
        head, tail = name.split("@.", 1)
        used = [note for unit, note in known.items() if unit.startswith(f"{head}@") and unit.endswith(f".{tail}")]
        return f"template, {ENABLED}" if any(note.startswith(ENABLED) for note in used) else "template"
    return known.get(name, "")
