"""Queries to pacman: what an install would do, who owns a file, who provides a command, which versions exist.

Sources: pacman(8). Sizes on disk come from `pacman -Si`, which rounds them to hundredths of a KiB or MiB.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.core.programs import program, sh_argv
from sandbox.managers.metadata import facts as facts_of
from sandbox.managers.pacman.driver import install
from sandbox.managers.pacman.names import NAME
from sandbox.managers.protocol import AvailableVersion, Candidate, Change, Query
from sandbox.managers.queries import candidates_in
from sandbox.managers.repositories import repositories as repositories_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.managers.choices import Choice
    from sandbox.managers.metadata import Fact
    from sandbox.managers.protocol import Elsewhere, PackageRef


PROVIDES: Final = r"""
pacman -Fy >/dev/null 2>&1
pacman -F --machinereadable -- "$1" 2>/dev/null | tr '\000' '\t'
exit 0
"""
"""Constant shell text: prints `repository<TAB>name<TAB>version<TAB>path` for each file named $1 in the distro."""


REPOSITORIES: Final = "sed -n 's/^ *Server *= */repository /p' /etc/pacman.conf /etc/pacman.d/mirrorlist | head -n 3"


def simulate(packages: Sequence[PackageRef], *, recommends: bool = False) -> Query[Change]:
    """Ask what `install` would do, upgrades of what is there too; pacman does not tell what would be replaced."""
    program, operation, *rest = install(packages, recommends=recommends)
    printing = (program, operation, "--print", "--print-format", "+ %n %v %s", *rest)
    return Query(argv=sh_argv(__package__, "simulate.sh", *printing), parse=_changes)


def simulate_recommends(packages: Sequence[PackageRef]) -> Query[Change]:
    """Ask what would come with recommended packages."""
    return simulate(packages, recommends=True)


def owner(path: str) -> Query[str]:
    """Ask which installed package owns a path."""
    return Query(argv=("pacman", "-Qoq", "--", path), parse=_names, statuses=(0, 1))


def provides(command: str) -> Query[str]:
    """Ask which packages of the index hold a command; the lists of files are fetched, tens of MB for Arch."""
    return Query(argv=("sh", "-c", PROVIDES, "sh", command), parse=_providers)


def versions(name: str) -> Query[AvailableVersion]:
    """Ask for the version in each repository, the one that would be installed first."""
    return Query(argv=("pacman", "-Si", "--", name), parse=_offers, statuses=(0, 1))


def names() -> Query[str]:
    """Ask for the names of all packages in the index."""
    return Query(argv=("pacman", "-Slq"), parse=_names, statuses=(0, 1))


def commands_of(names: Sequence[str]) -> Query[Candidate] | None:
    """Look in the archives of the first three names for the commands that they put on PATH."""
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
    """Ask where packages come from and which keys are known."""
    return repositories_of(REPOSITORIES)


_CHANGE: Final = re.compile(r"^\+ (\S+) (\S+) (\d+)$", re.MULTILINE)
_THERE: Final = re.compile(r"^= (\S+) (\S+)$", re.MULTILINE)
_PARAGRAPH: Final = re.compile(r"^(?=Repository +: )", re.MULTILINE)
"""The beginning of a record: the empty lines between records are removed before."""
_RECORD: Final = re.compile(
    r"^(Repository|Name|Version|Description|Download Size|Installed Size) +: (.*)$", re.MULTILINE
)
_SIZE: Final = re.compile(r"(\d{1,15}(?:\.\d{1,9})?) (B|KiB|MiB|GiB|TiB)")
_UNITS: Final = ("B", "KiB", "MiB", "GiB", "TiB")
_COMMAND: Final = re.compile(r"usr/(?:local/)?s?bin/[^/]+")


def _changes(output: str) -> tuple[Change, ...]:
    sizes = {(offer.name, offer.version): offer.size for offer in _offers(output)}
    there: Mapping[str, str] = dict(_THERE.findall(output))
    return tuple(
        Change(
            action="upgrade" if name in there else "install",
            name=name,
            version=version,
            size=sizes.get((name, version), 0),
            download=int(download[:15]),
        )
        for name, version, download in _CHANGE.findall(output)
    )


def _offers(output: str) -> tuple[AvailableVersion, ...]:
    return tuple(dict.fromkeys(_records(output)))


def _records(output: str) -> Iterator[AvailableVersion]:
    for paragraph in _PARAGRAPH.split(output):
        fields: dict[str, str] = dict(_RECORD.findall(paragraph))
        if "Name" in fields and "Version" in fields:
            yield AvailableVersion(
                name=fields["Name"],
                version=fields["Version"],
                size=_bytes(fields.get("Installed Size", "")),
                download=_bytes(fields.get("Download Size", "")),
                summary=fields.get("Description", ""),
                repository=fields.get("Repository", ""),
            )


def _bytes(text: str) -> int:
    """Return the bytes of a text such as `1024.00 KiB`, 0 if it is not a size."""
    found = _SIZE.fullmatch(text)
    return round(float(found[1]) * 1024 ** _UNITS.index(found[2])) if found else 0


def _providers(output: str) -> tuple[str, ...]:
    rows = (line.split("\t") for line in output.splitlines())
    return tuple(dict.fromkeys(row[1] for row in rows if len(row) == 4 and _COMMAND.fullmatch(row[3])))  # noqa: PLR2004


def _names(output: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for line in output.splitlines() if NAME.fullmatch(line)))


def _needs(text: str) -> tuple[str, ...]:
    """Return the name of a line as `glibc>=2.36` or `bash: for its scripts`."""
    return (re.split(r"[<>=:\s]", text)[0],)
