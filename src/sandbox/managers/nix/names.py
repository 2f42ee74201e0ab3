"""Package references for nix: `ATTRIBUTE[.ATTRIBUTE...][=VERSION]`, as nixpkgs names its packages.

An attribute (`python3Packages.httpie`) is what is asked for; a derivation's name (`python3.12-httpie-3.2.4`) is what is
installed and listed. Grammar: the Nix manual's identifiers, less the quote; a derivation's version begins behind the
first dash that no letter follows (builtins.parseDrvName).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.managers.grammar import Grammar

if TYPE_CHECKING:
    from sandbox.managers.protocol import PackageRef

_ATTRIBUTE: Final = r"[A-Za-z0-9_][A-Za-z0-9_-]*"
ATTRIBUTE: Final = re.compile(rf"{_ATTRIBUTE}(?:\.{_ATTRIBUTE})*")
VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
CHANNEL: Final = re.compile(r"(?:nixpkgs|nixos)[.#]")


def _corrections(text: str) -> tuple[str, ...]:
    """Return the likely intended text: the attribute without its channel."""
    bare = CHANNEL.sub("", text, count=1)
    name = bare.partition("=")[0]
    return (bare,) if bare != text and ATTRIBUTE.fullmatch(name) and not CHANNEL.match(name) else ()


_GRAMMAR: Final = Grammar(
    name=ATTRIBUTE,
    characters=re.compile(r"[A-Za-z0-9_.-]"),
    version=VERSION,
    expected="expected ATTRIBUTE or ATTRIBUTE=VERSION; attributes have a-z, A-Z, 0-9, _ and -, separated by dots",
    versions="such as 3.3.0 or 0-unstable-2024-05-01",
    otherwise="has an empty part between dots",
    names=((re.compile(rf"{CHANNEL.pattern}(?s:.*)"), "names its channel; use the attribute alone"),),
    noun="attribute",
    corrections=_corrections,
)
parse_reference = _GRAMMAR.parse


def pinned_reference(package: PackageRef) -> str:
    """Return the Nix function that gives the package to `nix-env -iE`, in its version where it has one.

    A channel has one version of most packages; of others it has more under numbered attributes (`nodejs_22`), which
    are looked through. Names and versions are inside the grammar, so that none of them ends a string of Nix. It has no
    `$`, which a linter of promoted scripts would take for the shell's.
    """
    *parents, last = package.name.split(".")
    place = "".join(("(import <nixpkgs> { })", *(f'."{parent}"' for parent in parents)))
    missing = f'throw "no package {package.name}"'
    if package.version is None:
        return f'_: {place}."{last}" or ({missing})'
    return (
        f"_: let s = {place}{' or { }' if parents else ''};"
        f' n = builtins.filter (a: builtins.match "{last}(_?[0-9_]+)?" a != null'
        f' && (builtins.tryEval (((builtins.getAttr a s).version or "") == "{package.version}")).value)'
        " (builtins.attrNames s);"
        " in if n != [ ] then builtins.getAttr (builtins.head n) s"
        f' else if s ? "{last}" then throw "no version {package.version} of {package.name}" else {missing}'
    )


def split(derivation: str) -> tuple[str, str]:
    """Return the name and version of a derivation; without a version that is empty."""
    found = _VERSION_START.search(derivation)
    return (derivation[: found.start()], derivation[found.end() :]) if found else (derivation, "")


_VERSION_START: Final = re.compile(r"-(?=[^A-Za-z])")
