"""What each package manager's names of licences mean in SPDX's words, where that is certain. Pure.

Sources: Debian's copyright-format/1.0 (7.2); Fedora's names before it took SPDX
(https://docs.fedoraproject.org/en-US/legal/update-existing-packages/), of which those for several licences have no one
meaning (`MIT`, `BSD`, `LGPLv2+`); the texts in Gentoo's `licenses/`; PyPI's classifiers. `packaging` reads expressions:
license-expression 30.4.4 makes GPL-1.0-or-later of `GPL`, its own reference of Fedora's LicenseRef, and does not know
Apache-2.0+.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_FEDORA_WITH_SPDX: Final = 41
_RED_HAT_WITH_SPDX: Final = 10
_LONGEST: Final = 500
"""Characters of an expression to read."""
_GNU: Final = {
    f"{prefix}-{number}": f"{prefix}-{number if '.' in number else number + '.0'}"
    for prefix, numbers in (("GPL", "1 2 3"), ("LGPL", "2 2.1 3"), ("AGPL", "3"), ("GFDL", "1.1 1.2 1.3"))
    for number in numbers.split()
}
_GNU_NAMES: Final = {
    **{name: f"{new}-only" for name, new in _GNU.items()},
    **{f"{name}+": f"{new}-or-later" for name, new in _GNU.items()},
}
_DEBIAN: Final[Mapping[str, str]] = {
    name.lower(): spdx
    for name, spdx in {
        **_GNU_NAMES,
        "Expat": "MIT",
        "ISC": "ISC",
        "Zlib": "Zlib",
        "W3C-Software": "W3C",
        "GFDL-NIV-1.2": "GFDL-1.2-no-invariants-only",
        "GFDL-NIV-1.2+": "GFDL-1.2-no-invariants-or-later",
        "GFDL-NIV-1.3": "GFDL-1.3-no-invariants-only",
        "GFDL-NIV-1.3+": "GFDL-1.3-no-invariants-or-later",
        "Apache-2": "Apache-2.0",
        "MPL-2": "MPL-2.0",
        "BSL-1": "BSL-1.0",
        "CC0-1": "CC0-1.0",
        "Artistic-1": "",
        "X11": "",
        "W3C": "",
    }.items()
}
"""Short names in lower case, without `.0`; empty for one that people write for several (Artistic-1.0-Perl, -cl8).

