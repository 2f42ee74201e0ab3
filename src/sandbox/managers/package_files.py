"""The package files that a manager's download leaves: where they are, what their names say, how they are installed.

Sources: apt.conf(5) and deb(5) for `%3a`; apk-cache(5); dnf.conf(5) (keepcache); zypper(8); pacman.conf(5) (CacheDir).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from msgspec import Struct

from sandbox.errors import UsageError
from sandbox.managers.apt.driver import ARCHIVES as DEBS
from sandbox.managers.protocol import HASHES, PackageRef, Query

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sandbox.managers.protocol import Argv, Package
    from sandbox.managers.registry import ManagerName

PINNED: Final[frozenset[ManagerName]] = frozenset(("apt",))
PINS: Final = "/etc/apt/preferences.d/sandbox-lock"

EITHER: Final = """
count=$1; shift
total=$# number=0
(
  for word; do
    if [ "$number" -lt "$count" ]; then set -- "$@" "$word"; fi
    number=$((number + 1))
  done
  shift "$total"
  exec "$@"
) || { shift "$count"; exec "$@"; }
"""
"""Constant shell text: runs the first $1 of the words behind it; where that fails, the rest of them."""

AS_DEPENDENCIES: Final[Mapping[ManagerName, str]] = {
    "apk": """
world=$(cat /etc/apk/world)
"$@" || exit
printf '%s\\n' $world $asked | sort -u >/etc/apk/world
""",
    "dnf4": '"$@" || exit; [ -z "$brought" ] || dnf -q mark remove $brought',
    "dnf5": '"$@" || exit; [ -z "$brought" ] || dnf -q mark -y dependency $brought',
    "zypper": '"$@" || exit; for name in $brought; do echo "$name"; done >>/var/lib/zypp/AutoInstalled',
}
"""Managers that are told exact versions by their arguments: constant shell text that runs the install "$@", and has all
of it but what is $asked for count as $brought by others, as it would be without the versions."""


class Archive(Struct, frozen=True, kw_only=True, order=True):
    """A downloaded package file: `size` in bytes, `architecture` as its name has it, empty where it has none."""

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


class DownloadCache(Struct, frozen=True, kw_only=True):
    """Where a manager keeps what it downloads: patterns of paths, and of the name of a file.

    `offline` are options, right behind the program's name, for an install of nothing but these files. `has_epoch`:
    whether the file's name has the version's epoch.
    """

    files: tuple[str, ...]
    name: str
    offline: Argv = ()
    has_epoch: bool = True


_RPM: Final = r"(?P<name>.+)-(?P<version>[^-]+-[^-]+)\.(?P<architecture>[^.-]+)\.rpm"

KEPT: Final[Mapping[ManagerName, DownloadCache]] = {
    "apt": DownloadCache(
        files=(f"{DEBS}/*.deb",),
        name=r"(?P<name>[^_]+)_(?P<version>[^_]+)_(?P<architecture>[^_]+)\.deb",
        offline=("-o", "Acquire::http::Proxy=false", "--no-download"),
    ),
    "apk": DownloadCache(
        files=("/var/cache/apk/*.apk",),
        name=r"(?P<name>.+)-(?P<version>[^-]+-r[0-9]+)\.[0-9a-f]{8}\.apk",
        offline=("--no-network",),
    ),
    "dnf4": DownloadCache(files=("/var/cache/dnf/*/packages/*.rpm",), name=_RPM, offline=("-C",), has_epoch=False),
    "dnf5": DownloadCache(files=("/var/cache/libdnf5/*/packages/*.rpm",), name=_RPM, offline=("-C",), has_epoch=False),
    "zypper": DownloadCache(
        files=("/var/cache/zypp/packages/*/*.rpm", "/var/cache/zypp/packages/*/*/*.rpm"),
        name=_RPM,
        offline=("--no-refresh",),
        has_epoch=False,
    ),
    "pacman": DownloadCache(
        files=("/var/cache/pacman/pkg/*.pkg.tar*",),
        name=r"(?P<name>.+)-(?P<version>[^-]+-[^-]+)-[^-]+\.pkg\.tar(\.[a-z0-9]+)?",
    ),
}
"""The rest compile, or keep what comes as no file that stands for one package: portage, nix, xbps by its own rules."""


UNKEPT: Final[Mapping[ManagerName, str]] = {
    "portage": "portage compiles what it installs, from recipes and sources of its tree's day",
    "nix": "nix builds or fetches paths of its store, which are named by what they are made of, not by what is in them",
}
"""Why a manager leaves no files that stand for its packages; of the rest they are not known to us."""


def cache_of(manager: ManagerName) -> DownloadCache:
    """Return where a manager keeps what it downloads; raise UsageError for one whose files are not known to us."""
    found = KEPT.get(manager)
    if found is None:
        message = (
            f"what {manager} installs can't be locked: it leaves no package files that could be held to a checksum"
        )
        reason = UNKEPT.get(manager, f"where {manager} keeps its files is not known to us")
        raise UsageError(message, details=[("because", reason), ("can be", ", ".join(KEPT))])
    return found


def downloads(manager: ManagerName) -> Query[Archive]:
    """Ask for the package files that a download has left; raise UsageError as `kept_by` does."""
    kept = cache_of(manager)
    argv = ("sh", "-c", HASHES, "sh", " ".join(kept.files))
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


UNHELD: Final[Mapping[ManagerName, str]] = {
    "pacman": "its mirrors have one version of each package, and it upgrades all that is there with each install",
}
"""Why a manager whose packages can be locked takes no versions."""


def can_pin(manager: ManagerName) -> bool:
    """Return whether a manager can be held to the versions of single packages."""
    return manager in PINNED or manager in AS_DEPENDENCIES


def either(first: Argv, second: Argv) -> Argv:
    """Return the argv that runs a command, and the second where that fails."""
    return ("sh", "-c", EITHER, "sh", str(len(first)), *first, *second)


def exact(
    manager: ManagerName, asked: Sequence[PackageRef], versions: Sequence[tuple[str, str]]
) -> tuple[PackageRef, ...]:
    """Return what to ask a manager for so that it takes these versions; nothing where it takes no such arguments."""
    if manager not in AS_DEPENDENCIES or not versions:
        return ()
    held = {name: PackageRef(name=name, version=version) for name, version in versions}
    return (*(ref for ref in asked if ref.name not in held), *held.values())


def install_exact_argv(
    manager: ManagerName,
    install: Argv,
    asked: Sequence[PackageRef],
    versions: Sequence[tuple[str, str]],
    *,
    base: Collection[str],
) -> Argv:
    """Return an install of exact versions behind which only what was asked for counts as that.

    `base` are the names of what is there before. Where something was asked for by another name than a package has, all
    counts: which one it is for can't be told here.
    """
    names = [ref.name for ref in asked]
    locked = dict(versions)
    brought = (
        [name for name in locked if name not in names] if all(name in locked or name in base for name in names) else []
    )
    text = f"brought=$1 asked=$2; shift 2\n{AS_DEPENDENCIES[manager]}"
    return ("sh", "-c", text, "sh", " ".join(brought), " ".join(ref.text for ref in asked), *install)


def pins(manager: ManagerName, versions: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    """Return the path and text of a file that holds packages to versions; None for a manager that has no such file.

    See `exact` for those that take versions as arguments. apt_preferences(5).
    """
    if manager not in PINNED:
        return None
    rows = (f"Package: {name}\nPin: version {version}\nPin-Priority: 1001\n" for name, version in versions)
    return PINS, "\n".join(rows)
