"""Package URLs (purl): how the packages of each manager are named across tools.

Source: https://github.com/package-url/purl-spec, types deb, rpm, apk, alpm, pypi, npm, cargo, gem, golang, luarocks.
`ebuild` and `nix` are on its list of types to come, and are what Syft and sbomnix write. xbps has none: `generic`.
`+` is `%2B` and an epoch's `:` stays, as the specification's grammar and packageurl-python have it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.inspect.bill import Bill, Item

_TYPES: Final[Mapping[str, str]] = {
    "apt": "deb",
    "apk": "apk",
    "dnf4": "rpm",
    "dnf5": "rpm",
    "zypper": "rpm",
    "microdnf": "rpm",
    "tdnf": "rpm",
    "yum": "rpm",
    "pacman": "alpm",
    "portage": "ebuild",
    "nix": "nix",
    "xbps": "generic",
    "pip": "pypi",
    "npm": "npm",
    "cargo": "cargo",
    "gem": "gem",
    "go": "golang",
    "luarocks": "luarocks",
}
_SPACES: Final[Mapping[str, str]] = {"rpm": "{distro}", "deb": "{distro}", "apk": "{distro}", "alpm": "{distro}"}
"""Types whose namespace is the vendor: the distro."""


def purl(item: Item, bill: Bill) -> str:
    """Return the package URL of a package of a bill."""
    from packageurl import PackageURL

    kind = _TYPES.get(item.manager, "generic")
    space, _, name = item.name.rpartition("/") if kind in ("npm", "golang", "ebuild") else ("", "", item.name)
    version, qualifiers = item.version, dict[str, str]()
    if item.manager == bill.manager:
        space = space or _SPACES.get(kind, "").format(distro=vendor(bill.distro))
        qualifiers = {"arch": item.architecture, "distro": _distro(kind, bill)}
        if kind == "rpm" and ":" in version:
            qualifiers["epoch"], _, version = version.partition(":")
    known = {key: value for key, value in qualifiers.items() if value not in ("", "(none)")}
    return PackageURL(kind, space or None, name, version or None, known).to_string()


def vendor(distro: str) -> str:
    """Return the namespace of a distro's packages: openSUSE's is `opensuse`, whichever of its distros it is."""
    return "opensuse" if distro.startswith("opensuse") else distro


def _distro(kind: str, bill: Bill) -> str:
    """Return the qualifier: `bookworm` for Debian's kin, as in the specification's examples, else `fedora-41`."""
    return bill.release if kind == "deb" else f"{bill.distro}-{bill.release}"
