"""Lists with a package a line, as people keep them and as package managers print them.

Sources: repo2docker's apt.txt and Streamlit's packages.txt; dpkg(1) --get-selections; apt-mark(8) showmanual;
apk-world(5); portage(5) on the world file; dnf(8) repoquery; xbps-query(1) -m; Heroku's buildpack apt for the Aptfile.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.specs.package_files.values import TEMPLATE, Found, NotTaken, entry

if TYPE_CHECKING:
    from collections.abc import Iterator

_SELECTED: Final = re.compile(r"(\S+)\s+(install|hold|deinstall|purge)")
_NEVRA: Final = re.compile(
    r"(?P<name>\S+)-(?:(?P<epoch>\d+):)?(?P<version>[^\s-]+)-(?P<release>[^\s-]+)\.(?P<machine>[a-z0-9_]+)"
)
_LONGEST: Final = 1000
_ARCHITECTURES: Final = frozenset("x86_64 noarch aarch64 i686 i386 ppc64le s390x armv7hl riscv64".split())
_DPKG_LIST: Final = re.compile(r"(?P<wish>[uihrp])[ncHUFWti][R ]?\s+(?P<name>[a-z0-9][^\s]*)\s+(?P<version>\d\S*)\s")
_DPKG_HEAD: Final = re.compile(r"Desired=|\| Status=|\|/ Err\?=|\|\|/ Name|\+\+\+-")
_APT_LIST: Final = re.compile(r"(?P<name>[a-z0-9][^\s/]+)/\S+\s+(?P<version>\S+)\s+[a-z0-9]+(\s+\[.*)?$")
_PACMAN: Final = re.compile(
    r"(?P<name>[A-Za-z0-9@._+-]+)\s(?P<version>(?:\d+:)?[A-Za-z0-9._+~]*\d[A-Za-z0-9._+~]*-\d+(?:\.\d+)?)"
)
_APK_INFO: Final = re.compile(r"(?P<name>\S+?)-(?P<version>\d[^\s-]*-r\d+)")
_XBPS: Final = re.compile(r"(?P<name>\S+)-(?P<version>[^\s-]+_\d+)")
_WORLD_APK: Final = re.compile(r"(?P<name>[^\s@=<>~!]+)(?P<tag>@[^\s=<>~]+)?(?P<operator>[=<>~]*)(?P<version>\S*)")
_ATOM: Final = re.compile(
    r"(?P<operator>[<>=~!]*)(?P<name>[A-Za-z0-9+_/-]+?)(?P<version>-\d\S*?)?(?P<slot>:[^\s:]+)?(?P<repository>::\S+)?"
)


def lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line that says something, with its number, without its comment; lines that go on are one."""
    whole, start = "", 0
    for number, raw in enumerate(text.splitlines(), start=1):
        start = start or number
        is_comment = raw.lstrip().startswith("#")
        whole += f" {raw}" if is_comment else raw
        if raw.endswith("\\") and not is_comment:  # as pip reads it: a comment never goes on
            whole = whole[:-1] + " "
            continue
        said = re.sub(r"(^|\s)#.*", "", whole).strip()
        if said:
            yield start, said
        whole, start = "", 0
    if whole.strip():
        yield start, whole.strip()


def parse_names(text: str) -> Iterator[Found]:
    """Yield the names of a plain list: one or more a line, with spaces between."""
    for number, said in lines(text):
        if said.startswith("-"):
            yield NotTaken(text=said, line=number, reason="it is an option, not a package")
        elif TEMPLATE.search(said):
            yield NotTaken(text=said, line=number, reason="it is a template")
        else:
            yield from (entry(word, number) for word in said.split())


def parse_selections(text: str) -> Iterator[Found]:
    """Yield what dpkg has as selected for installation."""
    for number, said in lines(text):
        found = _match(_SELECTED, said)
        if found is None:
            yield NotTaken(text=said, line=number, reason="dpkg --get-selections does not print such a line")
        elif found[2] in {"install", "hold"}:
            yield entry(found[1], number, "debian", "the hold" if found[2] == "hold" else "")
        else:
            yield NotTaken(text=said, line=number, reason="the package is selected for removal")


def parse_apk_world(text: str) -> Iterator[Found]:
    """Yield what Alpine's world file asks for; a version is kept where it is exact."""
    for number, said in lines(text):
        for word in said.split():
            found = _WORLD_APK.fullmatch(word)
            if found is None:
                is_banned = word.startswith("!")
                reason = (
                    "it forbids a package, so there is nothing to install"
                    if is_banned
                    else "apk's world file has no such entry"
                )
                yield NotTaken(text=word, line=number, reason=reason)
                continue
            is_exact = found["operator"] == "="
            name = f"{found['name']}={found['version']}" if is_exact else found["name"]
            lost = [found["tag"] or "", "" if is_exact else f"{found['operator']}{found['version']}"]
            yield entry(name, number, "alpine", " ".join(filter(None, lost)))


def parse_portage_world(text: str) -> Iterator[Found]:
    """Yield the packages of Portage's world file."""
    for number, said in lines(text):
        found = None if said.startswith("@") else _ATOM.fullmatch(said)
        if found is None or "!" in found["operator"]:
            reason = "it is a set of packages" if said.startswith("@") else "Portage's world file has no such entry"
            yield NotTaken(text=said, line=number, reason=reason)
            continue
        version = found["version"] or ""
        is_exact = found["operator"] == "=" and bool(version)
        name = f"{found['name']}={version[1:]}" if is_exact else found["name"]
        lost = ["" if is_exact else f"{found['operator']}{version[1:]}", found["slot"] or "", found["repository"] or ""]
        yield entry(name, number, "gentoo", " ".join(filter(None, lost)))


