"""Queries to zypper; its XML is read line by line, since an incomplete stream is not a valid document.

Source: zypper(8) and its --xmlout. It tells no size of a download for one package, and the size on disk of the newest
version only; its list of what a package provides has the commands, its lists of files are fetched by no query here.
"""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.core.programs import sh_argv
from sandbox.managers.protocol import AvailableVersion, Change, Query
from sandbox.managers.rpm import database as rpm
from sandbox.managers.rpm.names import NAME
from sandbox.managers.rpm.zypper_options import arguments

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.managers.choices import Choice
    from sandbox.managers.protocol import Action, Candidate, Elsewhere, PackageRef

NOTHING: Final = 104
"""The status of a search that finds nothing."""
ASK: Final = ("zypper", "--non-interactive", "--quiet", "--no-refresh", "--xmlout")
SEARCH: Final = (*ASK, "search", "--type", "package")


owner = rpm.owner
facts = rpm.facts


def simulate(packages: Sequence[PackageRef], *, recommends: bool = False) -> Query[Change]:
    """Ask what `install` would do."""
    words = arguments(packages, recommends=recommends)
    argv = ("zypper", "--non-interactive", "--xmlout", "install", "--dry-run", *words)
    return Query(argv=sh_argv(__package__, "zypper_simulate.sh", *argv), parse=_changes)


def simulate_recommends(packages: Sequence[PackageRef]) -> Query[Change]:
    """Ask what would come with recommended packages."""
    return simulate(packages, recommends=True)


def provides(command: str) -> Query[str]:
    """Ask which packages hold the command."""
    places = (f"{folder}/{command}" for folder in ("/usr/bin", "/usr/sbin", "/bin", "/sbin"))
    return Query(argv=(*SEARCH, "--provides", "--match-exact", *places), parse=_names, statuses=(0, NOTHING))


def versions(name: str) -> Query[AvailableVersion]:
    """Ask for the versions in the index, newest first."""
    return Query(argv=sh_argv(__package__, "zypper_versions.sh", name), parse=_offers, statuses=(0, NOTHING))


def names() -> Query[str]:
    """Ask for the names of all packages in the index and of the installed ones."""
    return Query(argv=SEARCH, parse=_names, statuses=(0, NOTHING))


def commands_of(names: Sequence[str]) -> Query[Candidate] | None:
    """Return None: zypper shows no list of files."""
    return None


def elsewhere(names: Sequence[str]) -> Query[Elsewhere] | None:
    """Return None: parts of the distro that are not enabled are unknown."""
    return None


def choices(names: Sequence[str]) -> Query[Choice] | None:
    """Return None: its list of versions shows which one it takes."""
    return None


def repositories() -> Query[str] | None:
    """Ask where packages come from and which keys are known."""
    return rpm.repositories("/etc/zypp/repos.d")


_ACTION: Final = re.compile(r"<to-(install|upgrade|downgrade|remove)>")
_ATTRIBUTE: Final = re.compile(r' (name|edition|kind|type|repository)="([^"]*)"')
_FACT: Final = re.compile(r"(Name|Version|Installed Size|Summary) *: (.*)")
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?) ([KMGT]?)(?:iB|B)")
_POWERS: Final = {"": 0, "K": 1, "M": 2, "G": 3, "T": 4}


def _solvables(output: str) -> Iterator[tuple[Action, str, str]]:
    """Yield the action, name and version of each package in the output."""
    action: Action = "install"
    for line in output.splitlines():
        if found := _ACTION.match(line):
            action = _ACTIONS[found[1]]
        elif line.startswith("<solvable "):
            fields = {key: html.unescape(value) for key, value in _ATTRIBUTE.findall(line)}
            if "package" in (fields.get("kind"), fields.get("type")) and NAME.fullmatch(fields.get("name", "")):
                yield action, fields["name"], fields.get("edition", "")


_ACTIONS: Final[Mapping[str, Action]] = {
    "install": "install",
    "upgrade": "upgrade",
    "downgrade": "downgrade",
    "remove": "remove",
}


def _names(output: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for _, name, _ in _solvables(output)))


def _changes(output: str) -> tuple[Change, ...]:
    known = {(offer.name, offer.version): offer.size for offer in _facts(output)}
    return tuple(
        Change(
            action=action, name=name, version=version, size=0 if action == "remove" else known.get((name, version), 0)
        )
        for action, name, version in _solvables(output)
    )


def _offers(output: str) -> tuple[AvailableVersion, ...]:
    known = {(offer.name, offer.version): offer for offer in _facts(output)}
    repositories = _repositories(output)
    found = [(name, version) for _, name, version in _solvables(output) if version]
    return rpm.newest_first(
        replace(known.get(key, AvailableVersion(name=key[0], version=key[1])), repository=repositories.get(key, ""))
        for key in found
    )


def _repositories(output: str) -> Mapping[tuple[str, str], str]:
    """Return the first repository that has a name in a version; installed packages from none are in brackets."""
    found: dict[tuple[str, str], str] = {}
    for line in output.splitlines():
        fields = {key: html.unescape(value) for key, value in _ATTRIBUTE.findall(line)}
        if line.startswith("<solvable ") and not fields.get("repository", "(").startswith("("):
            found.setdefault((fields.get("name", ""), fields.get("edition", "")), fields["repository"])
    return found


def _facts(output: str) -> Iterator[AvailableVersion]:
    """Yield the packages in the output of `zypper info`; each begins with its name."""
    fields: dict[str, str] = {}
    for line in (*output.splitlines(), "Name : "):
        found = _FACT.fullmatch(line)
        if found and found[1] == "Name":
            if "Version" in fields:
                yield _offer(fields)
            fields = {}
        if found:
            fields[found[1]] = found[2].strip()


def _offer(fields: Mapping[str, str]) -> AvailableVersion:
    size = _SIZE.fullmatch(fields.get("Installed Size", ""))
    return AvailableVersion(
        name=fields["Name"],
        version=fields["Version"],
        size=round(float(size[1]) * 1024 ** _POWERS[size[2]]) if size else 0,
        summary=fields.get("Summary", ""),
    )
