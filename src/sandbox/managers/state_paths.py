"""Where the books of package managers, languages' managers and the system lie: no package's doing, and no trace.

A path stands for all below it; one that ends in `*` for all that begin so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers.registry import data_of

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
    return (
        *SYSTEM,
        *data_of(name).state_paths,
        *(path for language in languages for path in LANGUAGES.get(language, ())),
    )


def store_paths(name: ManagerName) -> tuple[str, ...]:
    """Return the paths at which nothing is a trace of a package that was removed, beyond the manager's own."""
    return data_of(name).store_paths
