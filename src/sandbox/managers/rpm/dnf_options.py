"""The words that dnf and its relatives share: their argv and their progress.

Sources: dnf(8) of dnf 4.14 and 4.23, dnf5(8) of dnf5 5.4, yum(8) of yum 3.4, the help texts of microdnf and tdnf.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.managers.progress_lines import match_progress
from sandbox.managers.rpm.names import label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.errors import StepFailed
    from sandbox.managers.protocol import Argv, Failure, PackageRef


class Words(Struct, frozen=True, kw_only=True):
    """A program that speaks dnf's words: what its install always has, and how it leaves weak dependencies out or in."""

    program: str
    always: Argv = ()
    without_weak: Argv = ()
    with_weak: Argv = ()

    def install(self, packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
        """Return the argv that installs without asking; a version older than the installed one is a downgrade."""
        return (self.program, "install", "-y", *self.arguments(packages, recommends=recommends))

    def download(self, packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
        """Return the argv that only fetches what would be installed."""
        return (self.program, "install", "-y", "--downloadonly", *self.arguments(packages, recommends=recommends))

    def remove(self, packages: Sequence[PackageRef], *, purge: bool = False) -> tuple[Argv, ...]:  # noqa: ARG002 - rpm has no purge
        """Return the command that removes packages and what only they needed.

        There is no purge: configuration that was changed stays as `.rpmsave`, the rest goes with its package.
        """
        return ((self.program, "remove", "-y", *(package.name for package in packages)),)

    def arguments(self, packages: Sequence[PackageRef], *, recommends: bool) -> Argv:
        """Return the options of an install and its packages."""
        weak = self.with_weak if recommends else self.without_weak
        return (*self.always, *weak, *(label(package) for package in packages))

    def explain(self, failure: Failure, packages: Sequence[PackageRef], *, distro: str) -> StepFailed | None:
        """Return our error for what the program said, or None where nothing of it is known."""
        from sandbox.managers.rpm import (
            errors as rpm_errors,  # its patterns take longer to compile than all the rest here
        )

        return rpm_errors.explain(failure, packages, distro=distro, program=self.program)


DNF: Final = Words(
    program="dnf",
    without_weak=("--setopt=install_weak_deps=False",),
    with_weak=("--setopt=install_weak_deps=True",),
)
"""dnf 4 and dnf5 alike: the same script runs on a host with either."""

THROWAWAY: Final[Argv] = tuple(
    f"--setopt={option}"
    for option in (
        "skip_if_unavailable=False",  # many distros have it on, and then a mirror that fails is a warning and status 0
        "keepcache=True",  # what was fetched before stays in the cache of --cache
        "retries=3",
        "timeout=20",
        "max_parallel_downloads=10",
    )
)


def progress(line: str) -> str | None:
    """Return what a line of dnf, dnf5, yum, microdnf or tdnf says of the progress, or None for noise."""
    return match_progress(_PROGRESS, line)


_NEVRA: Final = r"([A-Za-z0-9][A-Za-z0-9+._-]*?)-(?:\d+:)?\d[^-\s]*-[^-\s]+"
_PROGRESS: Final = (
    (rf"\[\d+/\d+\] (Installing|Upgrading|Downgrading|Removing) {_NEVRA}", r"\1 \2"),
    (rf"\[\d+/\d+\] {_NEVRA} +\d+% \|", r"Get \1"),
    (rf" +(Installing|Upgrading|Updating|Downgrading|Cleanup|Erasing|Removing) *: {_NEVRA} ", r"\1 \2"),
    (rf"(Installing|Upgrading|Updating|Removing): {_NEVRA}", r"\1 \2"),
    (rf"\(\d+/\d+\): {_NEVRA}", r"Get \1"),
    (r" ?([A-Za-z0-9][^|]{0,60}?) +\d+% \| .*(?:[KMG]i)?B +\|", r"Get \1"),
    (r"([A-Za-z0-9][^|]{0,60}?) +[\d.]+ [kMG]?B/s \| ", r"Get \1"),
    (r"(Updating and loading repositories|Running transaction(?: check| test)?|Dependencies resolved)", r"\1"),
    (r"(Downloading (?:Packages|packages|metadata))", r"\1"),
)
