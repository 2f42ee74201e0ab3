"""dnf5 of Fedora 41 and later: its argv and its state.

Sources: dnf5(8), dnf5.conf(5), dnf5-system-state(7). Run with dnf5 5.4 by the lab, on a Debian userland with a small
repository, never on Fedora itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.managers import protocol
from sandbox.managers.rpm import database as rpm
from sandbox.managers.rpm import dnf_options
from sandbox.managers.rpm import names as rpm_names

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.managers.protocol import Argv, Package, PackageRef

name: Final = "dnf5"
parse_reference = rpm_names.parse_with_groups

environment: Final = rpm.environment
throwaway: Final = dnf_options.THROWAWAY
from_source: Final = None
needs_root: Final = True
throwaway_environment = protocol.NOTHING
prepare: Final = rpm.PREPARE
keep_docs: Final = rpm.KEEP_DOCS
index: Final = ("/var/cache/libdnf5",)

STATE: Final = "/usr/lib/sysimage/libdnf5"
database: Final[tuple[str, ...]] = ()
state_files: Final = (*rpm.DATABASES, f"{STATE}/packages.toml")
listing: Final = f"{rpm.ROWS}\ncat {STATE}/packages.toml {STATE}/nevras.toml"
ASKED: Final = frozenset({"User", "Group"})

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
    """Return the argv whose status tells it; groups stand as tables in dnf5's state."""
    if package.name.startswith("@"):
        group = package.name[1:]
        return (("grep", "-qxF", "-e", f"[groups.{group}]", "-e", f'[groups."{group}"]', f"{STATE}/groups.toml"),)
    return rpm.is_installed(package)


def parse_packages(database: Mapping[str, bytes]) -> tuple[Package, ...]:
    """Return what rpm lists; explicit is what dnf5 knows that a user asked for, by its name or its group's.

    It knows nothing of the packages that came with an image: they count as nobody's wish.
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