def parse_nevra(text: str) -> Iterator[Found]:
    """Yield the names of what dnf prints with epoch, version, release and architecture."""
    for number, said in lines(text):
        found = _match(_NEVRA, said)
        if found is None:
            yield NotTaken(text=said, line=number, reason="dnf repoquery does not print such a line")
        else:
            yield entry(found["name"], number, "fedora", f"{found['version']}-{found['release']}")


def parse_xbps(text: str) -> Iterator[Found]:
    """Yield the names of what xbps-query -m prints with version and revision."""
    for number, said in lines(text):
        found = _match(_XBPS, said)
        if found is None:
            yield NotTaken(text=said, line=number, reason="xbps-query -m does not print such a line")
        else:
            yield entry(found["name"], number, "void", found["version"])


def parse_aptfile(text: str) -> Iterator[Found]:
    """Yield the names of an Aptfile; its addresses and repositories are never used."""
    for number, said in lines(text):
        if said.startswith(":repo:"):
            yield NotTaken(text=said, line=number, reason="a file can't add a repository")
        elif said.startswith(":"):
            yield NotTaken(text=said, line=number, reason="it is an option, not a package")
        elif "://" in said or said.endswith(".deb"):
            yield NotTaken(text=said, line=number, reason="a file can't add a package from an address or a path")
        else:
            yield from (entry(word, number, "debian") for word in said.split())


def parse_dpkg_list(text: str) -> Iterator[Found]:
    """Yield what dpkg -l prints as installed or on hold, behind its heading."""
    for number, said in lines(text):
        found = _DPKG_LIST.match(said)
        if found is None:
            if not _DPKG_HEAD.match(said):
                yield NotTaken(text=said, line=number, reason="not a line of dpkg -l")
        elif found["wish"] in "ih":
            yield entry(found["name"], number, "debian", found["version"])
        else:
            yield NotTaken(text=said, line=number, reason="it is selected for removal")


def parse_apt_list(text: str) -> Iterator[Found]:
    """Yield what apt list prints."""
    for number, said in lines(text):
        found = _APT_LIST.match(said)
        if found is not None:
            yield entry(found["name"], number, "debian", found["version"])
        elif not said.startswith(("Listing...", "WARNING:")):
            yield NotTaken(text=said, line=number, reason="not a line of apt list")


def parse_pacman(text: str) -> Iterator[Found]:
    """Yield what pacman -Q prints: a name and a version a line."""
    for number, said in lines(text):
        found = _match(_PACMAN, said)
        if found is None:
            yield NotTaken(text=said, line=number, reason="not a line of pacman -Q")
        else:
            yield entry(found["name"], number, "arch", found["version"])


def parse_apk_info(text: str) -> Iterator[Found]:
    """Yield what apk info -v prints: name-version-rREVISION."""
    for number, said in lines(text):
        found = _match(_APK_INFO, said)
        if found is None:
            yield NotTaken(text=said, line=number, reason="not a line of apk info -v")
        else:
            yield entry(found["name"], number, "alpine", found["version"])


def is_dpkg_list(text: str) -> bool:
    """Return whether a line begins as those of dpkg -l do, and each other one belongs to its heading."""
    found = [said for _, said in lines(text)]
    return any(map(_DPKG_LIST.match, found)) and all(_DPKG_LIST.match(one) or _DPKG_HEAD.match(one) for one in found)


def is_apt_list(text: str) -> bool:
    """Return whether the lines are those of apt list, with or without its first."""
    found = [said for _, said in lines(text) if not said.startswith(("Listing...", "WARNING:"))]
    return bool(found) and all(_APT_LIST.match(said) for said in found)


def is_pacman(text: str) -> bool:
    """Return whether every line is a name and a version with its release."""
    return _each(text, _PACMAN)


def is_apk_info(text: str) -> bool:
    """Return whether every line has the form name-version-rREVISION."""
    return _each(text, _APK_INFO)


def is_selections(text: str) -> bool:
    """Return whether every line that says something is one of dpkg --get-selections."""
    return _each(text, _SELECTED)


def is_nevra(text: str) -> bool:
    """Return whether every line has the form name-epoch:version-release.arch, as of rpm -qa also without epoch."""
    found = [_match(_NEVRA, said) for _, said in lines(text)]
    return bool(found) and all(row and (row["epoch"] or row["machine"] in _ARCHITECTURES) for row in found)


def is_xbps(text: str) -> bool:
    """Return whether every line has the form name-version_revision."""
    return _each(text, _XBPS)


def is_portage_world(text: str) -> bool:
    """Return whether every line is category/name."""
    return "/" in text and _each(text, re.compile(r"@\S+|[<>=~!]*[a-z0-9-]+/[A-Za-z0-9+_-]\S*"))


def _each(text: str, form: re.Pattern[str]) -> bool:
    found = [said for _, said in lines(text)]
    return bool(found) and all(_match(form, said) for said in found)


def _match(form: re.Pattern[str], said: str) -> re.Match[str] | None:
    """Return what a whole line matches; a long one never does, since the time of these forms grows with its square."""
    return form.fullmatch(said) if len(said) <= _LONGEST else None
