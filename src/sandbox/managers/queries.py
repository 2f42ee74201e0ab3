"""The queries to a package manager that are not needed before the prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sandbox.managers.protocol import Candidate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.managers.choices import Choice
    from sandbox.managers.metadata import Fact
    from sandbox.managers.protocol import AvailableVersion, Change, Elsewhere, PackageRef, Query


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
        """Ask for the names of all packages in the index."""

    def commands_of(self, names: Sequence[str]) -> Query[Candidate] | None:
        """Ask for the commands of packages of the index, downloading little; None if that can't be known."""

    def choices(self, names: Sequence[str]) -> Query[Choice] | None:
        """Ask which versions the manager chooses by itself; None if `versions` shows that for each name."""

    def elsewhere(self, names: Sequence[str]) -> Query[Elsewhere] | None:
        """Ask which of these names are in a part of the distro that is not enabled; None if no such part is known."""

    def facts(self, names: Sequence[str]) -> Query[Fact] | None:
        """Ask for the dependencies and licences of installed packages; None without names, or if it keeps neither."""

    def repositories(self) -> Query[str] | None:
        """Ask for lines such as `http://deb.example/debian bookworm main`, and `key NAME`; None if none is known."""


def candidates_in(output: str) -> tuple[Candidate, ...]:
    """Return the names of lines as `name<TAB>command` with their commands."""
    commands: dict[str, dict[str, None]] = {}
    for name, tab, command in (line.partition("\t") for line in output.splitlines()):
        if tab:
            commands.setdefault(name, {})[command] = None
    return tuple(Candidate(name=name, commands=tuple(found)) for name, found in commands.items())
