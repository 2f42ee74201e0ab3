"""Package references as Debian's grammar has them: `NAME[:ARCH][=VERSION]`.

Names: Debian Policy 5.6.1 (at least two characters, lower case letters, digits and `+-.`, the first a letter or
digit). Versions: Policy 5.6.12, `[epoch:]upstream[-revision]`. Architectures: the `:ARCH` of apt-get(8).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.errors import Advice, UsageError
from sandbox.managers.protocol import MAX_REFERENCE, PackageRef

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME: Final = re.compile(r"[a-z0-9][a-z0-9+.-]+")
QUALIFIED: Final = re.compile(rf"{NAME.pattern}(?::[a-z0-9][a-z0-9-]*)?")
VERSION: Final = re.compile(r"(?:[0-9]+:)?[0-9][A-Za-z0-9.+~:-]*")
_PATH: Final = re.compile(r"[A-Za-z0-9+.:~_/-]+")

EXPECTED: Final = "expected NAME, NAME=VERSION or NAME:ARCH; names hold a-z, 0-9, +, - and ."
SHOWN: Final = 48


def parse_reference(text: str) -> PackageRef:
    """Return the reference; raise UsageError that names the text and says what was expected."""
    name, equals, version = text.partition("=")
    if len(text) > MAX_REFERENCE:
        raise _refusal(text, f"is {len(text)} characters long; {MAX_REFERENCE} is the most")
    if problem := _name_problem(name):
        raise _refusal(text, problem, _corrections(text))
    if equals and (problem := _version_problem(version)):
        raise _refusal(text, problem)
    return PackageRef(name=name, version=version if equals else None)


def _refusal(text: str, problem: str, hints: Iterable[Advice] = ()) -> UsageError:
    """Return the error; the text is shortened and its control and non-ASCII characters are escaped."""
    plain = text[:SHOWN].encode("unicode_escape").decode("ascii")
    shown = f"{plain}..." if len(text) > SHOWN else plain
    return UsageError(f'"{shown}" {problem}', details=[("package names", EXPECTED)], hints=hints)


def _name_problem(name: str) -> str | None:
    """Say why the text is no name of a package for apt-get, or None."""
    if not name:
        return "names no package"
    if name.startswith("-"):
        return "looks like an option, not like a package"
    if "/" in name and _PATH.fullmatch(name):
        return "holds a slash: files and NAME/RELEASE are not supported, only packages of the distro's own index"
    if name.endswith("-"):
        return "ends with a dash, which apt-get reads as an order to remove"
    if not QUALIFIED.fullmatch(name):
        return _character_problem(name)
    return None


def _character_problem(name: str) -> str:
    """Say which part of the text is outside the grammar of names."""
    if name != name.lower() and QUALIFIED.fullmatch(name.lower()):
        return "has capital letters; Debian's names are lower case"
    wrong = next((char for char in name if not re.match(r"[a-z0-9+.:-]", char)), None)
    if wrong is not None:
        return f"holds {wrong!a}, which no package name does"
    return "is no package name: two characters or more, and the first a letter or a digit"


def _corrections(text: str) -> tuple[Advice, ...]:
    """Return the command that was probably meant."""
    if (several := [word for word in re.split("[,;]", text) if word]) != [text]:
        return (Advice.sandbox("try", *several),) if several and all(map(QUALIFIED.fullmatch, several)) else ()
    lowered = text.lower()
    return (Advice.sandbox("try", lowered),) if QUALIFIED.fullmatch(lowered) and not lowered.endswith("-") else ()


def _version_problem(version: str) -> str | None:
    """Say why the text after `=` is no version that apt-get would take as it stands, or None."""
    if not VERSION.fullmatch(version):
        return "has no valid version after =: expected [EPOCH:]UPSTREAM[-REVISION] such as 13.0.0-4+b2"
    if version[-1] in "+-":
        return f"ends with {version[-1]}, which apt-get reads as an order and not as a part of the version"
    return None
