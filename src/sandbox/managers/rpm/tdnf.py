"""tdnf of Photon and Azure Linux: written from its documentation, not run.

Sources: tdnf(8), the help text and the source of tdnf 3. It never installs what is only recommended.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers.rpm import database as rpm
from sandbox.managers.rpm import dnf_options, leaves
from sandbox.managers.rpm.driver import Program

if TYPE_CHECKING:
    from sandbox.managers.data import ManagerData
    from sandbox.managers.queries import Queries

WORDS: Final = dnf_options.DnfWords(program="tdnf")

manager: Final = Program(
    name="tdnf",
    command="tdnf",
    words=WORDS,
    index_argv=("tdnf", "makecache", "--refresh"),
    throwaway=(),
    index=("/var/cache/tdnf",),
    state_files=rpm.DATABASES,
    prepare=rpm.PREPARE,
    listing=leaves.listing,
    read=leaves.parse_packages,
    group_check=None,
    progress_lines=dnf_options.PROGRESS,
)


def queries() -> Queries:
    """Return its queries."""
    from sandbox.managers.rpm.small_queries import SmallQueries

    ask = ("tdnf", "-q", "repoquery")
    return SmallQueries(
        words=WORDS, all_names=(*ask, "--available"), all_versions=ask, holders=(*ask, "--whatprovides")
    )


def data() -> ManagerData:
    """Return the facts about it."""
    from sandbox.managers.rpm.data import TDNF

    return TDNF
