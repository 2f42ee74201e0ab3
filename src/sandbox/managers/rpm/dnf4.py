"""dnf 4 of RHEL and its relatives 8 to 10, Amazon Linux 2023, Fedora to 40 and Mageia: its argv and its history.

Sources: dnf(8), dnf.conf(5), and libdnf's tables for the reasons. Run with dnf 4.14 and 4.23 by the lab, on a Debian
userland with a small repository, never on the distros themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers import protocol
from sandbox.managers.rpm import database as rpm
from sandbox.managers.rpm import dnf_options
from sandbox.managers.rpm import names as rpm_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.managers.protocol import Argv, Package, PackageRef

name: Final = "dnf4"
parse_reference = rpm_names.parse_with_groups

environment: Final = rpm.environment
throwaway: Final = dnf_options.THROWAWAY
from_source: Final = None
needs_root: Final = True
throwaway_environment = protocol.NOTHING
prepare: Final = rpm.PREPARE
keep_docs: Final = rpm.KEEP_DOCS
index: Final = ("/var/cache/dnf",)

HISTORY: Final = "/var/lib/dnf/history.sqlite"
database: Final[tuple[str, ...]] = ()
state_files: Final = (*rpm.DATABASES, HISTORY)
REASONS: Final = r"""
read -r line <"$(command -v dnf)"
python=${line#??}
"${python%% *}" -I -S -c '
import sqlite3
query = (
    "select key, reason, repoid from (select rpm.name || char(46) || arch as key, reason, repoid, action,"
    " max(trans_item.id) from trans_item join rpm using (item_id) join trans on trans.id = trans_id"
    " left join repo on repo.id = repo_id where trans.state = 1 and action not in (3, 5, 7, 10) group by key)"
    " where action != 8"
)
history = sqlite3.connect("file:/var/lib/dnf/history.sqlite?mode=rw", uri=True)
for row in history.execute(query):
    print(*row, sep="\t")
history.close()
'
"""
"""dnf's own python reads its history in a third of the time that `dnf repoquery --userinstalled` takes.

The last thing that was done to a package has its reason: 2 when a user asked for it, 5 as a part of a group. The
actions are a package's end: downgraded 3, obsoleted 5, upgraded 7, removed 8, reinstalled 10. Closing it brings its log
into the file, so that a command that only looks leaves the file as it is.
"""
listing: Final = rpm.ROWS + REASONS
ASKED: Final = frozenset({"2", "5"})
FIELDS: Final = 3

use_mirror = rpm.use_mirror
install = dnf_options.DNF.install
download = dnf_options.DNF.download
remove = dnf_options.DNF.remove
explain = dnf_options.DNF.explain
files = rpm.files
progress = dnf_options.progress


def refresh() -> Argv:
    """Return the argv that asks each repository whether its index is newer; with `throwaway` a failure is an error."""
    return ("dnf", "makecache", "--refresh")


def is_installed(package: PackageRef) -> tuple[Argv, ...]:
    """Return the pipeline whose last status tells it; only -v shows the ids of groups, and never hidden ones."""
    if package.name.startswith("@"):
        return ("dnf", "-v", "-C", "group", "list", "--installed"), ("grep", "-qF", f"({package.name[1:]})")
    return rpm.is_installed(package)


def parse_packages(database: Mapping[str, bytes]) -> tuple[Package, ...]:
    """Return what rpm lists; explicit is what a user asked for by its name or its group's."""
    rows, history = rpm.parse_listing(database)
    known = {key: (reason, origin) for key, reason, origin in _fields(history)}
    reasons = [(row, *known.get(row.key, ("", ""))) for row in rows]
    return tuple(row.package(explicit=reason in ASKED, origin=origin) for row, reason, origin in reasons)


def _fields(history: str) -> list[tuple[str, str, str]]:
    lines = [line.split("\t") for line in history.splitlines()]
    return [
        (key, reason, origin.lstrip("@")) for key, reason, origin in (line for line in lines if len(line) == FIELDS)
    ]
