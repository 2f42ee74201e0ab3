"""The package files that a manager's download leaves: where they are, what their names say, how they are installed.

Sources: apt.conf(5) and deb(5) for `%3a`; apk-cache(5); dnf.conf(5) (keepcache); zypper(8); pacman.conf(5) (CacheDir).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from msgspec import Struct

from sandbox.core.programs import sh_argv
from sandbox.errors import UsageError
from sandbox.managers.data import ExactInstall, PinFile
from sandbox.managers.protocol import PackageRef, Query
from sandbox.managers.registry import NAMES, data_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sandbox.managers.data import DownloadCache
    from sandbox.managers.protocol import Argv, Package
    from sandbox.managers.registry import ManagerName


class Archive(Struct, frozen=True, kw_only=True, order=True):
    """A downloaded package file: `size` in bytes, `architecture` from the file's name, or empty."""

    name: str
    version: str
    size: int
    sha256: str
    path: str
    architecture: str = ""

    def is_of(self, package: str, architecture: str) -> bool:
        """Return whether it is the file of a package that is named as an installed one is."""
        if self.architecture not in ("", architecture):
            return False
        return package in (self.name, f"{self.name}:{architecture}", f"{self.name}.{architecture}")


def cache_of(manager: ManagerName) -> DownloadCache:
    """Return the place of a manager's downloads. Raises UsageError if sandbox does not know it."""
    found = data_of(manager).downloads
    if isinstance(found, str):
        message = f"packages of {manager} can't be locked: it leaves no package files to take checksums of"
        lockable = [name for name in NAMES if not isinstance(data_of(name).downloads, str)]
        raise UsageError(message, details=[("because", found), ("can be", ", ".join(lockable))])
    return found


def downloads(manager: ManagerName) -> Query[Archive]:
    """Ask for the package files that a download has left; raise UsageError as `kept_by` does."""
    kept = cache_of(manager)
    argv = sh_argv("sandbox.managers", "hashes.sh", " ".join(kept.files))
    return Query(argv=argv, parse=lambda output: tuple(_archives(kept, output)))


def _archives(kept: DownloadCache, output: str) -> Iterable[Archive]:
    for line in output.splitlines():
        found = re.fullmatch(r"([0-9a-f]{64}) ([0-9]+) (/.+)", line)
        named = re.fullmatch(kept.name, unquote(found[3].rpartition("/")[2])) if found else None
        if found and named:
            yield Archive(
                name=named["name"],
                version=named["version"],
                size=int(found[2]),
                sha256=found[1],
                path=found[3],
                architecture=named.groupdict().get("architecture", ""),
            )


def version_of_file(manager: ManagerName, package: Package) -> str:
    """Return an installed package's version as the name of its file has it."""
    return package.version if cache_of(manager).has_epoch else re.sub(r"^[0-9]+:", "", package.version)


def can_pin(manager: ManagerName) -> bool:
    """Return whether a manager can be held to the versions of single packages."""
    return not isinstance(data_of(manager).versions, str)


def no_pins_reason(manager: ManagerName) -> str:
    """Return why a manager takes no versions; empty for one that does."""
    found = data_of(manager).versions
    return found if isinstance(found, str) else ""


def either(first: Argv, second: Argv) -> Argv:
    """Return the argv that runs a command, and the second one if the first fails."""
    return sh_argv(__package__, "either.sh", str(len(first)), *first, *second)


def exact(
    manager: ManagerName, asked: Sequence[PackageRef], versions: Sequence[tuple[str, str]]
) -> tuple[PackageRef, ...]:
    """Return the arguments that make a manager take these versions; none if it has no such arguments."""
    if not versions or not isinstance(data_of(manager).versions, ExactInstall):
        return ()
    files = {ref.name for ref in asked if ref.file}
    held = {name: PackageRef(name=name, version=version) for name, version in versions if name not in files}
    return (*(ref for ref in asked if ref.name not in held), *held.values())


def install_exact_argv(
    manager: ManagerName,
    install: Argv,
    asked: Sequence[PackageRef],
    versions: Sequence[tuple[str, str]],
    *,
    base: Collection[str],
) -> Argv:
    """Return an install of exact versions, for a manager that `exact` returns some for.

    Behind it only what was asked for counts as that.
    `base` are the names of what is there before. Where something was asked for by another name than a package has, all
    counts: which one it is for can't be told here.
    """
    names = [ref.name for ref in asked]
    locked = dict(versions)
    brought = (
        [name for name in locked if name not in names] if all(name in locked or name in base for name in names) else []
    )
    way = data_of(manager).versions
    install_text = way.text if isinstance(way, ExactInstall) else '"$@"'
    text = f"brought=$1 asked=$2; shift 2\n{install_text}"
    return ("sh", "-c", text, "sh", " ".join(brought), " ".join(ref.text for ref in asked), *install)


def pins(manager: ManagerName, versions: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """Return the path and text of a file that holds packages to versions; None for a manager that has no such file.

    See `exact` for those that take versions as arguments. apt_preferences(5).
    """
    way = data_of(manager).versions
    if not isinstance(way, PinFile):
        return None
    return way.path, "\n".join(way.paragraph.format(name=name, version=version) for name, version in versions)
