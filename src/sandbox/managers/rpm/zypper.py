"""zypper of openSUSE and SLE: its argv, what it installed by itself, its errors and its progress.

Sources: zypper(8), and libzypp's /var/lib/zypp/AutoInstalled. Run with zypper 1.14.89 by the lab, on a Debian userland
with a small repository, never on openSUSE itself.

Statuses: 4 a repository or a dependency fails, 6 there is no repository, 104 nothing of that name, 106 installed
beside a repository that failed, 107 installed but a package's script failed. In a sandbox 106 and 107 are failures too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers.rpm import database as rpm
from sandbox.managers.rpm.driver import Program
from sandbox.managers.rpm.zypper_options import ZYPPER, ZypperWords

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.managers.data import ManagerData
    from sandbox.managers.protocol import Package
    from sandbox.managers.queries import Queries

AUTO: Final = "/var/lib/zypp/AutoInstalled"
PREPARE: Final = f"{rpm.PREPARE}\n[ -e {AUTO} ] || {{ mkdir -p {AUTO.rpartition('/')[0]} && : >{AUTO}; }}"
"""An image in which rpm alone installed has no such file: libzypp would make it of its history behind the first install
(TargetImpl::load), and count the whole base as dependencies."""
HISTORY: Final = "/var/log/zypp/history"


def _packages(database: Mapping[str, bytes]) -> tuple[Package, ...]:
    """Return the packages that rpm lists; those that libzypp did not choose by itself are explicit."""
    rows, auto = rpm.parse_listing(database)
    chosen = frozenset(line.strip() for line in auto.splitlines())
    return tuple(row.package(explicit=row.name not in chosen) for row in rows)


_NEVRA: Final = r"([A-Za-z0-9][A-Za-z0-9+._-]*?)-(?:\d+:)?\d[^-\s]*-[^-\s]+"
_PROGRESS: Final = (
    (rf"\(\s*\d+/\d+\) (Installing|Removing): {_NEVRA}", r"\1 \2"),
    (rf"Retrieving: {_NEVRA}", r"Get \1"),
    (r"Retrieving repository '([^']{1,60})'", r"Get \1"),
    (r"(Building repository) '([^']{1,60})'", r"\1 \2"),
    (r"(Loading repository data|Reading installed packages|Resolving package dependencies)", r"\1"),
    (r"(Checking for file conflicts)", r"\1"),
)

manager: Final = Program(
    name="zypper",
    command="zypper",
    words=ZypperWords(),
    index_argv=(*ZYPPER, "refresh"),  # of each repository; one that fails is an error
    throwaway=("--gpg-auto-import-keys",),
    index=("/var/cache/zypp",),
    # The database's stamp has whole seconds; the history grows with each install, even within the same second.
    state_files=(*rpm.DATABASES, AUTO, HISTORY),
    prepare=PREPARE,
    listing=f"{rpm.ROWS}\ncat {AUTO}",
    read=_packages,
    group_check=None,
    progress_lines=_PROGRESS,
)


def queries() -> Queries:
    """Return its queries."""
    from sandbox.managers.rpm import zypper_queries

    return zypper_queries


def data() -> ManagerData:
    """Return the facts about it."""
    from sandbox.managers.rpm.data import ZYPPER as DATA

    return DATA
