"""Package references as Debian's grammar has them: `NAME[:ARCH][=VERSION]` or `NAME[:ARCH]/RELEASE`.

Names: Debian Policy 5.6.1 (at least two characters, lower case letters, digits and `+-.`, the first a letter or
digit). Versions: Policy 5.6.12, `[epoch:]upstream[-revision]`. Architectures: the `:ARCH` of apt-get(8).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.managers.grammar import Grammar
from sandbox.managers.protocol import OWN_ARCHITECTURES

if TYPE_CHECKING:
    from sandbox.managers.protocol import PackageRef

NAME: Final = re.compile(r"[a-z0-9][a-z0-9+.-]+")
RELEASE: Final = re.compile(r"[a-z][a-z0-9.-]{1,60}")
"""A suite or a codename, as `stable` or `bookworm-backports` (apt-get(8), NAME/RELEASE)."""
QUALIFIED: Final = re.compile(rf"{NAME.pattern}(?::[a-z0-9][a-z0-9-]*)?")


_BOTH: Final = re.compile(rf"({QUALIFIED.pattern}/{RELEASE.pattern})=.+")
"""A release and a version, of which apt-get takes one."""


def _corrections(text: str) -> tuple[str, ...]:
    """Return the likely intended texts: several packages, a release without a version, or the name in lower case."""
    if found := _BOTH.fullmatch(text):
        return (found[1],)
    if (several := [word for word in re.split("[,;]", text) if word]) != [text]:
        return tuple(several) if all(map(QUALIFIED.fullmatch, several)) else ()
    lowered = text.lower()
    return (lowered,) if QUALIFIED.fullmatch(lowered) and not lowered.endswith("-") else ()


PLUS: Final = (
    "elpa-ghub elpa-ido-completing-read elpa-ox-texinfo impose memtest86 minisat ncbi-blast wmweather"
).split()
"""Names that end with one plus: all in Debian 11, 12, 13 and sid (`apt-cache pkgnames`, 2026-11). Every other name with
one is another package to apt-get: of `htop+` it installs htop (apt 2.6.1)."""
SEARCH: Final = "is a search pattern of apt, not a name"
_GRAMMAR: Final = Grammar(
    name=QUALIFIED,
    characters=re.compile(r"[a-z0-9+.:-]"),
    version=re.compile(r"(?:[0-9]+:)?[0-9][A-Za-z0-9.+~:-]*"),
    expected="expected NAME, NAME=VERSION, NAME/RELEASE or NAME:ARCH; names have a-z, 0-9, +, - and .",
    versions="[EPOCH:]UPSTREAM[-REVISION] such as 13.0.0-4+b2",
    otherwise="a name of two characters or more that begins with a letter or a digit",
    marks=(
        # apt takes the sign for one only where no package has that name: two of them, as of g++, are of a name
        (
            re.compile(
                rf"(?!(?:{'|'.join(PLUS)})\+$)(?P<name>(?:{'|'.join(PLUS)})\+|[^\s/=]*[^\s/=+]|[^\s/=]*[^\s/=+]\+\+)\+"
            ),
            'ends with a plus, which means "install" to apt-get',
        ),
        (re.compile(r"(?P<name>[^\s/=]*[^\s/=-])-"), 'ends with a dash, which means "remove" to apt-get'),
        (re.compile(r"(?P<name>[^\s/=]+=[^\s/=]*[^\s/=+])\+"), 'ends with +, which means "install" to apt-get'),
        (re.compile(r"(?P<name>[^\s/=]+=[^\s/=]*[^\s/=-])-"), 'ends with -, which means "remove" to apt-get'),
        (re.compile(r"(?P<name>[a-z0-9][a-z0-9+.:-]+)/"), "names no release after its slash"),
        (re.compile(r"(?:~[a-zA-Z]|\?[a-z-]+\(\^?|!)(?P<like>[a-z0-9][a-z0-9+.-]*)\$?\)?"), SEARCH),
        (re.compile(r"\^(?P<like>[a-z0-9.+-]+)\$?|(?P<name>[a-z0-9.+-]+)\$"), "is an expression of apt, not a name"),
    ),
    names=(
        (
            re.compile(r"(?=.*/)[A-Za-z0-9+.:~_/-]+"),
            "has a slash, and is no NAME/RELEASE such as jq/bookworm-backports; a file begins with ./ or /",
        ),
        (re.compile(r"(?s:.*)-"), 'ends with a dash, which means "remove" to apt-get'),
    ),
    no_names=(
        (
            re.compile(QUALIFIED.pattern, re.IGNORECASE),
            "has capital letters; Debian's names are lower case",
        ),
    ),
    no_versions=(
        (re.compile(r".*\+"), 'ends with +, which means "install" to apt-get'),
        (re.compile(r".*-"), 'ends with -, which means "remove" to apt-get'),
    ),
    corrections=_corrections,
)


def parse_reference(text: str) -> PackageRef:
    """Return the reference; raise UsageError for what is none.

    `NAME:native` and the like are NAME to apt-get, and nothing to dpkg-query.
    """
    asked, slash, release = text.partition("/")
    found = _GRAMMAR.parse(asked if slash and RELEASE.fullmatch(release) and "=" not in asked else text)
    if slash:
        found = replace(found, release=release)
    name, _, architecture = found.name.partition(":")
    # apt-get takes NAME:native for NAME, dpkg-query does not: a script never found it installed.
    return replace(found, name=name) if architecture in OWN_ARCHITECTURES else found
