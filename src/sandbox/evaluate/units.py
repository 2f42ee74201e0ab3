"""What the places of new and changed files say of them, and of services whether they start at boot: pure."""

from __future__ import annotations

import re
from posixpath import basename
from typing import TYPE_CHECKING, Final

from sandbox.evaluate.findings import AT_BOOT, EARLY, ENABLED, Finding
from sandbox.evaluate.places import early_by, enabled_by, kind_of, service_name, static_by
from sandbox.evaluate.snapshot import readable
from sandbox.quantities import names

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
        if kind == "sockets" and note in (ENABLED, AT_BOOT):
            yield from _listened(path, after.contents.get(path, b""))


LISTENS: Final = re.compile(r"^[ \t]*Listen(Stream|Datagram)[ \t]*=[ \t]*(?:(\S+):)?(\d{1,5})[ \t]*$", re.MULTILINE)
"""A port of systemd.socket(5): alone it is on every address; other values are paths and names."""
EVERY: Final = frozenset(("", "0.0.0.0", "[::]"))  # noqa: S104 - it is read, nothing is bound


def _listened(path: str, unit: bytes) -> Iterator[Finding]:
    """Yield the ports at which systemd listens for a socket unit; it is not run, so that they are the unit's word."""
    places: dict[str, dict[str, None]] = {}
    for kind, address, port in LISTENS.findall(unit.decode(errors="replace")):
        where = "*" if address in EVERY else address.strip("[]")
        places.setdefault(f"{port}/{'tcp' if kind == 'Stream' else 'udp'}", {})[readable(where)] = None
    for port, where in places.items():
        note = f"on {names(tuple(where))}, from boot on by {readable(basename(path))}"
        yield Finding(kind="ports", what=port, note=note)


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
