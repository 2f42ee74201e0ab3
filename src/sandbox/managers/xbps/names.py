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
_FULL: Final = re.compile(rf"({NAME.pattern})-([0-9][A-Za-z0-9.+~]*_[0-9]+)")
"""How xbps-query lists what is installed."""


def _corrections(text: str) -> tuple[str, ...]:
    """Return the likely intended text: the version after =."""
    found = _FULL.fullmatch(text)
    return (f"{found[1]}={found[2]}",) if found else ()


_GRAMMAR: Final = Grammar(
    name=NAME,
    characters=re.compile(r"[A-Za-z0-9_+.-]"),
    version=VERSION,
    expected="expected NAME or NAME=VERSION; names have letters, digits, _, +, - and ., and don't begin with +, - or .",
    versions="a version such as 1.7.1_2",
    marks=(
        (
            re.compile(r"(?:current/)?(?:current|nonfree|multilib|debug|bootstrap)/(?P<name>[^\s/]+)"),
            "names its repository; use the name alone",
        ),
    ),
    texts=((_FULL, "has its version after a dash; write it after ="),),
    corrections=_corrections,
)
parse_reference = _GRAMMAR.parse


def expression(package: PackageRef) -> str:
    """Return a package in xbps's form, such as `jq-1.7.1_2` if it has a version."""
    return package.name if package.version is None else f"{package.name}-{package.version}"
