"""Reads the package manager's database in a sandbox, through the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.managers.protocol import LISTING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.container.box import Box
    from sandbox.engine.protocol import FileStamp
    from sandbox.managers.protocol import Manager, Package

LARGEST: Final = 64_000_000
"""Bytes of a database file to read: enough for a distro with everything installed."""


class Probe(Struct, frozen=True, kw_only=True):
    """The installed packages, and the stamps of the files that list them."""

    packages: tuple[Package, ...]
    stamps: Mapping[str, FileStamp | None]

    @property
    def explicit(self) -> frozenset[str]:
        """The names of packages marked as asked for."""
        return frozenset(package.full_name for package in self.packages if package.explicit)


def probe(box: Box, manager: Manager) -> Probe:
    """Return the probe of a container. A stopped container works if the manager only needs files."""
    contents = {path: box.read_file(path, limit=LARGEST) for path in manager.database}
    if manager.listing:
        contents[LISTING] = _listing_output(box, manager.listing)
    found = {path: content for path, content in contents.items() if content is not None}
    return Probe(packages=manager.parse_packages(found), stamps=stamps(box, manager))


def _listing_output(box: Box, listing: str) -> bytes:
    """Return the output of the manager's own listing. Raises EngineError if the container does not run."""
    return box.read(("sh", "-c", listing), limit=LARGEST)[1]


def stamps(box: Box, manager: Manager) -> dict[str, FileStamp | None]:
    """Return only the stamps: two requests of 1 ms instead of reading the database."""
    return {path: box.stamp(path) for path in manager.state_files}


def stamp_equal(before: FileStamp | None, now: FileStamp | None) -> bool:
    """Return whether a path is as it was.

    The layer that a cache's commit makes keeps whole seconds only, so fractions count where both have them.
    """
    if before is None or now is None or _has_fraction(before) == _has_fraction(now):
        return before == now
    seconds = len("2026-11-23T20:51:00")
    return (before.size, before.modified[:seconds]) == (now.size, now.modified[:seconds])


def _has_fraction(stamp: FileStamp) -> bool:
    return "." in stamp.modified
