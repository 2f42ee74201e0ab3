"""microdnf of the minimal images of RHEL, its relatives and Fedora to 38: written from its documentation, not run.

Sources: the help text and the source of microdnf 3. Where microdnf is another name of dnf5, dnf5 is the manager.
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

name: Final = "microdnf"
parse_reference = rpm_names.parse_reference

environment: Final = rpm.environment
throwaway: Final[Argv] = ()
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
    program="microdnf",
    without_weak=("--setopt=install_weak_deps=0",),
    with_weak=("--setopt=install_weak_deps=1",),
)
use_mirror = rpm.use_mirror
files = rpm.files
install = WORDS.install
explain = WORDS.explain
progress = dnf_options.progress


def refresh() -> Argv:
    """Return the argv that fetches the index."""
    return ("microdnf", "makecache")


def download(packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
    """Return the refresh again: microdnf can't fetch what a later install would take from its cache."""
    return refresh()


remove = WORDS.remove
is_installed = rpm.is_installed
