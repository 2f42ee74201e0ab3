"""Zypper's arguments for installing, fetching and removing. Source: zypper(8)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.managers.protocol import Argv, PackageRef

ZYPPER: Final = ("zypper", "--non-interactive")


class ZypperWords(Struct, frozen=True):
    """Zypper's arguments for installing, fetching and removing."""

    def install(self, packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
        """Return the argv that installs without asking; a licence that must be agreed to is an error."""
        return (*ZYPPER, "install", *arguments(packages, recommends=recommends))

    def download(self, packages: Sequence[PackageRef], *, recommends: bool = False) -> Argv:
        """Return the argv that only fetches; zypper keeps such packages whatever the repository says."""
        return (*ZYPPER, "install", "--download-only", *arguments(packages, recommends=recommends))

    def remove(self, packages: Sequence[PackageRef]) -> tuple[Argv, ...]:
        """Return the command that removes packages and their unneeded dependencies."""
        return ((*ZYPPER, "remove", "--clean-deps", *(package.name for package in packages)),)


def arguments(packages: Sequence[PackageRef], *, recommends: bool) -> Iterator[str]:
    """Yield the options and packages of an install; without --oldpackage zypper silently skips an older version."""
    yield "--recommends" if recommends else "--no-recommends"
    if any(package.version for package in packages):
        yield "--oldpackage"
    if any(package.file and not package.file.is_signed for package in packages):
        yield "--allow-unsigned-rpm"  # of files that are named here, and of none from a repository
    for package in packages:
        if package.file:
            yield package.file.path
            continue
        yield package.name if package.version is None else f"{package.name}={package.version}"
