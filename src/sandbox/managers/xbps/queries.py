"""Queries to xbps: what an install would do, who owns a file, who provides a command, which version exists.

Sources: xbps-install(1), xbps-query(1). Nothing tells which package of a remote repository has a command but the
packages themselves, so that only those are looked into whose name or summary holds the command's name.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Final

from sandbox.core.programs import program, sh_argv
from sandbox.managers.metadata import facts as facts_of
from sandbox.managers.protocol import AvailableVersion, Candidate, Change, Query
from sandbox.managers.queries import candidates_in
from sandbox.managers.xbps.names import PKGVER, expression

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.managers.choices import Choice
    from sandbox.managers.metadata import Fact
    from sandbox.managers.protocol import Action, Elsewhere, PackageRef


def simulate(packages: Sequence[PackageRef], *, recommends: bool = False) -> Query[Change]:
    """Ask what `install` would do; a package that is there already is a complaint and no change."""
    return Query(argv=("xbps-install", "-n", *map(expression, packages)), parse=_changes)


def simulate_recommends(packages: Sequence[PackageRef]) -> Query[Change]:
    """Ask what would come with recommended packages."""
    return simulate(packages, recommends=True)


def owner(path: str) -> Query[str]:
    """Ask which installed packages own a path."""
    return Query(argv=sh_argv(__package__, "owner.sh", path), parse=partial(_owners, path))


def provides(command: str) -> Query[str]:
    """Ask which of the packages that speak of a command have it."""
    text = f"{program(__package__, 'provides.sh')}\n{program(__package__, 'commands_of.sh')}"
    return Query(argv=("sh", "-c", text, "sh", command), parse=partial(_providers, command))


def versions(name: str) -> Query[AvailableVersion]:
    """Ask for the version that would be installed."""
    return Query(argv=("xbps-query", "-R", name), parse=_offers, statuses=(0, 2))


def names() -> Query[str]:
    """Ask for the names of all packages in the index."""
    return Query(argv=("xbps-query", "-R", "-s", "_"), parse=_names)


def commands_of(names: Sequence[str]) -> Query[Candidate] | None:
    """Ask for the files of the first three names, which are fetched without the rest of their archives."""
    return Query(argv=sh_argv(__package__, "commands_of.sh", *names[:3]), parse=candidates_in) if names else None


def elsewhere(names: Sequence[str]) -> Query[Elsewhere] | None:
    """Return None: parts of the distro that are not enabled are unknown."""
    return None


def choices(names: Sequence[str]) -> Query[Choice] | None:
    """Return None: its list of versions shows which one it takes."""
    return None


def facts(names: Sequence[str]) -> Query[Fact] | None:
    """Ask for the dependencies and licences of installed packages."""
    return facts_of(program(__package__, "facts.sh"), names, needs=_needs)


def repositories() -> Query[str] | None:
    """Return None: sandbox does not query where its packages come from."""
    return None


_CHANGE: Final = re.compile(rf"^{PKGVER.pattern} (\w+) \S+ \S+ (\d{{1,18}}) (\d{{1,18}})$", re.MULTILINE)
_ACTIONS: Final[Mapping[str, Action]] = {"install": "install", "update": "upgrade", "remove": "remove"}
_OWNED: Final = re.compile(rf"{PKGVER.pattern}: (/.*?)(?: -> .*)?(?: \([a-z ]+\))?")
_LISTED: Final = re.compile(rf"\[.\] {PKGVER.pattern}(?:\s.*)?")
_RECORD: Final = re.compile(r"^(pkgver|installed_size|filename-size|short_desc): (.*)$", re.MULTILINE)
_SIZE: Final = re.compile(r"(\d{1,9})(B|KB|MB|GB|TB)")
_UNITS: Final = ("B", "KB", "MB", "GB", "TB")


def _changes(output: str) -> tuple[Change, ...]:
    return tuple(
        Change(action=_ACTIONS[action], name=name, version=version, size=int(size), download=int(download))
        for name, version, action, size, download in _CHANGE.findall(output)
        if action in _ACTIONS
    )


def _owners(path: str, output: str) -> tuple[str, ...]:
    """Return the names of lines as `jq-1.7_1: /usr/bin/jq (regular file)` of the very path, a pattern to xbps."""
    found = (_OWNED.fullmatch(line) for line in output.splitlines())
    paths = (path, f"/usr{path}", path.removeprefix("/usr"))
    return tuple(dict.fromkeys(owned[1] for owned in found if owned and owned[3] in paths))


def _offers(output: str) -> tuple[AvailableVersion, ...]:
    fields: dict[str, str] = dict(_RECORD.findall(output))
    found = PKGVER.fullmatch(fields.get("pkgver", ""))
    if found is None:
        return ()
    return (
        AvailableVersion(
            name=found[1],
            version=found[2],
            size=_bytes(fields.get("installed_size", "")),
            download=_bytes(fields.get("filename-size", "")),
            summary=fields.get("short_desc", ""),
        ),
    )


def _bytes(text: str) -> int:
    """Return the bytes of a text such as `1024KB`, which xbps has rounded; 0 if it is not a size."""
    found = _SIZE.fullmatch(text)
    return int(found[1]) * 1024 ** _UNITS.index(found[2]) if found else 0


def _providers(command: str, output: str) -> tuple[str, ...]:
    return tuple(found.name for found in candidates_in(output) if command in found.commands)


def _names(output: str) -> tuple[str, ...]:
    found = (_LISTED.fullmatch(line) for line in output.splitlines())
    return tuple(dict.fromkeys(listed[1] for listed in found if listed))


def _needs(text: str) -> tuple[str, ...]:
    """Return the name of a line as `glibc>=2.36_1`."""
    return (re.split(r"[<>=:\s]", text)[0],)
