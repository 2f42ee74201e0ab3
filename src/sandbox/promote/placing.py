"""Packages from a place that the package index would not choose, and how a promotion names it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final, Protocol

from msgspec.structs import replace

from sandbox.core.plaintext import plain_line
from sandbox.errors import UsageError
from sandbox.lifecycle.journal import RecordedPackage
from sandbox.managers.choices import SECRET, Choice
from sandbox.managers.registry import data_of, manager_of, queries_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox.managers.protocol import Found, Package, Query
    from sandbox.managers.registry import ManagerName


class AskOrNone(Protocol):
    """A query to the sandbox's manager; returns None without an answer."""

    def __call__(self, query: Query[Found], /) -> tuple[Found, ...] | None:
        """Return the parsed answer."""


ANY: Final = ("", "all", "any", "noarch", "(none)")
"""Architectures of packages for all architectures."""
FILES: Final = ("commandline", "System", "installed")
"""Origins in the managers' output for a package from no repository, or unknown."""
MOST: Final = 40
"""Most packages to query one by one; each takes half a second."""


def entries_with_places(
    entries: Sequence[RecordedPackage],
    came: Sequence[Package],
    installed: Iterable[Package],
    manager: ManagerName,
    ask: AskOrNone,
) -> tuple[RecordedPackage, ...]:
    """Return a record's entries, each that `came` with its place where a host would not choose the same by itself.

    `came` are the packages that are there in a version in which they were not before. Where apt brought what they need
    from such a place, too, that is added as needed by the rest: apt-get takes one version by its name, and looks for
    the others where it looks anyway. What can't be asked stays as it is: its proof compares versions.
    """
    versions = {row.name: row for row in came if not row.source}
    own = [entry for entry in entries if not (entry.source or entry.file) and entry.name in versions]
    if not own:
        return tuple(entries)
    names = [*versions] if data_of(manager).takes_one_alone else [entry.name for entry in own]
    known = _choices(names, manager, ask)
    native = _native(installed)
    found = tuple(
        _with_place(entry, versions[entry.name], known.get(entry.name), manager, native) if entry in own else entry
        for entry in entries
    )
    if not any(entry.place for entry in found):
        return found
    there = {entry.name for entry in entries}
    rest = (
        _with_place(
            RecordedPackage(name=row.name, version=row.version, origin="locked"),
            row,
            known.get(row.name),
            manager,
            native,
        )
        for row in came
        if data_of(manager).takes_one_alone and not row.source and row.name not in there
    )
    return (*found, *(entry for entry in rest if entry.place))


def _choices(names: Sequence[str], manager: ManagerName, ask: AskOrNone) -> Mapping[str, Choice]:
    """Return the manager's answer for each name that it knows."""
    query = queries_of(manager).choices(names)
    if query is not None:
        return {row.name: row for row in ask(query) or ()}
    found = (_choice_of(name, manager, ask) for name in names[:MOST])
    return {row.name: row for row in found if row is not None}


def _choice_of(name: str, manager: ManagerName, ask: AskOrNone) -> Choice | None:
    """Return the chosen version of a name among those in the index, or None if unknown."""
    offers = ask(queries_of(manager).versions(name))
    if offers is None or (not offers and (not data_of(manager).is_sure or not ask(queries_of(manager).names()))):
        return None
    first = next((offer for offer in offers if offer.name == name), offers[0] if offers else None)
    places: dict[str, tuple[str, ...]] = {}
    for offer in offers:
        place = f"the repository {offer.repository}" if offer.repository else ""
        places[offer.version] = (*places.get(offer.version, ()), place)
    return Choice(name=name, chosen=first.version if first else "", places=places)


def _native(installed: Iterable[Package]) -> str:
    counts = Counter(row.architecture for row in installed if row.architecture not in ANY and not row.source)
    return counts.most_common(1)[0][0] if counts else ""


def _with_place(
    entry: RecordedPackage, package: Package, choice: Choice | None, manager: ManagerName, native: str
) -> RecordedPackage:
    """Return an entry with its place, or with the reason why it can't be promoted."""
    entry = replace(entry, place="", barred="")
    if not data_of(manager).names_architectures and package.architecture not in (*ANY, native):
        return replace(entry, barred=f"it is for the architecture {package.architecture}, which {manager} can't name")
    if choice is None or not choice.is_known or choice.chosen == entry.version:
        return entry
    places = choice.places.get(entry.version)
    origin = plain_line(SECRET.sub("//", package.origin), 120)
    is_named = bool(origin) and origin not in FILES
    if places is None and is_named:
        has = choice.chosen or "no version of it"
        return replace(entry, barred=f"it is from {origin}, but the sandbox's package index has {has}")
    if places is None:
        has = f"they have {choice.chosen}" if choice.chosen else "none has any version of it"
        return replace(
            entry, barred=f"no repository of the sandbox has this version, so it probably came from a file: {has}"
        )
    known = f"the repository {origin}" if is_named else ""
    place = next((text for text in (*places, known) if text), f"an index that prefers {choice.chosen or 'none of it'}")
    if place.startswith("@"):
        return replace(entry, barred=f"it is from {place}, a repository that {manager} uses only by its tag")
    if not _is_in_grammar(f"{entry.name}={entry.version}", manager):
        return replace(entry, barred=f"it is from {place}, and {manager} can't install that version by name")
    return replace(entry, pinned=True, place=place)


def _is_in_grammar(text: str, manager: ManagerName) -> bool:
    try:
        manager_of(manager).parse_reference(text)
    except UsageError:
        return False
    return True
