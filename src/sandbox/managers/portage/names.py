"""Package references as Gentoo has them, in this program's order: `[CATEGORY/]NAME[:SLOT][::REPOSITORY][=VERSION]`.

Grammar: the Package Manager Specification, chapter 3 (names and versions), and ebuild(5) for atoms. Portage itself has
a version as `=category/name-version`; it finds the category of a short name by itself, with a version too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from sandbox.errors import Advice, UsageError
from sandbox.managers.protocol import MAX_REFERENCE, PackageRef

if TYPE_CHECKING:
    from collections.abc import Iterable

CATEGORY: Final = r"[A-Za-z0-9_][A-Za-z0-9+_.-]*"
_PLAIN: Final = r"[A-Za-z0-9_][A-Za-z0-9+_-]*"
_SLOT: Final = r"[A-Za-z0-9_][A-Za-z0-9+_.-]*"
_REPOSITORY: Final = r"[A-Za-z0-9_][A-Za-z0-9_-]*"
_VERSION: Final = r"[0-9]+(?:\.[0-9]+)*[a-z]?(?:_(?:alpha|beta|pre|rc|p)[0-9]*)*(?:-r[0-9]+)?"

VERSION: Final = re.compile(_VERSION)
NAME: Final = re.compile(rf"(?:{CATEGORY}/)?{_PLAIN}(?::{_SLOT})?(?:::{_REPOSITORY})?")
FULL_VERSION: Final = re.compile(rf"({CATEGORY}/{_PLAIN}?)-({_VERSION})")
"""What portage calls a CPV: category, name and version; the greedy name takes all dashes but the version's."""
_VERSIONED: Final = re.compile(rf"[=<>~]*((?:{CATEGORY}/)?{_PLAIN})-({_VERSION})(:[^=]*)?")

EXPECTED: Final = "expected NAME, CATEGORY/NAME, NAME:SLOT or NAME=VERSION"
SHOWN: Final = 48


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
    """Return what emerge is given: the name, or `=category/name-version:slot` where there is a version."""
    if package.version is None:
        return package.name
    name = parts(package.name)
    return f"={name.package}-{package.version}{name.slot}{name.repository}"


def parse_reference(text: str) -> PackageRef:
    """Return the reference; raise UsageError that names the text and says what was expected."""
    name, equals, version = text.partition("=")
    if len(text) > MAX_REFERENCE:
        raise _refusal(text, f"is {len(text)} characters long; {MAX_REFERENCE} is the most")
    if problem := _name_problem(text, name):
        raise _refusal(text, problem, _corrections(text))
    if equals and not VERSION.fullmatch(version):
        raise _refusal(text, "has no valid version after =: expected such as 3.2.2, 1.0_rc1 or 9.1.0-r2")
    return PackageRef(name=name, version=version if equals else None)


def _refusal(text: str, problem: str, hints: Iterable[Advice] = ()) -> UsageError:
    """Return the error; the text is shortened and its control and non-ASCII characters are escaped."""
    plain = text[:SHOWN].encode("unicode_escape").decode("ascii")
    shown = f"{plain}..." if len(text) > SHOWN else plain
    return UsageError(f'"{shown}" {problem}', details=[("package names", EXPECTED)], hints=hints)


def _name_problem(text: str, name: str) -> str | None:
    """Say why the text names no package, or None."""
    if _VERSIONED.fullmatch(text):
        return "has its version behind a dash; here it stands behind ="
    if not name:
        return "names no package"
    if name.startswith("-"):
        return "looks like an option, not like a package"
    if name.startswith("@"):
        return "is a set; only packages can be tried"
    if name.startswith(("/", "./")):
        return "is a path; only packages of the distro's own tree can be tried"
    if not NAME.fullmatch(name):
        return _character_problem(name)
    return None


def _character_problem(name: str) -> str:
    """Say which part of the text is outside the grammar of names."""
    wrong = next((char for char in name if not re.match(r"[A-Za-z0-9+_./:-]", char)), None)
    if wrong is not None:
        return f"holds {wrong!a}, which no package name does"
    return "is no package name: at most one slash, and a letter or a digit at the start of each part"


def _corrections(text: str) -> tuple[Advice, ...]:
    """Return the command that was probably meant."""
    found = _VERSIONED.fullmatch(text)
    return (Advice.sandbox("try", f"{found[1]}{found[3] or ''}={found[2]}"),) if found else ()
