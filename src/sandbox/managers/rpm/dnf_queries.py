"""Queries to dnf 4 and dnf5 in options that both know, answered from the fetched index if possible.

Sources: dnf(8), dnf5-repoquery(8). dnf 4 ends each row of a query itself, dnf5 only where the format says so.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.core.programs import sh_argv
from sandbox.managers.protocol import AvailableVersion, Candidate, Change, Query
from sandbox.managers.queries import candidates_in
from sandbox.managers.rpm import database as rpm
from sandbox.managers.rpm import dnf_options, dnf_tables

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.managers.choices import Choice
    from sandbox.managers.protocol import Elsewhere, PackageRef

FIELDS: Final = r"%{repoid}=%{name}|%{evr}|%{installsize}|%{downloadsize}|%{summary}\n"
REPOQUERY: Final = ("dnf", "-q", "-C", "repoquery")


owner = rpm.owner
facts = rpm.facts


def simulate(packages: Sequence[PackageRef], *, recommends: bool = False) -> Query[Change]:
    """Ask what `install` would do: it ends with status 1 where the answer to its question is no, as in an error."""
    arguments = dnf_options.DNF.arguments(packages, recommends=recommends)
    return Query(
        argv=sh_argv(
            __package__,
            "dnf_simulate.sh",
            FIELDS,
            "dnf",
            "install",
            "--assumeno",
            *arguments,
        ),
        parse=_with_sizes,
    )


def simulate_recommends(packages: Sequence[PackageRef]) -> Query[Change]:
    """Ask what would come with recommended packages."""
    return simulate(packages, recommends=True)


def provides(command: str) -> Query[str]:
    """Ask which packages hold the command; for a path both fetch their lists of files, some 50 MB on Fedora."""
    places = ",".join(f"{folder}/{command}" for folder in ("/usr/bin", "/usr/sbin", "/bin", "/sbin"))
    return Query(argv=("dnf", "-q", "repoquery", "--whatprovides", places, "--qf", r"%{name}\n"), parse=rpm.names_in)


def versions(name: str) -> Query[AvailableVersion]:
    """Ask for the versions in the index, newest first."""
    return Query(argv=(*REPOQUERY, "--qf", FIELDS, name), parse=_offers)


def names() -> Query[str]:
    """Ask for the names of all packages in the index."""
    return Query(argv=(*REPOQUERY, "--qf", r"%{name}\n"), parse=rpm.names_in)


def commands_of(names: Sequence[str]) -> Query[Candidate] | None:
    """Look into the lists of files for the commands of the first three names."""
    return Query(argv=sh_argv(__package__, "dnf_commands_of.sh", *names[:3]), parse=candidates_in) if names else None


def elsewhere(names: Sequence[str]) -> Query[Elsewhere] | None:
    """Return None: parts of the distro that are not enabled are unknown."""
    return None


def choices(names: Sequence[str]) -> Query[Choice] | None:
    """Return None: its list of versions shows which one it takes."""
    return None


def repositories() -> Query[str] | None:
    """Ask where packages come from and which keys are known."""
    return rpm.repositories("/etc/yum.repos.d")


_ROW: Final = re.compile(r"([^\s|=]*)=([^|]+)\|([^|]+)\|([^|]*)\|([^|]*)\|(.*)")


def _with_sizes(output: str) -> tuple[Change, ...]:
    known = {(offer.name, offer.version): offer for offer in _rows(output)}
    return tuple(_with_size(change, known.get((change.name, change.version))) for change in dnf_tables.changes(output))


def _with_size(change: Change, offer: AvailableVersion | None) -> Change:
    if offer is None or change.action == "remove":
        return change
    return replace(change, size=offer.size, download=offer.download)


def _offers(output: str) -> tuple[AvailableVersion, ...]:
    return rpm.newest_first(_rows(output))


def _rows(output: str) -> Iterator[AvailableVersion]:
    """Yield the available versions in rows of the form FIELDS, sizes in bytes."""
    for line in output.splitlines():
        if found := _ROW.fullmatch(line):
            repository, name, version, size, download, summary = found.groups()
            yield AvailableVersion(
                name=name,
                version=version.removeprefix("0:"),
                size=rpm.number(size),
                download=rpm.number(download),
                summary=summary,
                repository="" if repository == "@System" else repository,
            )
