"""Where a package manager keeps its own books: databases, indexes, caches, logs. No package's doing, and no trace.

Sources: the managers' manuals (section FILES), and what an install and a removal in the lab left there. A path stands
for all below it; one that ends in `*` for all that begin so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.managers.registry import ManagerName

SYSTEM: Final = (
    "/etc/.pwd.lock",
    "/etc/group-",
    "/etc/gshadow-",
    "/etc/ld.so.cache",
    "/etc/passwd-",
    "/etc/shadow-",
    "/etc/subgid-",
    "/etc/subuid-",
    "/var/cache/ldconfig",
    "/var/log/lastlog",
    "/var/log/faillog",
)
"""The books of the system's own programs, which are written anew whenever they run: useradd, ldconfig."""

_RPM: Final = ("/usr/lib/sysimage/rpm", "/var/lib/rpm", "/etc/rpm/macros.sandbox-unshare")
_DNF: Final = (
    *_RPM,
    "/root/.cache",
    "/run/dnf",
    "/usr/lib/sysimage/libdnf5",
    "/var/cache/dnf",
    "/var/cache/libdnf5",
    "/var/lib/dnf",
    "/var/log/dnf*",
    "/var/log/hawkey*",
)

BOOKKEEPING: Final[Mapping[ManagerName, tuple[str, ...]]] = {
    "apk": (
        "/etc/apk/cache",
        "/etc/apk/world",
        "/lib/apk",
        "/usr/lib/apk",
        "/var/cache/apk",
        "/var/lib/apk",
        "/var/log/apk*",
    ),
    "apt": (
        "/etc/apt/preferences.d/sandbox-lock",
        "/run/lock",
        "/usr/sbin/policy-rc.d",
        "/var/cache/apt",
        "/var/cache/debconf",
        "/var/lib/apt",
        "/var/lib/dpkg",
        "/var/log/alternatives.log",
        "/var/log/apt",
        "/var/log/dpkg.log",
    ),
    "dnf4": _DNF,
    "dnf5": _DNF,
    "microdnf": (*_DNF, "/var/cache/yum"),
    "nix": (
        "/nix/.links*",
        "/nix/store/.links",
        "/nix/var",
        "/root/.cache/nix",
        "/root/.local/state/nix",
        "/root/.nix-channels",
        "/root/.nix-defexpr",
        "/root/.nix-profile",
    ),
    "pacman": ("/etc/pacman.d/gnupg", "/var/cache/pacman", "/var/lib/pacman", "/var/log/pacman.log"),
    "portage": (
        "/etc/portage",
        "/usr/portage",
        "/var/cache/binpkgs",
        "/var/cache/distfiles",
        "/var/cache/edb",
        "/var/db/pkg",
        "/var/db/repos",
        "/var/lib/portage",
        "/var/log/emerge*",
        "/var/log/portage",
        "/var/tmp/portage",  # noqa: S108 - a place in the sandbox
        "/etc/env.d",
        "/etc/profile.env",
        "/etc/csh.env",
        "/etc/environment.d/10-gentoo-env.conf",
        "/etc/ld.so.conf",
    ),
    "tdnf": (*_RPM, "/var/cache/tdnf", "/var/lib/tdnf", "/var/log/tdnf*"),
    "xbps": ("/var/cache/xbps", "/var/db/xbps"),
    "yum": (*_RPM, "/var/cache/yum", "/var/lib/yum", "/var/log/yum.log"),
    "zypper": (
        *_RPM,
        "/var/cache/zypp",
        "/var/lib/zypp",
        "/var/log/zypp",
        "/var/log/zypper.log",
        "/run/zypp*",
        "/root/.zypp*",
        "/var/tmp/zypp*",  # noqa: S108 - a place in the sandbox
    ),
}

KEPT_BY_REFRESH: Final[frozenset[ManagerName]] = frozenset(("apk", "apt", "dnf4", "dnf5", "zypper"))
"""Whose refresh, with what makes a fresh image fit for it, changes nothing but its books, as a test of the lab shows:
a sandbox's files before an install are then those of its image."""

_RPM_SCRIPTS: Final = 'rpm -q --scripts "$@" 2>/dev/null; :'
SCRIPTS: Final[Mapping[ManagerName, str]] = {
    "apt": 'cd /var/lib/dpkg/info && for name; do cat "$name".*inst "$name":*.*inst 2>/dev/null; done; :',
    "pacman": 'cd /var/lib/pacman/local && for name; do cat "$name"-[0-9]*/install 2>/dev/null; done; :',
    **dict.fromkeys(("dnf4", "dnf5", "microdnf", "tdnf", "yum", "zypper"), _RPM_SCRIPTS),
}
"""Shell text that prints the scripts of the packages "$@", where the manager keeps them as text."""

STORES: Final[Mapping[ManagerName, tuple[str, ...]]] = {"nix": ("/nix/store",)}
"""Where a manager keeps what nothing refers to any more until it is swept: recipes, its channel's earlier states."""


LANGUAGES: Final[Mapping[str, tuple[str, ...]]] = {
    "cargo": (
        "/root/.cargo/.global-cache",
        "/root/.cargo/.package-cache*",
        "/root/.cargo/git",
        "/root/.cargo/registry",
        "/usr/local/.crates.toml",
        "/usr/local/.crates2.json",
    ),
    "gem": ("/root/.cache/gem", "/root/.local/share/gem/specs", "/root/.gem/specs"),
    "go": ("/root/.cache/go-build", "/root/.config/go/telemetry", "/root/go/pkg"),
    "npm": ("/root/.npm",),
    "pip": ("/root/.cache/pip",),
}
"""Caches, logs and indexes of languages' managers, run as root."""


def state_paths(name: ManagerName, languages: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the paths that are a manager's own, and the system's, and those of the languages' managers."""
    return (*SYSTEM, *BOOKKEEPING[name], *(path for language in languages for path in LANGUAGES.get(language, ())))


def store_paths(name: ManagerName) -> tuple[str, ...]:
    """Return the paths at which nothing is a trace of a package that was removed, beyond the manager's own."""
    return STORES.get(name, ())
