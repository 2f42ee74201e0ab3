"""What else microdnf, tdnf and yum 3 can be asked, which is little; written from their documentation, not run.

Sources: their help texts, yum(8). None tells the sizes of single packages in a form that is the same everywhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.core.programs import sh_argv
from sandbox.managers.protocol import Argv, AvailableVersion, Candidate, Change, Query
from sandbox.managers.rpm import database as rpm
from sandbox.managers.rpm import dnf_tables
from sandbox.managers.rpm.names import QUALIFIED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.managers.choices import Choice
    from sandbox.managers.metadata import Fact
    from sandbox.managers.protocol import Elsewhere, PackageRef
    from sandbox.managers.rpm.dnf_options import DnfWords


class SmallQueries(Struct, frozen=True, kw_only=True):
    """The questions to one program: how it is asked for names, for a package's versions, and for a file's package."""

    words: DnfWords
    all_names: Argv
    all_versions: Argv
    holders: Argv

    def simulate(self, packages: Sequence[PackageRef], *, recommends: bool = False) -> Query[Change]:
        """Ask what `install` would do; no sizes."""
        arguments = self.words.arguments(packages, recommends=recommends)
        argv = (self.words.program, "install", "--assumeno", *arguments)
        return Query(argv=sh_argv(__package__, "small_simulate.sh", *argv), parse=dnf_tables.changes)

    def simulate_recommends(self, packages: Sequence[PackageRef]) -> Query[Change]:
        """Ask what would come with recommended packages."""
        return self.simulate(packages, recommends=True)

    def owner(self, path: str) -> Query[str]:
        """Ask which installed packages own a path."""
        return rpm.owner(path)

    def provides(self, command: str) -> Query[str]:
        """Ask which packages hold the command."""
        return Query(argv=(*self.holders, f"/usr/bin/{command}"), parse=_names, statuses=(0, 1))

    def versions(self, name: str) -> Query[AvailableVersion]:
        """Ask for the versions in the index, newest first; no sizes."""
        return Query(argv=(*self.all_versions, name), parse=_offers, statuses=(0, 1))

    def names(self) -> Query[str]:
        """Ask for the names of all packages in the index."""
        return Query(argv=self.all_names, parse=_names)

    def commands_of(self, names: Sequence[str]) -> Query[Candidate] | None:  # noqa: ARG002 - none can list them
        """Return None: that can't be known without fetching the packages."""
        return None

    def elsewhere(self, names: Sequence[str]) -> Query[Elsewhere] | None:  # noqa: ARG002 - none has such a question
        """Return None: parts of the distro that are not enabled are unknown."""
        return None

    def choices(self, names: Sequence[str]) -> Query[Choice] | None:  # noqa: ARG002 - none has such a question
        """Return None: its list of versions shows which one it takes."""
        return None

    def facts(self, names: Sequence[str]) -> Query[Fact] | None:
        """Ask for the dependencies and licences of installed packages."""
        return rpm.facts(names)

    def repositories(self) -> Query[str] | None:
        """Return None: sandbox does not query where its packages come from."""
        return None


def _offers(output: str) -> tuple[AvailableVersion, ...]:
    """Return what repositories have; of what is installed yum says `installed`, or `@` and where it came from."""
    return rpm.newest_first(
        AvailableVersion(name=name, version=version, repository=repository)
        for name, version, repository in _packages(output)
        if repository != "installed" and not repository.startswith("@")
    )


def _names(output: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name, _, _ in _packages(output)))


def _packages(output: str) -> Iterator[tuple[str, str, str]]:
    """Yield names, versions and repositories of words as yum's lists have them: `NAME.ARCH VERSION REPOSITORY`.

    The others print `NAME-VERSION.ARCH`, and no repository.
    """
    words = output.split()
    for word, after, last in zip(words, (*words[1:], ""), (*words[2:], "", ""), strict=False):
        found = QUALIFIED.fullmatch(word)
        if found and re.match(r"\d\S*-", after) and not QUALIFIED.fullmatch(after):
            yield found[1], after.removeprefix("0:"), last
        elif full := dnf_tables.full_name(re.sub(r"^\d+:", "", word)):
            epoch = word.partition(":")[0] if re.match(r"\d+:", word) else "0"
            yield full[0], full[1] if epoch == "0" else f"{epoch}:{full[1]}", ""
