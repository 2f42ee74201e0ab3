"""Names and versions as xbps has them: `NAME-VERSION_REVISION`, by xbps-install(1) and its package expressions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.managers.grammar import Grammar

if TYPE_CHECKING:
    from sandbox.managers.protocol import PackageRef

NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_+.-]*")
VERSION: Final = re.compile(r"[0-9A-Za-z][A-Za-z0-9._+~-]*")
PKGVER: Final = re.compile(rf"({NAME.pattern})-([^-\s]+_[0-9]+)")
_GRAMMAR: Final = Grammar(
    name=NAME,
    characters=re.compile(r"[A-Za-z0-9_+.-]"),
    version=VERSION,
    expected="expected NAME or NAME=VERSION; names have letters, digits, _, +, - and ., and don't begin with +, - or .",
    versions="a version such as 1.7.1_2",
)
parse_reference = _GRAMMAR.parse


def expression(package: PackageRef) -> str:
    """Return a package in xbps's form, such as `jq-1.7.1_2` if it has a version."""
    return package.name if package.version is None else f"{package.name}-{package.version}"
