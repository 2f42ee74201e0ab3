"""The difference between two snapshots. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.container.snapshot import FileEntry, Snapshot

ENGINES: Final = (
    "/.dockerenv",
    "/dev",
    "/etc/hostname",
    "/etc/hosts",
    "/etc/mtab",
    "/etc/resolv.conf",
    "/proc",
    "/run",
    "/sys",
)
"""Files that the engine puts into every container, and what a host empties at boot (/run), with everything below."""


class FileDiff(Struct, frozen=True, kw_only=True):
    """Absolute paths, sorted: added, changed, removed."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]


def diff(before: Snapshot, after: Snapshot, ignored: Iterable[str] = ()) -> FileDiff:
    """Return the differences, without the `ignored` paths and what is below; a new time stamp does not count."""
    old, new = before.entries, after.entries
    skip = PathPrefixes((*ENGINES, *ignored))
    return FileDiff(
        added=tuple(sorted(path for path in new.keys() - old.keys() if path not in skip)),
        changed=tuple(
            sorted(
                path
                for path, entry in new.items()
                if path in old and old[path] is not entry and _differs(old[path], entry) and path not in skip
            )
        ),
        removed=tuple(sorted(path for path in old.keys() - new.keys() if path not in skip)),
    )


def _differs(old: FileEntry, new: FileEntry) -> bool:
    """Return whether a file differs; hard links are one file, whichever name comes first."""
    if {old.kind, new.kind} == {"f", "h"}:
        return (old.mode, old.uid, old.gid, old.digest, old.capability) != (
            new.mode,
            new.uid,
            new.gid,
            new.digest,
            new.capability,
        )
    return old != new


class PathPrefixes:
    """Paths at or below others; `*` in the last part matches any text."""

    def __init__(self, paths: Iterable[str]) -> None:
        texts = tuple(dict.fromkeys(paths))
        self._exact = frozenset(texts)
        self._beginnings = tuple(text.rstrip("*") if text.endswith("*") else f"{text}/" for text in texts)

    def __contains__(self, path: str) -> bool:
        return path in self._exact or path.startswith(self._beginnings)
