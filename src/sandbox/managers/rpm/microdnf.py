"""microdnf of the minimal images of RHEL, its relatives and Fedora to 38: written from its documentation, not run.

Sources: the help text and the source of microdnf 3. Where microdnf is another name of dnf5, dnf5 is the manager.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers.rpm import database as rpm
from sandbox.managers.rpm import dnf_options, leaves
from sandbox.managers.rpm.driver import Program

if TYPE_CHECKING:
    from sandbox.managers.data import ManagerData
    from sandbox.managers.queries import Queries

WORDS: Final = dnf_options.DnfWords(
    program="microdnf",
    without_weak=("--setopt=install_weak_deps=0",),
    with_weak=("--setopt=install_weak_deps=1",),
    fetch=("microdnf", "makecache"),  # it can't fetch what a later install would take from its cache
)

manager: Final = Program(
    name="microdnf",
    command="microdnf",
    words=WORDS,
    index_argv=("microdnf", "makecache"),
    throwaway=(),
    index=("/var/cache/yum",),
    state_files=rpm.DATABASES,
    prepare=rpm.PREPARE,
    listing=leaves.listing,
    read=leaves.parse_packages,
    group_check=None,
    progress_lines=dnf_options.PROGRESS,
)


def queries() -> Queries:
    """Return its queries: its repoquery takes a path or a name."""
    from sandbox.managers.rpm.small_queries import SmallQueries

    ask = ("microdnf", "repoquery")
    return SmallQueries(words=WORDS, all_names=(*ask, "--available"), all_versions=ask, holders=ask)


def data() -> ManagerData:
    """Return the facts about it."""
    from sandbox.managers.rpm.data import MICRODNF

    return MICRODNF
