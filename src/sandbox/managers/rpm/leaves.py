"""Which packages were asked for, if the manager keeps no record: those that no other installed package needs.

For microdnf, tdnf and yum, whose own records need a program that their images lack. Source: rpm-queryformat(7).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from sandbox.core.programs import program
from sandbox.managers.rpm import database as rpm

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sandbox.managers.protocol import Package

NEEDS: Final = "=needs="
listing: Final = f"{rpm.ROWS}\n{program(__package__, 'leaves.sh')}"


def parse_packages(database: Mapping[str, bytes]) -> tuple[Package, ...]:
    """Return the packages that rpm lists; those that no other package needs are explicit."""
    rows, rest = rpm.parse_listing(database)
    offered, _, needs = rest.partition(f"{NEEDS}\n")
    providers: defaultdict[str, set[str]] = defaultdict(set)
    for name, capability in _pairs(offered):
        providers[capability].add(name)
    needed = {provider for name, need in _pairs(needs) for provider in providers.get(need, ()) if provider != name}
    return tuple(row.package(explicit=row.name not in needed) for row in rows)


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        name, tab, capability = line.partition("\t")
        if tab:
            yield name, capability
