"""Lists with a package a line, as people keep them and as package managers print them.

Sources: repo2docker's apt.txt and Streamlit's packages.txt; dpkg(1) --get-selections; apt-mark(8) showmanual;
apk-world(5); portage(5) on the world file; dnf(8) repoquery; xbps-query(1) -m; Heroku's buildpack apt for the Aptfile.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.specs.package_files.values import Found, NotTaken, entry

if TYPE_CHECKING:
    from collections.abc import Iterator

_SELECTED: Final = re.compile(r"(\S+)\s+(install|hold|deinstall|purge)")
_NEVRA: Final = re.compile(
    r"(?P<name>\S+)-(?:(?P<epoch>\d+):)?(?P<version>[^\s-]+)-(?P<release>[^\s-]+)\.(?P<arch>[a-z0-9_]+)"
)
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
        whole += raw
        if raw.endswith("\\"):
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
        else:
            yield from (entry(word, number) for word in said.split())


def parse_selections(text: str) -> Iterator[Found]:
    """Yield what dpkg has as selected for installation."""
    for number, said in lines(text):
        found = _SELECTED.fullmatch(said)
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
        found = _NEVRA.fullmatch(said)
        if found is None:
            yield NotTaken(text=said, line=number, reason="dnf repoquery does not print such a line")
        else:
            yield entry(found["name"], number, "fedora", f"{found['version']}-{found['release']}")


def parse_xbps(text: str) -> Iterator[Found]:
    """Yield the names of what xbps-query -m prints with version and revision."""
    for number, said in lines(text):
        found = _XBPS.fullmatch(said)
        if found is None:
            yield NotTaken(text=said, line=number, reason="xbps-query -m does not print such a line")
        else:
            yield entry(found["name"], number, "void", found["version"])


def parse_aptfile(text: str) -> Iterator[Found]:
    """Yield the names of an Aptfile; its addresses and repositories are never used."""
    for number, said in lines(text):
        if said.startswith(":repo:"):
            yield NotTaken(text=said, line=number, reason="a file can't add a repository")
        elif "://" in said or said.endswith(".deb"):
            yield NotTaken(text=said, line=number, reason="a file can't add a package from an address or a path")
        else:
            yield from (entry(word, number, "debian") for word in said.split())


def is_selections(text: str) -> bool:
    """Return whether every line that says something is one of dpkg --get-selections."""
    return _each(text, _SELECTED)


def is_nevra(text: str) -> bool:
    """Return whether every line has the form name-epoch:version-release.arch."""
    return _each(text, _NEVRA) and any(":" in said for _, said in lines(text))


def is_xbps(text: str) -> bool:
    """Return whether every line has the form name-version_revision."""
    return _each(text, _XBPS)


def is_portage_world(text: str) -> bool:
    """Return whether every line is category/name."""
    return "/" in text and _each(text, re.compile(r"@\S+|[<>=~!]*[a-z0-9-]+/[A-Za-z0-9+_-]\S*"))


def _each(text: str, form: re.Pattern[str]) -> bool:
    found = [said for _, said in lines(text)]
    return bool(found) and all(form.fullmatch(said) for said in found)
