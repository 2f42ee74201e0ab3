"""dnf5 of Fedora 41 and later: its commands and its state.

Sources: dnf5(8), dnf5.conf(5), dnf5-system-state(7). Run with dnf5 5.4 by the lab, on a Debian userland with a small
repository, never on Fedora itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.managers.rpm import database as rpm
from sandbox.managers.rpm import dnf_options
from sandbox.managers.rpm.driver import Program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.managers.data import ManagerData
    from sandbox.managers.protocol import Argv, Package
    from sandbox.managers.queries import Queries

STATE: Final = "/usr/lib/sysimage/libdnf5"
ASKED: Final = frozenset({"User", "Group"})


def _is_group_installed(group: str) -> tuple[Argv, ...]:
    """Return the argv whose status shows it; dnf5's state has a table for each group."""
    return (("grep", "-qxF", "-e", f"[groups.{group}]", "-e", f'[groups."{group}"]', f"{STATE}/groups.toml"),)


def _packages(database: Mapping[str, bytes]) -> tuple[Package, ...]:
    """Return the packages that rpm lists; those that dnf5 knows a user asked for, by name or group, are explicit.

    dnf5 has no record of the packages of an image: they are not explicit.
    """
    rows, state = rpm.parse_listing(database)
    known = dict(_ENTRY.findall(state))
    return tuple(
        row.package(
            explicit=known.get(row.key) in ASKED,
            origin=known.get(f"{row.name}-{row.version}.{row.architecture}", "").lstrip("@"),
        )
        for row in rows
    )


_ENTRY: Final = re.compile(r'^"?([^"\s]+)"? = \{.*?(?:reason|from_repo) = "([^"]*)"', re.MULTILINE)

manager: Final = Program(
    name="dnf5",
    command="dnf",
    words=dnf_options.DNF,
    index_argv=("dnf", "makecache", "-y", "--refresh"),  # asks each repository whether its index is newer; -y: its key
    throwaway=dnf_options.THROWAWAY,
    index=("/var/cache/libdnf5",),
    state_files=(*rpm.DATABASES, f"{STATE}/packages.toml"),
    prepare=rpm.PREPARE,
    listing=f"{rpm.ROWS}\ncat {STATE}/packages.toml {STATE}/nevras.toml",
    read=_packages,
    group_check=_is_group_installed,
    progress_lines=dnf_options.PROGRESS,
)


def queries() -> Queries:
    """Return its queries."""
    from sandbox.managers.rpm import dnf_queries

    return dnf_queries


def data() -> ManagerData:
    """Return the facts about it."""
    from sandbox.managers.rpm.data import DNF5

    return DNF5
