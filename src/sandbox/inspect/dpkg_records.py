"""Files that dpkg treats otherwise because a package asked for it: dpkg-divert(1) and dpkg-statoverride(1). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from sandbox.container.snapshot import Snapshot

DIVERSIONS: Final = "/var/lib/dpkg/diversions"
"""Three lines each: a file, its other name, and who wants it so."""
OVERRIDES: Final = "/var/lib/dpkg/statoverride"
"""A line each: user, group, mode and path (dpkg 1.21: src/statcmd.c, statdb_node_print)."""


class Diverted(Struct, frozen=True, kw_only=True):
    """A file of any other package goes to `to` instead; `by`: which package wants it so, or `:`."""

    path: str
    to: str
    by: str


class Override(Struct, frozen=True, kw_only=True):
    """A path has this owner, group and mode whatever its package says; owner and group may be numbers behind #."""

    path: str
    user: str
    group: str
    mode: str


def diversions(before: Snapshot, after: Snapshot) -> dict[str, str]:
    """Return the new names of files that were there before, by their old ones; real paths both."""
    rows = {after.real(row.path): after.real(row.to) for row in new_diversions(before, after)}
    return {place: other for place, other in rows.items() if place in before.entries}


def new_diversions(before: Snapshot, after: Snapshot) -> tuple[Diverted, ...]:
    """Return the diversions that came, of files that this base lacks, too."""
    known = {row.path for row in _diversions(before)}
    return tuple(row for row in _diversions(after) if row.path not in known)


def new_overrides(before: Snapshot, after: Snapshot) -> tuple[Override, ...]:
    """Return the stat-overrides that came or are others now."""
    known = {*_overrides(before)}
    return tuple(row for row in _overrides(after) if row not in known)


def _diversions(snapshot: Snapshot) -> tuple[Diverted, ...]:
    lines = _lines(snapshot, DIVERSIONS)
    return tuple(
        Diverted(path=path, to=to, by=by) for path, to, by in zip(lines[::3], lines[1::3], lines[2::3], strict=False)
    )


def _overrides(snapshot: Snapshot) -> tuple[Override, ...]:
    rows = (line.split(" ", 3) for line in _lines(snapshot, OVERRIDES))
    return tuple(
        Override(user=row[0], group=row[1], mode=row[2], path=row[3])
        for row in rows
        if len(row) == 4  # noqa: PLR2004 - user, group, mode, path
    )


def _lines(snapshot: Snapshot, path: str) -> list[str]:
    return snapshot.contents.get(path, b"").decode("utf-8", "surrogateescape").split("\n")
