"""The package files that a manager's download leaves: where they are, what their names say, how they are installed.

Sources: apt.conf(5) and deb(5) for `%3a`; apk-cache(5); dnf.conf(5) (keepcache); zypper(8); pacman.conf(5) (CacheDir).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from msgspec import Struct

from sandbox.errors import UsageError
from sandbox.managers.apt import ARCHIVES as DEBS
from sandbox.managers.base import Query

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox.managers import ManagerName
    from sandbox.managers.base import Argv, Package

PINNED: Final[frozenset[ManagerName]] = frozenset(("apt",))
PINS: Final = "/etc/apt/preferences.d/sandbox-lock"

HASHES: Final = r"""
for file in $1; do
  if [ -f "$file" ]; then
    sum=$(sha256sum <"$file") && size=$(wc -c <"$file") || exit
    echo "${sum%% *} $((size)) $file"
  fi
done
"""
"""Constant shell text: $1 are patterns of ours. Prints the checksum, the size in bytes and the path of each file."""


class Archive(Struct, frozen=True, kw_only=True, order=True):
    """A downloaded package file: `size` in bytes."""

    name: str
    version: str
    size: int
    sha256: str
    path: str


class Kept(Struct, frozen=True, kw_only=True):
    """Where a manager keeps what it downloads: patterns of paths, and of the name of a file.

    `offline` are options, right behind the program's name, for an install of nothing but these files. `has_epoch`:
    whether the file's name has the version's epoch.
    """

    files: tuple[str, ...]
    name: str
    offline: Argv = ()
    has_epoch: bool = True


_RPM: Final = r"(?P<name>.+)-(?P<version>[^-]+-[^-]+)\.[^.-]+\.rpm"

KEPT: Final[Mapping[ManagerName, Kept]] = {
    "apt": Kept(
        files=(f"{DEBS}/*.deb",),
        name=r"(?P<name>[^_]+)_(?P<version>[^_]+)_[^_]+\.deb",
        offline=("-o", "Acquire::http::Proxy=false", "--no-download"),
    ),
    "apk": Kept(
        files=("/var/cache/apk/*.apk",),
        name=r"(?P<name>.+)-(?P<version>[^-]+-r[0-9]+)\.[0-9a-f]{8}\.apk",
        offline=("--no-network",),
    ),
    "dnf4": Kept(files=("/var/cache/dnf/*/packages/*.rpm",), name=_RPM, offline=("-C",), has_epoch=False),
    "dnf5": Kept(files=("/var/cache/libdnf5/*/packages/*.rpm",), name=_RPM, offline=("-C",), has_epoch=False),
    "zypper": Kept(
        files=("/var/cache/zypp/packages/*/*.rpm", "/var/cache/zypp/packages/*/*/*.rpm"),
        name=_RPM,
        offline=("--no-refresh",),
        has_epoch=False,
    ),
    "pacman": Kept(
        files=("/var/cache/pacman/pkg/*.pkg.tar*",),
        name=r"(?P<name>.+)-(?P<version>[^-]+-[^-]+)-[^-]+\.pkg\.tar(\.[a-z0-9]+)?",
    ),
}
"""The rest compile, or keep what comes as no file that stands for one package: portage, nix, xbps by its own rules."""


def kept_by(manager: ManagerName) -> Kept:
    """Return where a manager keeps what it downloads; raise UsageError for one whose files are not known to us."""
    found = KEPT.get(manager)
    if found is None:
        message = (
            f"what {manager} installs can't be locked: it leaves no package files that could be held to a checksum"
        )
        raise UsageError(message, details=[("can be", ", ".join(KEPT))])
    return found


def downloaded(manager: ManagerName) -> Query[Archive]:
    """Ask for the package files that a download has left; raise UsageError as `kept_by` does."""
    kept = kept_by(manager)
    argv = ("sh", "-c", HASHES, "sh", " ".join(kept.files))
    return Query(argv=argv, parse=lambda output: tuple(_archives(kept, output)))


def _archives(kept: Kept, output: str) -> Iterable[Archive]:
    for line in output.splitlines():
        found = re.fullmatch(r"([0-9a-f]{64}) ([0-9]+) (/.+)", line)
        named = re.fullmatch(kept.name, unquote(found[3].rpartition("/")[2])) if found else None
        if found and named:
            yield Archive(
                name=named["name"], version=named["version"], size=int(found[2]), sha256=found[1], path=found[3]
            )


def version_of_file(manager: ManagerName, package: Package) -> str:
    """Return an installed package's version as the name of its file has it."""
    return package.version if kept_by(manager).has_epoch else re.sub(r"^[0-9]+:", "", package.version)


def pins(manager: ManagerName, versions: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """Return the path and text of a file that holds packages to versions; None for a manager that has no such file.

    Without it the newest of the index is taken, and held to the lock afterwards. apt_preferences(5).
    """
    if manager not in PINNED:
        return None
    rows = (f"Package: {name}\nPin: version {version}\nPin-Priority: 1001\n" for name, version in versions)
    return PINS, "\n".join(rows)
