"""Queries to apt: what an install would do, who owns a file, who provides a command, which versions exist.

Sources: apt-get(8), apt-cache(8), dpkg-query(1), apt.conf(5), apt-file(1) for the Contents files.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from msgspec.structs import replace

from sandbox.core.programs import program, sh_argv
from sandbox.managers.apt import choices as policy
from sandbox.managers.apt import repositories as signed
from sandbox.managers.apt.driver import INDEX_CACHE, install, throwaway
from sandbox.managers.metadata import facts as facts_of
from sandbox.managers.protocol import AvailableVersion, Candidate, Change, Elsewhere, Query
from sandbox.managers.queries import candidates_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.managers.choices import Choice
    from sandbox.managers.metadata import Fact
    from sandbox.managers.protocol import Action, PackageRef


OWNER: Final = r"""
case $1 in /usr/*) other=${1#/usr} ;; *) other=/usr$1 ;; esac
dpkg-query -S "$1" 2>/dev/null || dpkg-query -S "$other" 2>/dev/null
"""
"""Constant shell text: since /bin and others became links, a file may be known by either path."""


def simulate(packages: Sequence[PackageRef], *, recommends: bool = False) -> Query[Change]:
    """Ask what `install` would do."""
    argv = install(packages, recommends=recommends)
    options = tuple(word for setting in INDEX_CACHE for word in ("-o", setting))
    return Query(argv=sh_argv(__package__, "simulate.sh", argv[0], *options, "-s", *argv[1:]), parse=_changes)


def simulate_recommends(packages: Sequence[PackageRef]) -> Query[Change]:
    """Ask what would come with recommended packages, by the list of downloads: apt prints that in half the time.

    Its -s builds the dependency tree twice (pkgSimulate), while --print-uris does so once and takes no lock (apt 2.6).
    """
    argv = install(packages, recommends=True)
    nothing = ("-o", "Dir::Cache::archives=/dev/none")  # what is fetched already is not told of
    return Query(argv=(argv[0], *throwaway, *nothing, "--print-uris", *argv[1:]), parse=_downloads)


def owner(path: str) -> Query[str]:
    """Ask which installed packages own a path."""
    return Query(argv=("sh", "-c", OWNER, "sh", path), parse=_owners, statuses=(0, 1))


def provides(command: str) -> Query[str]:
    """Ask which packages of the archive hold a command; the lists of contents are fetched, some 10 MB for Debian."""
    return Query(argv=sh_argv(__package__, "provides.sh", command), parse=_providers)


def versions(name: str) -> Query[AvailableVersion]:
    """Ask for the versions in the index, newest first."""
    return Query(argv=("apt-cache", "show", name), parse=_offers, statuses=(0, 100))


def names() -> Query[str]:
    """Ask for the names of all packages in the index, in no order."""
    options = tuple(word for setting in INDEX_CACHE for word in ("-o", setting))
    return Query(argv=("apt-cache", *options, "pkgnames"), parse=_lines)


def commands_of(names: Sequence[str]) -> Query[Candidate] | None:
    """Look in the archives of the first three names for the commands that they put on PATH."""
    return Query(argv=sh_argv(__package__, "commands_of.sh", *names[:3]), parse=candidates_in) if names else None


def elsewhere(names: Sequence[str]) -> Query[Elsewhere] | None:
    """Ask which of these names are in contrib, non-free and similar parts that are not enabled."""
    return Query(argv=sh_argv(__package__, "elsewhere.sh", *names), parse=_elsewhere)


def _elsewhere(output: str) -> tuple[Elsewhere, ...]:
    """Return what apt-cache madison printed, with the source lines of each part, one of each suite."""
    rows = [line.split() for line in output.splitlines()]
    lines = [" ".join(row) for row in rows if row[:1] == ["deb"]]
    found: dict[str, Elsewhere] = {}
    for row in rows:
        match row:
            case [name, "|", _, "|", _, place, *_] if "/" in place:
                archive = place.rpartition("/")[2]
                sources = tuple(line for line in lines if line.endswith(f" {archive}"))
                found.setdefault(name, Elsewhere(name=name, archive=archive, sources=sources))
            case _:
                pass
    return tuple(found.values())


def choices(names: Sequence[str]) -> Query[Choice] | None:
    """Ask for the policy of each name."""
    return Query(argv=sh_argv(__package__, "policy.sh", *names), parse=policy.parse)


def facts(names: Sequence[str]) -> Query[Fact] | None:
    """Ask for the dependencies and licences of installed packages."""
    return facts_of(program(__package__, "facts.sh"), names, needs=_needs)


def repositories() -> Query[str] | None:
    """Ask where packages come from and which keys signed for it."""
    return Query(argv=("sh", "-c", f"{program(__package__, 'repositories.sh')}\nexit 0"), parse=signed.parse)


_CHANGE: Final = re.compile(r"^(Inst|Remv) (\S+)(?: \[([^\]]*)\])?(?: \((\S+))?", re.MULTILINE)
_URI: Final = re.compile(r"^'\S*' ([a-z0-9][^\s_]*)_([^\s_]+)_[^\s_]+\.deb (\d{1,15})\b", re.MULTILINE)
_WAS: Final = re.compile(r"^Was: (\S+) (\d+)$", re.MULTILINE)
_PARAGRAPH: Final = re.compile(r"^(?=Package: )", re.MULTILINE)
"""The beginning of a record: the empty lines between records are removed before."""
_RECORD: Final = re.compile(r"^(Package|Version|Installed-Size|Size|Description(?:-en)?): *(.*)$", re.MULTILINE)


def _changes(output: str) -> tuple[Change, ...]:
    known = {(offer.name, offer.version): offer for offer in _offers(output)}
    freed = {name: _number(size) * 1024 for name, size in _WAS.findall(output)}
    changes = (_change(found, known) for found in _CHANGE.finditer(output))
    return tuple(replace(row, freed=0 if row.action == "install" else freed.get(row.name, 0)) for row in changes)


def _change(found: re.Match[str], known: dict[tuple[str, str], AvailableVersion]) -> Change:
    verb, name, old, new = found.groups()
    name = name.partition(":")[0]
    action: Action = "remove" if verb == "Remv" else "upgrade" if old else "install"
    version = (old if verb == "Remv" else new) or ""
    offer = known.get((name, version))
    if offer is None or verb == "Remv":
        return Change(action=action, name=name, version=version)
    return Change(action=action, name=name, version=version, size=offer.size, download=offer.download)


def _offers(output: str) -> tuple[AvailableVersion, ...]:
    """Return what apt-cache's records say; Installed-Size is in KiB (Policy 5.6.20), Size in bytes."""
    return tuple(dict.fromkeys(_records(output)))


def _records(output: str) -> Iterator[AvailableVersion]:
    for paragraph in _PARAGRAPH.split(output):
        fields: dict[str, str] = dict(_RECORD.findall(paragraph))
        if "Package" in fields and "Version" in fields:
            yield AvailableVersion(
                name=fields["Package"],
                version=fields["Version"],
                size=_number(fields.get("Installed-Size", "")) * 1024,
                download=_number(fields.get("Size", "")),
                summary=fields.get("Description-en", fields.get("Description", "")),
            )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _owners(output: str) -> tuple[str, ...]:
    """Return the names of lines as `libc6:amd64, libc6:i386: /path`; one that was diverted is no owner's."""
    heads = [line.partition(": ")[0] for line in output.splitlines() if not line.startswith("diversion ")]
    return tuple(dict.fromkeys(name.partition(":")[0] for head in heads for name in head.split(", ") if name))


def _providers(output: str) -> tuple[str, ...]:
    """Return the names of lines as `utils/htop,admin/other`, where the section may be missing."""
    places = [place for line in output.splitlines() for place in line.split(",")]
    return tuple(dict.fromkeys(place.rpartition("/")[2] for place in places if place))


def _lines(output: str) -> tuple[str, ...]:
    return tuple(output.splitlines())


def _downloads(output: str) -> tuple[Change, ...]:
    """Return the packages of lines as `'URI' htop_3.2.2-2_amd64.deb 152432 SHA256:...`, escaped as in file names."""
    return tuple(
        Change(action="install", name=unquote(name), version=unquote(version), download=int(size))
        for name, version, size in _URI.findall(output)
    )


def _needs(text: str) -> Iterator[str]:
    """Yield the names of a list as `libc6 (>= 2.34), a | b`."""
    words = (word.strip().split(" ")[0] for word in re.split(r"[,|]", text))
    yield from (word.partition(":")[0] for word in words if word)
