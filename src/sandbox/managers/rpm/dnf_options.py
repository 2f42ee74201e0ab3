"""The words that dnf and its relatives share: their argv and their progress.

Sources: dnf(8) of dnf 4.14 and 4.23, dnf5(8) of dnf5 5.4, yum(8) of yum 3.4, the help texts of microdnf and tdnf.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.managers.rpm.names import target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.managers.protocol import Argv, PackageRef


class DnfWords(Struct, frozen=True, kw_only=True):
    """A program that speaks dnf's words: what its install always has, and how it leaves weak dependencies out or in.

    `removal` are the options of a removal. `fetch` stands for a download where an install would take none of it.
    """

    program: str
    always: Argv = ()
    without_weak: Argv = ()
    with_weak: Argv = ()
    removal: Argv = ()
    fetch: Argv = ()

    def install(self, packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
        """Return the argv that installs without asking; a version older than the installed one is a downgrade."""
        return (self.program, "install", "-y", *self.arguments(packages, recommends=recommends))

    def download(self, packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
        """Return the argv that only fetches what would be installed."""
        if self.fetch:
            return self.fetch
        return (self.program, "install", "-y", "--downloadonly", *self.arguments(packages, recommends=recommends))

    def remove(self, packages: Sequence[PackageRef]) -> tuple[Argv, ...]:
        """Return the command that removes packages and their unneeded dependencies."""
        return ((self.program, "remove", "-y", *self.removal, *(package.name for package in packages)),)

    def arguments(self, packages: Sequence[PackageRef], *, recommends: bool) -> Argv:
        """Return the options and the packages of an install."""
        weak = self.with_weak if recommends else self.without_weak
        return (*self.always, *weak, *(target(package) for package in packages))


DNF: Final = DnfWords(
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

_NEVRA: Final = r"([A-Za-z0-9][A-Za-z0-9+._-]*?)-(?:\d+:)?\d[^-\s]*-[^-\s]+"
PROGRESS: Final = (
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
"""Patterns of progress in lines of dnf, dnf5, yum, microdnf and tdnf."""
