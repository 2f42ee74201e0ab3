"""yum 3 of Amazon Linux 2 and CentOS 7: written from its documentation, not run.

Sources: yum(8), yum.conf(5) of yum 3.4. It knows no weak dependencies. From yum 4 on yum is dnf.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers import protocol
from sandbox.managers.rpm import database as rpm
from sandbox.managers.rpm import dnf_options, leaves
from sandbox.managers.rpm import names as rpm_names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.managers.protocol import Argv, PackageRef

name: Final = "yum"
parse_reference = rpm_names.parse_with_groups

environment: Final = rpm.environment
throwaway: Final[Argv] = (
    "--setopt=skip_if_unavailable=0",
    "--setopt=keepcache=1",
    "--setopt=retries=3",
    "--setopt=timeout=20",
)
from_source: Final = None
needs_root: Final = True
throwaway_environment = protocol.NOTHING
prepare: Final = rpm.PREPARE
keep_docs: Final = rpm.KEEP_DOCS
index: Final = ("/var/cache/yum",)

database: Final[tuple[str, ...]] = ()
state_files: Final = rpm.DATABASES
listing: Final = leaves.listing
parse_packages = leaves.parse_packages

WORDS: Final = dnf_options.Words(
    program="yum",
    always=("--setopt=skip_missing_names_on_install=False",),  # else an unknown name beside a known one is status 0
)
use_mirror = rpm.use_mirror
files = rpm.files
install = WORDS.install
explain = WORDS.explain
progress = dnf_options.progress


def refresh() -> Argv:
    """Return the argv that fetches the index."""
    return ("yum", "makecache", "fast")


def remove(packages: Sequence[PackageRef], *, purge: bool = False) -> tuple[Argv, ...]:
    """Return the command that removes packages and what only they needed, which yum leaves unless it is told."""
    names = (package.name for package in packages)
    return (("yum", "remove", "-y", "--setopt=clean_requirements_on_remove=1", *names),)


def is_installed(package: PackageRef) -> tuple[Argv, ...]:
    """Return the pipeline whose last status tells it; -v shows the ids of groups."""
    if package.name.startswith("@"):
        return ("yum", "-v", "-C", "group", "list", "installed"), ("grep", "-qF", f"({package.name[1:]})")
    return rpm.is_installed(package)


download = WORDS.download
