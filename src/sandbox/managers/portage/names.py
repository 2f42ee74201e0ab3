"""Package references as Gentoo has them, in this program's order: `[CATEGORY/]NAME[:SLOT][::REPOSITORY][=VERSION]`.

Grammar: the Package Manager Specification, chapter 3 (names and versions), and ebuild(5) for atoms. Portage itself has
a version as `=category/name-version`; it finds the category of a short name by itself, with a version too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from sandbox.managers.grammar import Grammar

if TYPE_CHECKING:
    from sandbox.managers.protocol import PackageRef

CATEGORY: Final = r"[A-Za-z0-9_][A-Za-z0-9+_.-]*"
_PLAIN: Final = r"[A-Za-z0-9_][A-Za-z0-9+_-]*"
_SLOT: Final = r"[A-Za-z0-9_][A-Za-z0-9+_.-]*"
_REPOSITORY: Final = r"[A-Za-z0-9_][A-Za-z0-9_-]*"
_VERSION: Final = r"[0-9]+(?:\.[0-9]+)*[a-z]?(?:_(?:alpha|beta|pre|rc|p)[0-9]*)*(?:-r[0-9]+)?"

VERSION: Final = re.compile(_VERSION)
NAME: Final = re.compile(rf"(?:{CATEGORY}/)?{_PLAIN}(?::{_SLOT})?(?:::{_REPOSITORY})?")
FULL_VERSION: Final = re.compile(rf"({CATEGORY}/{_PLAIN}?)-({_VERSION})")
"""Portage's CPV: category, name and version; the greedy name takes all dashes except the version's."""
_VERSIONED: Final = re.compile(rf"[=<>~]*((?:{CATEGORY}/)?{_PLAIN})-({_VERSION})(:[^=]*)?")


class Parts(NamedTuple):
    """A name cut at its marks: `dev-lang/python`, `:3.12` or nothing, `::gentoo` or nothing."""

    package: str
    slot: str
    repository: str


def parts(name: str) -> Parts:
    """Return the parts of a name that is inside the grammar."""
    rest, mark, repository = name.partition("::")
    package, colon, slot = rest.partition(":")
    return Parts(package, colon + slot, mark + repository)


def atom(package: PackageRef) -> str:
    """Return emerge's argument: the name, or `=category/name-version:slot` if there is a version."""
    if package.version is None:
        return package.name
    name = parts(package.name)
    return f"={name.package}-{package.version}{name.slot}{name.repository}"


def _corrections(text: str) -> tuple[str, ...]:
    """Return the likely intended text: the version after =."""
    found = _VERSIONED.fullmatch(text)
    return (f"{found[1]}{found[3] or ''}={found[2]}",) if found else ()


_GRAMMAR: Final = Grammar(
    name=NAME,
    characters=re.compile(r"[A-Za-z0-9+_./:-]"),
    version=VERSION,
    expected="expected NAME, CATEGORY/NAME, NAME:SLOT or NAME=VERSION",
    versions="such as 3.2.2, 1.0_rc1 or 9.1.0-r2",
    otherwise="a name with at most one slash, whose parts begin with a letter or a digit",
    marks=(
        (re.compile(r"!!?(?P<name>.+)"), 'begins with !, which means "blocks" in ebuilds'),
        (
            re.compile(r"(?P<name>[^\s\[\]]+)\[[^\s\[\]]*\]"),
            "has USE flags in brackets, and sandbox installs with those of the profile",
        ),
    ),
    texts=((_VERSIONED, "has its version after a dash; write it after ="),),
    names=(
        (re.compile(r"@(?s:.*)"), "is a set; sandbox can only install packages"),
        (re.compile(r"(?:/|\./)(?s:.*)"), "is a path; sandbox can only install packages of the distro's own tree"),
    ),
    corrections=_corrections,
)
parse_reference = _GRAMMAR.parse
