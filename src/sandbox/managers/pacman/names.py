"""Names and versions as pacman has them: PKGBUILD(5), pkgname, pkgver, pkgrel and epoch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.managers.grammar import Grammar

if TYPE_CHECKING:
    from sandbox.managers.protocol import PackageRef

NAME: Final = re.compile(r"[A-Za-z0-9@_+][A-Za-z0-9@._+-]*")
VERSION: Final = re.compile(r"(?:[0-9]+:)?[A-Za-z0-9][A-Za-z0-9._+~]*(?:-[0-9]+(?:\.[0-9]+)?)?")
REPOSITORIES: Final = "core|extra|community|multilib|(?:core-|extra-|community-|multilib-|)(?:testing|staging)|aur"
"""Of Arch Linux (pacman.conf(5), and its own file), with the one that is none of pacman's."""
_GRAMMAR: Final = Grammar(
    name=NAME,
    characters=re.compile(r"[A-Za-z0-9@._+-]"),
    version=VERSION,
    expected="expected NAME or NAME=VERSION; names have letters, digits, @, ., _, + and -, and don't begin with - or .",
    versions="a version such as 1.7.1-2",
    marks=(
        (
            re.compile(rf"(?:{REPOSITORIES})/(?P<name>[^\s/]+)"),
            "names its repository; use the name alone",
        ),
        (re.compile(r"[!^](?P<name>[^\s/]+)"), "has a sign before its name that only pacman's settings know"),
    ),
)
parse_reference = _GRAMMAR.parse


def target(package: PackageRef) -> str:
    """Return a package as pacman takes it; a repository holds one version, so that another is none."""
    return package.name if package.version is None else f"{package.name}={package.version}"
