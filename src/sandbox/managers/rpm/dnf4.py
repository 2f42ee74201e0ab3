"""dnf 4 of RHEL and its relatives 8 to 10, Amazon Linux 2023, Fedora to 40 and Mageia: its commands and its history.

Sources: dnf(8), dnf.conf(5), and libdnf's tables for the reasons. Run with dnf 4.14 and 4.23 by the lab, on a Debian
userland with a small repository, never on the distros themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.core.programs import program
from sandbox.managers.rpm import database as rpm
from sandbox.managers.rpm import dnf_options
from sandbox.managers.rpm.driver import Program

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.managers.data import ManagerData
    from sandbox.managers.protocol import Argv, Package
    from sandbox.managers.queries import Queries

HISTORY: Final = "/var/lib/dnf/history.sqlite"
ASKED: Final = frozenset({"2", "5"})
FIELDS: Final = 3


def _is_group_installed(group: str) -> tuple[Argv, ...]:
    """Return the pipeline whose last status shows it; only -v shows the ids of groups, and never hidden ones."""
    return ("dnf", "-v", "-C", "group", "list", "--installed"), ("grep", "-qF", f"({group})")


def _packages(database: Mapping[str, bytes]) -> tuple[Package, ...]:
    """Return the packages that rpm lists; those that a user asked for by name or group are explicit."""
    rows, history = rpm.parse_listing(database)
    known = {key: (reason, origin) for key, reason, origin in _fields(history)}
    reasons = [(row, *known.get(row.key, ("", ""))) for row in rows]
    return tuple(row.package(explicit=reason in ASKED, origin=origin) for row, reason, origin in reasons)


def _fields(history: str) -> list[tuple[str, str, str]]:
    lines = [line.split("\t") for line in history.splitlines()]
    return [
        (key, reason, origin.lstrip("@")) for key, reason, origin in (line for line in lines if len(line) == FIELDS)
    ]


manager: Final = Program(
    name="dnf4",
    command="dnf",
    words=dnf_options.DNF,
    index_argv=("dnf", "makecache", "-y", "--refresh"),  # asks each repository whether its index is newer; -y: its key
    throwaway=dnf_options.THROWAWAY,
    index=("/var/cache/dnf",),
    state_files=(*rpm.DATABASES, HISTORY),
    prepare=rpm.PREPARE,
    listing=f"{rpm.ROWS}\n{program(__package__, 'dnf4_reasons.sh')}",
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
    from sandbox.managers.rpm.data import DNF4

    return DNF4
