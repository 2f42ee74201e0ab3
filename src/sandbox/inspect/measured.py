"""The measurements of an install, before findings are derived."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from sandbox.container.processes import Running
from sandbox.inspect.file_changes import FileDiff

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.container.snapshot import Snapshot
    from sandbox.inspect.booted import Booted
    from sandbox.inspect.findings import ServiceStart
    from sandbox.managers.metadata import Fact
    from sandbox.managers.protocol import Change, Package


class Measured(Struct, frozen=True, kw_only=True):
    """What was measured of an installation; `difference` is between the two snapshots, `path` the sandbox's PATH.

    `owned`: the packages that came have these files, by real path, None where that is not known. `owners`: of files
    that were there before, "" for none, as far as that is known.
    `stores`: folders in which everything is the manager's, owned by a package that it lists or not.
    `would`: what the manager says that it would do with recommended packages, None where it can't say.
    `lost`: packages that were there before and that the manager no longer lists. `database`: the files of
    its own books.
    `older`: the versions of the packages that were there before, by name.
    `serving`: each service that was started, and what ran and listened meanwhile. `booted`: what a boot did instead.
    `usual`: packages that came along and that hosts have already, with their files, by real path, and the text of
    their scripts.
    """

    before: Snapshot
    after: Snapshot
    difference: FileDiff
    came: tuple[Package, ...]
    asked: frozenset[str]
    path: str
    owned: frozenset[str] | None = frozenset()
    owners: Mapping[str, str] = {}
    stores: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    would: tuple[Change, ...] | None = None
    running: tuple[Running, Running] = (Running(), Running())
    serving: tuple[tuple[ServiceStart, Running], ...] = ()
    booted: Booted | None = None
    lost: frozenset[str] = frozenset()
    older: Mapping[str, str] = {}
    database: tuple[str, ...] = ()
    usual: frozenset[str] = frozenset()
    usual_files: frozenset[str] = frozenset()
    usual_scripts: str = ""

    @property
    def is_list_broken(self) -> bool:
        """Whether the manager's list lost packages that are still installed: fewer files than packages are gone."""
        return len(self.difference.removed) < len(self.lost)


def without_files(found: Measured) -> Measured:
    """Drop the second file list: two of a million files each would be in memory at once."""
    nothing = FileDiff(added=(), changed=(), removed=())
    return replace(
        found, after=found.before, difference=nothing, owned=frozenset(), serving=(), usual_files=frozenset()
    )