`MIT` is none: "There are many versions of the MIT license. Please use Expat instead, when it matches."
"""
_FEDORA: Final[Mapping[str, str]] = {
    **{f"{kind}v{number}": f"{kind}-{number}.0-only" for kind in ("GPL", "AGPL") for number in (2, 3)},
    **{f"{kind}v{number}+": f"{kind}-{number}.0-or-later" for kind in ("GPL", "AGPL") for number in (2, 3)},
    "GPL+": "GPL-1.0-or-later",
    "LGPLv3": "LGPL-3.0-only",
    "LGPLv3+": "LGPL-3.0-or-later",
    "ASL 1.1": "Apache-1.1",
    "ASL 2.0": "Apache-2.0",
    "Artistic 2.0": "Artistic-2.0",
    "Boost": "BSL-1.0",
    "CC0": "CC0-1.0",
    "ISC": "ISC",
    "MPLv1.0": "MPL-1.0",
    "MPLv1.1": "MPL-1.1",
    "MPLv2.0": "MPL-2.0",
    "PostgreSQL": "PostgreSQL",
    "Unlicense": "Unlicense",
    "zlib": "Zlib",
}
_GENTOO: Final[Mapping[str, str]] = {
    **_GNU_NAMES,
    "BSD": "BSD-3-Clause",
    "BSD-2": "BSD-2-Clause",
    "BSD-4": "BSD-4-Clause",
    "Boost-1.0": "BSL-1.0",
    "ISC": "ISC",
    "MIT": "MIT",
    "PSF-2": "PSF-2.0",
    "Unlicense": "Unlicense",
    "ZLIB": "Zlib",
}
_CLASSIFIERS: Final[Mapping[str, str]] = {
    "MIT License": "MIT",
    "ISC License (ISCL)": "ISC",
    "Mozilla Public License 1.1 (MPL 1.1)": "MPL-1.1",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "GNU Affero General Public License v3": "AGPL-3.0-only",
    "GNU Affero General Public License v3 or later (AGPLv3+)": "AGPL-3.0-or-later",
    "Boost Software License 1.0 (BSL-1.0)": "BSL-1.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "CC0 1.0 Universal (CC0 1.0) Public Domain Dedication": "CC0-1.0",
    "European Union Public Licence 1.2 (EUPL 1.2)": "EUPL-1.2",
    "Universal Permissive License (UPL)": "UPL-1.0",
    "Zope Public License": "",
}
_DEPRECATED: Final = re.compile(r"((?:L|A)?GPL-\d\.\d|GFDL-\d\.\d)(\+?)")
WORD: Final = re.compile(r"\(|\)|[^\s()]+")


def licence_reader(manager: str, distro: str) -> Callable[[str], str | None]:
    """Return what makes an SPDX expression of a text, or None where it is not certain."""
    match manager:
        case "apt":
            return _debian
        case "dnf4" | "dnf5" | "zypper" | "microdnf" | "tdnf" | "yum" if not has_spdx_names(distro):
            return partial(_expression, names=_FEDORA)
        case "portage":
            return _gentoo
        case "xbps":
            return lambda text: spdx(" AND ".join(part.strip() for part in text.split(",")))
        case "cargo":
            return lambda text: spdx(text.replace("/", " OR "))
        case "pip":
            return lambda text: _CLASSIFIERS.get(text) or spdx(text)
        case _:
            return spdx


def has_spdx_names(distro: str) -> bool:
    """Return whether the rpms of a distro, `fedora 41`, name their licences as SPDX does.

    Fedora was done with release 41, on which Red Hat's 10 rests; SUSE's have them since 2011. Before, `MIT` stood for
    each of some forty texts.
    """
    name, _, release = distro.partition(" ")
    number = int(found[0]) if (found := re.match(r"\d{1,6}", release)) else 0
    if name.startswith(("opensuse", "sles")):
        return True
    if name == "fedora":
        return number >= _FEDORA_WITH_SPDX or release == "rawhide"
    return name in ("rocky", "almalinux", "centos", "rhel", "ol") and number >= _RED_HAT_WITH_SPDX


def spdx(text: str) -> str | None:
    """Return an SPDX expression in its normal form, None for a text that is none.

    A deprecated name is the one that SPDX's list has in its stead: GPL-2.0 is GPL-2.0-only.
    """
    from packaging.licenses import InvalidLicenseExpression, canonicalize_license_expression

    if not text.isascii() or len(text) > _LONGEST:
        return None
    try:
        found = canonicalize_license_expression(text)
    except InvalidLicenseExpression:
        return None
    return WORD.sub(lambda word: _current(word[0]), found)


def _current(word: str) -> str:
    found = _DEPRECATED.fullmatch(word)
    return f"{found[1]}-{'or-later' if found[2] else 'only'}" if found else word


def _leaf(name: str, names: Mapping[str, str], *, lower: bool = False) -> str | None:
    """Return a name of the table, or else one that SPDX has with a version in it: nobody writes that by chance."""
    key = re.sub(r"(?<=\d)(?:\.0)+(?=\+?$)", "", name) if lower else name
    found = names.get(name.lower()) if lower else names.get(name)
    if found is None and lower:
        found = names.get(key.lower())
    if found is not None:
        return found or None
    return spdx(name) if re.search(r"\d", name) and not re.search(r"\s", name) else None


def _expression(text: str, *, names: Mapping[str, str]) -> str | None:
    """Return the expression of names joined by `and`, `or` and parentheses."""
    words = [word.strip() for word in re.split(r"(\(|\)|\b(?:and|or|AND|OR)\b)", text) if word.strip()]
    return _join(words, lambda name: _leaf(name, names))


def _join(words: Sequence[str], leaf: Callable[[str], str | None]) -> str | None:
    found = [word.upper() if word.lower() in ("and", "or", "(", ")") else bracket(leaf(word)) for word in words]
    return None if None in found else spdx(" ".join(word for word in found if word))


def bracket(text: str | None) -> str | None:
    """Return an expression as it stands among others that all apply: a choice in brackets."""
    return f"({text})" if text and " OR " in text else text


def _debian(text: str) -> str | None:
    """Return the expression of a License field: `and` binds tighter than `or`, unless a comma stands before it."""
    parts = re.split(r",\s+(and|or)\s+", text)
    if "and" in parts[1::2] and "or" in parts[1::2]:
        return None
    found = [_debian_part(part) for part in parts[::2]]
    if len(found) == 1:
        return found[0]
    joint = f" {parts[1].upper()} "
    return None if None in found else spdx(joint.join(_bracket(part) for part in found if part))


def _bracket(text: str) -> str:
    return f"({text})" if " OR " in text or " AND " in text else text


def _debian_part(text: str) -> str | None:
    words = [word.strip() for word in re.split(r"\b(and/or|and|or)\b", text)]
    return None if "and/or" in words else _join(words, lambda name: _leaf(name, _DEBIAN, lower=True))


def _gentoo(text: str) -> str | None:
    """Return the expression of a LICENSE: names side by side all apply, of a group `|| ( )` one (PMS 8.2)."""
    words = text.split()[:_LONGEST]
    found, rest = _gentoo_group(words, " AND ")
    return spdx(found) if found and not rest else None


def _gentoo_group(words: Sequence[str], joint: str) -> tuple[str, Sequence[str]]:
    parts: list[str] = []
    while words and words[0] != ")":
        head, words = words[0], words[1:]
        if head in ("||", "("):
            if head == "||":
                if words[:1] != ["("]:
                    return "", words
                words = words[1:]
            inner, words = _gentoo_group(words, " OR " if head == "||" else " AND ")
            if not inner or words[:1] != [")"]:
                return "", words
            parts, words = [*parts, f"({inner})"], words[1:]
        elif name := _leaf(head, _GENTOO):
            parts.append(name)
        else:
            return "", ["?"]
    return joint.join(parts), words
