"""Language packages in an inspection: what pip, npm, cargo, gem, go and luarocks installed, and how to uninstall it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from sandbox.container.diff import added_packages
from sandbox.container.language_metadata import merge_listings, own_sizes, parse_metadata
from sandbox.container.languages import language_commands, language_folders, language_packages
from sandbox.inspect.file_changes import PathPrefixes
from sandbox.managers.metadata import Fact
from sandbox.managers.protocol import full_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.container.box import Box
    from sandbox.container.snapshot import Snapshot
    from sandbox.engine.protocol import Argv
    from sandbox.inspect.measured import Measured
    from sandbox.managers.languages.base import LanguageManager
    from sandbox.managers.languages.metadata import PackageMetadata
    from sandbox.managers.protocol import Package, PackageRef
    from sandbox.provision.plan import Plan


class LanguagePackages:
    """The packages of a plan's language managers; created before they install. Empty if the plan has none."""

    def __init__(self, box: Box, plan: Plan) -> None:
        self._box = box
        self._plan = plan
        self.before = self.packages()

    def packages(self) -> tuple[Package, ...]:
        """Return what their managers list now, by name with prefix."""
        return tuple(merge_listings(language_packages(self._box, self._plan.languages), ()))

    def merge_into(self, measured: Measured) -> Measured:
        """Return the measurement with the new packages of languages: packages, files, needs and licences."""
        if not self._plan.languages:
            return measured
        came, facts = self.arrivals(measured.before, measured.after, measured.came)
        places = PathPrefixes((*language_folders(), *language_commands(self._box)))
        mine = frozenset(path for path in measured.difference.added if path in places)
        return replace(
            measured,
            came=(*measured.came, *came),
            facts=(*measured.facts, *facts),
            owned=None if measured.owned is None else measured.owned | mine,
        )

    def arrivals(
        self, before: Snapshot, after: Snapshot, distros: Iterable[Package]
    ) -> tuple[tuple[Package, ...], tuple[Fact, ...]]:
        """Return the new packages of languages, with the bytes of their files, and their needs and licences.

        `distros` are the packages of the distro that came.
        """
        listed = language_packages(self._box, self._plan.languages)
        said = parse_metadata(after.contents)
        there = merge_listings((), parse_metadata(before.contents))  # bundled packages that no manager lists
        came = added_packages((*self.before, *there), tuple(merge_listings(listed, said)))
        sizes = own_sizes(after.contents, {path: entry.size for path, entry in after.entries.items() if entry.size})
        came = tuple(replace(row, size=sizes.get((row.full_name, row.version), row.size)) for row in came)
        return came, tuple(self._facts(said, listed, distros))

    def _facts(
        self, said: Iterable[PackageMetadata], listed: Iterable[Package], came: Iterable[Package]
    ) -> Iterable[Fact]:
        """Return the facts, with the dependency of the requested packages on the distro's packages of their manager."""
        there = {package.name for package in came}
        runtime = tuple(ref.name for ref in self._plan.runtime if ref.name in there)
        known = {(row.full_name, row.version): _listed_fact(row) for row in listed}
        asked = {*known}
        known |= {(one.full_name, one.version): one.fact for one in said}
        for ref in self._plan.packages:
            if ref.source:
                own = [key for key in known if key[0] == ref.full_name]
                for key in [key for key in own if key in asked] or own or [(ref.full_name, "")]:
                    fact = known.get(key) or Fact(name=ref.full_name)
                    known[key] = replace(fact, needs=(*fact.needs, *runtime))
        return known.values()

    def removals(self, measured: Measured) -> Iterator[tuple[LanguageManager, Argv, Argv]]:
        """Yield the commands that remove what came of the languages, the last first, each with its manager.

        Each as it is to be told of, and as it is run.
        """
        for language in reversed(self._plan.languages):
            mine = (row for row in measured.came if language.names and row.name.startswith(f"{language.name}:"))
            came = " ".join(f"{row.name}={row.version}" for row in mine)
            for argv in language.remove(self._plan.of(language.name)):
                yield language, argv, ("env", f"came={came}", *argv) if came else argv

    def distros(self, came: Iterable[Package], before: Iterable[Package]) -> tuple[PackageRef, ...]:
        """Return the distro's packages to remove: those asked for, and those that came to bring a manager.

        What was there before, and is as it was, did not come: a host has it with or without an installation.
        """
        there = {package.name for package in came}
        kept = {package.name for package in before} - there
        asked = (ref for ref in self._plan.of("") if ref.name not in kept)
        return (*asked, *(ref for ref in self._plan.runtime if ref.name in there))


def _listed_fact(row: Package) -> Fact:
    needs = tuple(full_name(row.source, need) for need in row.needs)
    return Fact(name=row.full_name, version=row.version, needs=needs)
