"""Package references as rpm and its managers have them: `NAME[.ARCH][=VERSION]`, and `@GROUP` where groups exist.

Names: letters, digits and `+._-`, the first a letter or digit (rpm's own check is wider, no distro uses more).
Versions: `[EPOCH:]VERSION[-RELEASE]` with letters, digits and `._+~^`, rpm-version(7). Architectures: the ones that
distros build for, since a name may hold dots itself.
"""

from __future__ import annotations

import re
from typing import Final

from sandbox.managers.grammar import Grammar
from sandbox.managers.protocol import PackageRef

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]*")
VERSION: Final = re.compile(r"(?:[0-9]+:)?[A-Za-z0-9][A-Za-z0-9._+~^]*(?:-[A-Za-z0-9._+~^]+)?")
ARCHITECTURE: Final = re.compile(r"noarch|x86_64(?:_v[2-4])?|i[3-6]86|aarch64|armv7hl|ppc64le|riscv64|s390x")
QUALIFIED: Final = re.compile(rf"(.+)\.({ARCHITECTURE.pattern})")
FULL: Final = re.compile(
    rf"([^=\s]+)-([0-9][A-Za-z0-9._+~^]*-[0-9][A-Za-z0-9_+~^]*(?:\.[A-Za-z0-9_+~^]+)*?)(\.(?:{ARCHITECTURE.pattern}))"
)
"""How rpm lists what is installed."""


def _corrections(text: str) -> tuple[str, ...]:
    """Return the likely intended text: the version after =."""
    found = FULL.fullmatch(text)
    return (f"{found[1]}{found[3]}={found[2]}",) if found else ()


_GRAMMAR: Final = Grammar(
    name=NAME,
    characters=re.compile(r"[A-Za-z0-9+._-]"),
    version=VERSION,
    expected="expected NAME, NAME=VERSION or NAME.ARCH; names have letters, digits, +, -, _ and .",
    versions="[EPOCH:]VERSION[-RELEASE] such as 13.0.0-4.fc40",
    otherwise="a name that begins with a letter or a digit",
    marks=(
        (re.compile(r"[-!](?P<name>[A-Za-z0-9][^\s/]+)"), 'begins with a sign that zypper reads as "remove"'),
        (re.compile(r"[+~](?P<name>[A-Za-z0-9][^\s/]*)"), 'begins with a sign that zypper reads as "install"'),
        (
            re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9+._-]*):[A-Za-z0-9._-]+(?:/[a-z0-9_-]+)?"),
            "is a stream of a module, and sandbox installs only packages and groups",
        ),
        (re.compile(r"@\^?(?P<like>[A-Za-z0-9][A-Za-z0-9_.-]*)"), "is a group, which sandbox installs with dnf alone"),
        (
            re.compile(r"\^(?P<like>[A-Za-z0-9][A-Za-z0-9_.-]*)"),
            "is a group of environments; sandbox installs groups of packages",
        ),
        (
            re.compile(r"(?P<like>[A-Za-z0-9][A-Za-z0-9+._-]*)\([^\s()]*\)(?:\(64bit\))?"),
            "is what a package provides, not a name",
        ),
    ),
    texts=((FULL, "has its version after a dash; write it after ="),),
    corrections=_corrections,
    names=(
        (
            re.compile(r"(?=.*/)(?:[A-Za-z0-9+.:~_@/-]+|[A-Za-z]+://[!-~]+)"),
            "has a slash, and is no name in the index; a file begins with ./ or /",
        ),
    ),
)
parse_reference = _GRAMMAR.parse


def parse_with_groups(text: str) -> PackageRef:
    """Return the reference, which may be a group as `@development-tools`; a group has no version."""
    if not text.startswith("@"):
        return parse_reference(text)
    name = parse_reference(text[1:]).name
    if "=" in text:
        raise _GRAMMAR.refusal(text, "is a group of packages, and groups have no version")
    return PackageRef(name=f"@{name}")


def target(package: PackageRef) -> str:
    """Return the words of an install for a package: its file, or its label."""
    return package.file.path if package.file else label(package)


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
