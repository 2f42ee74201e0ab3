"""What a package is called in another family of distros: a small reviewed table, for hints and for promotion.

It is no authority: a distro's own index decides whether a name exists there, and nothing is ever installed under a name
that the user did not type. Where several names are given, releases differ, or any of them will do; the usual one first.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sandbox.errors import UsageError
from sandbox.managers.registry import data_of, manager_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from sandbox.managers.counterparts_table import Counterpart
    from sandbox.managers.registry import ManagerName


def family_of(manager: ManagerName) -> str:
    """Return the family whose names a package manager's distros share; the table may have no column for it."""
    return data_of(manager).family


def counterparts(name: str, from_family: str, to_family: str) -> tuple[str, ...]:
    """Return what a family's package is called in another family, none where the table does not know it."""
    from sandbox.managers.counterparts_table import ROWS

    found = [row.names.get(to_family, ()) for row in ROWS if name in row.names.get(from_family, ())]
    return tuple(dict.fromkeys(word for words in found for word in words))


def name_in(name: str, from_family: str, to_family: str, index: Collection[str]) -> str | None:
    """Return what a family's package is called in another: by the table, else by its own name, if that index has it.

    A category before it, as Gentoo's, is found where one alone has the name.
    """
    known = counterparts(name, from_family, to_family) if from_family and to_family else ()
    plain = name.rpartition("/")[2]
    for candidate in (*known, name, plain):
        if candidate in index:
            return candidate
    inside = [found for found in index if found.rpartition("/")[2] == plain]
    return inside[0] if len(inside) == 1 else None


def foreign_name(name: str, family: str, to_family: str) -> str:
    """Return what a family's package is called by nix or Homebrew, where no index is asked; empty where none is known.

    Headers are left out: an environment of packages has none of them.
    """
    from sandbox.managers.counterparts_table import ROWS, SAME

    rows = [row for row in ROWS if not row.is_headers and name in row.names.get(family, ())]
    found = [there for row in rows for there in row.names.get(to_family, ())]
    return found[0] if found else _plain(name) if _plain(name) in SAME else ""


def also_known_as(name: str, family: str) -> tuple[str, ...]:
    """Return a family's names for what any family, or people, call so; the name itself is not among them.

    Letter case is ignored, and so is a category before a slash.
    """
    from sandbox.managers.counterparts_table import ROWS

    plain = _plain(name)
    found = [row.names.get(family, ()) for row in ROWS if plain in _all_names(row)]
    return tuple(dict.fromkeys(word for words in found for word in words if word != name))


def names_here(name: str, manager: ManagerName, index: Collection[str]) -> tuple[str, ...]:
    """Return what a manager's distros call it, as far as the distro's own index has those names."""
    family = family_of(manager)
    known = also_known_as(name, family)
    return tuple(found for found in known if found in index or _is_group(found, manager))


def _is_group(name: str, manager: ManagerName) -> bool:
    """Return whether it is a group of packages, which no list of names holds, and the manager knows groups."""
    if not name.startswith("@"):
        return False
    with suppress(UsageError):
        return manager_of(manager).parse_reference(name).name == name
    return False


def _all_names(row: Counterpart) -> set[str]:
    names = (word for words in row.names.values() for word in words)
    return {_plain(word) for word in (*names, *row.aliases)}


def _plain(name: str) -> str:
    return name.lower().rpartition("/")[2]
