"""yum 3 of Amazon Linux 2 and CentOS 7: written from its documentation, not run.

Sources: yum(8), yum.conf(5) of yum 3.4. It knows no weak dependencies. From yum 4 on yum is dnf.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers.rpm import database as rpm
from sandbox.managers.rpm import dnf_options, leaves
from sandbox.managers.rpm.driver import Program

if TYPE_CHECKING:
    from sandbox.managers.data import ManagerData
    from sandbox.managers.protocol import Argv
    from sandbox.managers.queries import Queries

WORDS: Final = dnf_options.DnfWords(
    program="yum",
    always=("--setopt=skip_missing_names_on_install=False",),  # else an unknown name beside a known one is status 0
    removal=("--setopt=clean_requirements_on_remove=1",),  # else it leaves what only they needed
)


def _is_group_installed(group: str) -> tuple[Argv, ...]:
    """Return the pipeline whose last status shows it; -v shows the ids of groups."""
    return ("yum", "-v", "-C", "group", "list", "installed"), ("grep", "-qF", f"({group})")


manager: Final = Program(
    name="yum",
    command="yum",
    words=WORDS,
    index_argv=("yum", "makecache", "-y", "fast"),
    throwaway=(
        "--setopt=skip_if_unavailable=0",
        "--setopt=keepcache=1",
        "--setopt=retries=3",
        "--setopt=timeout=20",
    ),
    index=("/var/cache/yum",),
    state_files=rpm.DATABASES,
    prepare=rpm.PREPARE,
    listing=leaves.listing,
    read=leaves.parse_packages,
    group_check=_is_group_installed,
    progress_lines=dnf_options.PROGRESS,
)


def queries() -> Queries:
    """Return its queries; it has no repoquery."""
    from sandbox.managers.rpm.small_queries import SmallQueries

    ask = ("yum", "-q")
    return SmallQueries(
        words=WORDS,
        all_names=(*ask, "list", "available"),
        all_versions=(*ask, "--showduplicates", "list"),
        holders=(*ask, "provides"),
    )


def data() -> ManagerData:
    """Return the facts about it."""
    from sandbox.managers.rpm.data import YUM

    return YUM
