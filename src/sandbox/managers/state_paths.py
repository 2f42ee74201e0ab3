"""Where the books of package managers, languages' managers and the system lie: no package's doing, and no trace.

A path stands for all below it; one that ends in `*` for all that begin so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers.package_archives import FOLDER
from sandbox.managers.registry import LANGUAGES, data_of, language_family

if TYPE_CHECKING:
    from collections.abc import Iterable

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


def state_paths(name: ManagerName, languages: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the paths that are a manager's own, and the system's, and those of the languages' managers."""
    wanted = frozenset(languages)
    return (
        *SYSTEM,
        FOLDER,
        *data_of(name).state_paths,
        *(path for known in LANGUAGES if known in wanted for path in language_family(known).data().state_paths),
    )


def store_paths(name: ManagerName) -> tuple[str, ...]:
    """Return the paths at which nothing is a trace of a package that was removed, beyond the manager's own."""
    return data_of(name).store_paths
