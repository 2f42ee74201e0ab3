"""What one distro's own index answers: a package by its name, what it is called there, or who provides a command."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct

from sandbox.core.fuzzy import nearest
from sandbox.core.plaintext import plain_line
from sandbox.errors import StepFailed, UsageError
from sandbox.managers.counterparts import names_here
from sandbox.managers.registry import data_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.managers.protocol import AvailableVersion, Found, Manager, Query
    from sandbox.managers.queries import Queries
    from sandbox.managers.registry import ManagerName

NEAREST: Final = 3
"""Names that are offered where the one that was asked for is not there."""
MOST: Final = 6
"""Packages that are looked at in a distro: each is a question of its own."""


class PackageMatch(Struct, frozen=True, kw_only=True):
    """A package of a distro's index: bytes to download and on disk, 0 where the index is silent.

    `versions` newest first, `version` the newest. `is_called_so`: by the very name that was asked for, else by the
    name that it has in this distro. `commands`: those it is known to provide.
    """

    package: str
    version: str
    versions: tuple[str, ...]
    download: int
    size: int
    commands: tuple[str, ...]
    summary: str
    is_called_so: bool = True


class IndexMatches(Struct, frozen=True, kw_only=True):
    """The package that was found, or else the nearest names; `is_unknown`: the index can't tell."""

    hits: tuple[PackageMatch, ...] = ()
    nearest: tuple[str, ...] = ()
    is_unknown: bool = False


class Ask(Protocol):
    """Puts a question to a sandbox; raises StepFailed where the manager gave no answer."""

    def __call__(self, query: Query[Found], /) -> tuple[Found, ...]:
        """Return the answer."""


class Index(Struct, frozen=True, kw_only=True):
    """The package index of one distro, open for questions."""

    name: ManagerName
    manager: Manager
    queries: Queries
    ask: Ask

    def find_package(self, name: str) -> IndexMatches:
        """Return the package of that name, or else its counterpart here, or else the nearest names."""
        own = self._hits([name])
        if own:
            return IndexMatches(hits=own)
        names = self.ask(self.queries.names())
        called = names_here(name, self.name, frozenset(names))[:NEAREST]
        if hits := self._hits(called, is_called_so=False):
            return IndexMatches(hits=hits)
        return IndexMatches(nearest=(*called, *nearest(name, names, NEAREST))[:NEAREST])

    def find_command(self, command: str) -> IndexMatches:
        """Return the packages that provide a command, its namesake first, else those that may: not all is known."""
        found = sorted(self.ask(self.queries.provides(command)), key=lambda name: (name != command, len(name), name))
        if hits := self._hits(found[:MOST], command=command):
            return IndexMatches(hits=hits)
        names = frozenset(self.ask(self.queries.names()))
        called = names_here(command, self.name, names)
        near = (*([command] if command in names else []), *called)[:NEAREST]
        return IndexMatches(nearest=near, is_unknown=not (near or data_of(self.name).knows_commands))

    def _hits(
        self, names: Sequence[str], *, command: str | None = None, is_called_so: bool = True
    ) -> tuple[PackageMatch, ...]:
        known = {name: offers for name in names if self._is_name(name) and (offers := self._offers(name))}
        commands = dict.fromkeys(known, (command,)) if command else self._commands(tuple(known))
        return tuple(
            hit_of(offers, commands=commands.get(name, ()), is_called_so=is_called_so) for name, offers in known.items()
        )

    def _offers(self, name: str) -> tuple[AvailableVersion, ...]:
        return self.ask(self.queries.versions(name))

    def _commands(self, names: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Return the commands of packages, as far as a small download shows them; a failure is ignored."""
        query = self.queries.commands_of(names) if names else None
        with suppress(StepFailed):
            return {found.name: found.commands for found in (self.ask(query) if query else ())}
        return {}

    def _is_name(self, name: str) -> bool:
        """Return whether a text, typed or come out of a container, is a name that this manager may be given."""
        with suppress(UsageError):
            return self.manager.parse_reference(name).version is None
        return False


def hit_of(offers: Sequence[AvailableVersion], *, commands: tuple[str, ...], is_called_so: bool) -> PackageMatch:
    """Return the package of these offers, newest first."""
    newest = offers[0]
    return PackageMatch(
        package=plain_line(newest.name),
        version=plain_line(newest.version),
        versions=tuple(dict.fromkeys(plain_line(offer.version) for offer in offers)),
        download=newest.download,
        size=newest.size,
        commands=tuple(plain_line(command) for command in commands),
        summary=plain_line(newest.summary),
        is_called_so=is_called_so,
    )
