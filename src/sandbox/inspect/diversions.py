"""Files of other packages that a package put its own in the place of: dpkg-divert(1). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sandbox.container.snapshot import Snapshot

FILE: Final = "/var/lib/dpkg/diversions"
"""Three lines each: a file, its other name, and who wants it so."""


def diversions(before: Snapshot, after: Snapshot) -> dict[str, str]:
    """Return the new names of files that were there before, by their old ones; real paths both."""
    known = _rows(before)
    rows = {after.real(place): after.real(other) for place, other in _rows(after).items() if place not in known}
    return {place: other for place, other in rows.items() if place in before.entries}


def _rows(snapshot: Snapshot) -> dict[str, str]:
    lines = snapshot.contents.get(FILE, b"").decode("utf-8", "surrogateescape").split("\n")
    return dict(zip(lines[::3], lines[1::3], strict=False))
