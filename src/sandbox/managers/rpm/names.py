"""Package references as rpm and its managers have them: `NAME[.ARCH][=VERSION]`, and `@GROUP` where groups exist.

Names: letters, digits and `+._-`, the first a letter or digit (rpm's own check is wider, no distro uses more).
Versions: `[EPOCH:]VERSION[-RELEASE]` with letters, digits and `._+~^`, rpm-version(7). Architectures: the ones that
distros build for, since a name may hold dots itself.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.errors import Advice, UsageError
from sandbox.managers.protocol import MAX_REFERENCE, PackageRef

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]*")
VERSION: Final = re.compile(r"(?:[0-9]+:)?[A-Za-z0-9][A-Za-z0-9._+~^]*(?:-[A-Za-z0-9._+~^]+)?")
ARCHITECTURE: Final = re.compile(r"noarch|x86_64(?:_v[2-4])?|i[3-6]86|aarch64|armv7hl|ppc64le|riscv64|s390x")
QUALIFIED: Final = re.compile(rf"(.+)\.({ARCHITECTURE.pattern})")
_PATH: Final = re.compile(r"[A-Za-z0-9+.:~_@/-]+")
_URL: Final = re.compile(r"[A-Za-z]+://[!-~]+")

EXPECTED: Final = "expected NAME, NAME=VERSION or NAME.ARCH; names hold letters, digits, +, -, _ and ."
SHOWN: Final = 48


def parse_reference(text: str) -> PackageRef:
    """Return the reference; raise UsageError that names the text and says what was expected."""
    name, equals, version = text.partition("=")
    if len(text) > MAX_REFERENCE:
        raise _refusal(text, f"is {len(text)} characters long; {MAX_REFERENCE} is the most")
    if problem := _name_problem(name):
        raise _refusal(text, problem)
    if equals and not VERSION.fullmatch(version):
        raise _refusal(text, "has no valid version after =: expected [EPOCH:]VERSION[-RELEASE] such as 13.0.0-4.fc40")
    return PackageRef(name=name, version=version if equals else None)


def parse_with_groups(text: str) -> PackageRef:
    """Return the reference, which may be a group as `@development-tools`; a group has no version."""
    if not text.startswith("@"):
        return parse_reference(text)
    name = parse_reference(text[1:]).name
    if "=" in text:
        raise _refusal(text, "is a group of packages, which has no version")
    return PackageRef(name=f"@{name}")


def label(package: PackageRef) -> str:
    """Return `NAME-VERSION.ARCH` as rpm(8) and dnf(8) name a package, without what the reference does not say."""
    if package.version is None:
        return package.name
    if found := QUALIFIED.fullmatch(package.name):
        return f"{found[1]}-{package.version}.{found[2]}"
    return f"{package.name}-{package.version}"


def bare(package: PackageRef) -> str:
    """Return the name without its architecture."""
    found = QUALIFIED.fullmatch(package.name)
    return found[1] if found else package.name


def _refusal(text: str, problem: str, hints: Iterable[Advice] = ()) -> UsageError:
    """Return the error; the text is shortened and its control and non-ASCII characters are escaped."""
    plain = text[:SHOWN].encode("unicode_escape").decode("ascii")
    shown = f"{plain}..." if len(text) > SHOWN else plain
    return UsageError(f'"{shown}" {problem}', details=[("package names", EXPECTED)], hints=hints)


def _name_problem(name: str) -> str | None:
    """Say why the text is no name of a package, or None."""
    if not name:
        return "names no package"
    if name.startswith("-"):
        return "looks like an option, not like a package"
    if "/" in name and (_PATH.fullmatch(name) or _URL.fullmatch(name)):
        return "holds a slash: files and addresses are not supported, only packages of the distro's own index"
    if NAME.fullmatch(name):
        return None
    wrong = next((char for char in name if not re.match(r"[A-Za-z0-9+._-]", char)), None)
    if wrong is not None:
        return f"holds {wrong!a}, which no package name does"
    return "is no package name: the first character is a letter or a digit"
