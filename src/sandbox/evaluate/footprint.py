"""The difference between two probes and the files that changed: what an installation brought."""

from __future__ import annotations

from dataclasses import dataclass
from posixpath import basename, dirname
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.engine.base import Change
    from sandbox.evaluate.probe import Probe
    from sandbox.managers.base import Package


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """What came: packages that were not there or had another version, and commands new on the PATH, sorted."""

    added: tuple[Package, ...] = ()
    commands: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes on disk, as the manager claims them."""
        return sum(package.size for package in self.added)


def added_packages(before: Iterable[Package], after: Iterable[Package]) -> tuple[Package, ...]:
    """Return the packages of `after` that `before` lacks, or has in another version."""
    known = {(package.name, package.architecture): package.version for package in before}
    return tuple(package for package in after if known.get((package.name, package.architecture)) != package.version)


def by_hand(provisioned: frozenset[str], last: Probe) -> tuple[Package, ...]:
    """Return the packages that were asked for since the provisioning."""
    return tuple(package for package in last.packages if package.explicit and package.name not in provisioned)


def new_commands(changes: Iterable[Change], path: str) -> tuple[str, ...]:
    """Return the names that appeared in the folders of a PATH; /bin and /usr/bin count once."""
    folders = {_merged(folder.rstrip("/")) for folder in path.split(":") if folder.startswith("/")}
    return tuple(
        sorted(
            {
                basename(change.path)
                for change in changes
                if change.kind == "added" and _merged(dirname(change.path)) in folders
            }
        )
    )


def _merged(folder: str) -> str:
    return folder.removeprefix("/usr") if folder in ("/usr/bin", "/usr/sbin") else folder
