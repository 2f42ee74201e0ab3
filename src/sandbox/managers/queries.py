"""The queries to a package manager that are not needed before the prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.managers.choices import Choice
    from sandbox.managers.metadata import Fact
    from sandbox.managers.protocol import AvailableVersion, Candidate, Change, Elsewhere, PackageRef, Query


class Queries(Protocol):
    """The queries to one manager; modules implement them, so `self` is ignored. All run after a refresh."""

    def simulate(self, packages: Sequence[PackageRef], *, recommends: bool = False) -> Query[Change]:
        """Ask what `install` would do, with sizes where the manager knows them; nothing is changed."""

    def simulate_recommends(self, packages: Sequence[PackageRef]) -> Query[Change]:
        """Ask what would come with recommended packages, the shortest way: names, versions; sizes maybe."""

    def owner(self, path: str) -> Query[str]:
        """Ask for the names of the installed packages that own an absolute path; none is an answer."""

    def provides(self, command: str) -> Query[str]:
        """Ask for the names of the index's packages that put a command on PATH; none is an answer."""

    def versions(self, name: str) -> Query[AvailableVersion]:
        """Ask which versions of a package the index has, newest first; none is an answer."""

    def names(self) -> Query[str]:
        """Ask for every name of the index."""

    def commands_of(self, names: Sequence[str]) -> Query[Candidate] | None:
        """Ask for the commands of packages of the index, downloading little; None if that can't be known."""

    def choices(self, names: Sequence[str]) -> Query[Choice] | None:
        """Ask what is chosen of these names by itself; None for a manager whose `versions` tell it, name by name."""

    def elsewhere(self, names: Sequence[str]) -> Query[Elsewhere] | None:
        """Ask which of these names a part of the distro has that is not switched on; None where none is known of."""

    def facts(self, names: Sequence[str]) -> Query[Fact] | None:
        """Ask what installed packages need and their licences; None for no names, and where it keeps neither."""

    def repositories(self) -> Query[str] | None:
        """Ask for lines such as `http://deb.example/debian bookworm main`, and `key NAME`; None where none is known."""
