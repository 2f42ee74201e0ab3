"""Which version of a package the manager chooses by itself, and which repositories have the others.

What came another way, as by a pin, a release's name or from a file, is promoted with what makes a host take the same.

Sources: apt-cache(8), apt_preferences(5); apk-policy(8) and apk-repositories(5) for tags; portageq(1). Of the
other managers the versions that `queries_named` asks for tell it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.managers.protocol import Query

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.managers.registry import ManagerName


class Choice(Struct, frozen=True, kw_only=True):
    """What is known of a name: the version that is `chosen`, empty where there is none, and who has which version.

    `places` are the repositories of each version, in the manager's words, empty texts where it does not say; `is_known`
    is False where nothing can be said, as there is no index to ask.
    """

    name: str
    chosen: str = ""
    places: Mapping[str, tuple[str, ...]]
    is_known: bool = True


POLICY: Final = r"""
for file in /var/lib/apt/lists/*Packages*; do
    [ ! -s "$file" ] || { echo 'index: yes'; break; }
done
exec apt-cache -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache= policy "$@"
"""
"""Constant shell text: whether there is an index, and the policy of the packages "$@"."""

TAGS: Final = r"""
[ -z "$(apk search -q 2>/dev/null | head -n 1)" ] || echo 'index: yes'
exec apk policy "$@"
"""

BEST: Final = r"""
echo 'index: yes'
for name; do
    printf '%s policy:\n' "$name"
    best=$(portageq best_visible / "$name" 2>/dev/null) || best=
    [ -z "$best" ] || printf '  %s:\n    tree\n' "${best#"$name-"}"
    [ ! -d /var/db/repos ] || for file in /var/db/repos/*/"$name"/*.ebuild; do
        file=${file##*/}
        [ "$file" = '*.ebuild' ] || printf '  %s:\n    tree\n' "$(echo "${file%.ebuild}" | sed "s/^${name#*/}-//")"
    done
done
exit 0
"""
"""Constant shell text: prints the version that emerge would take of each of "$@", then all that the trees have."""


def names_architectures(manager: ManagerName) -> bool:
    """Return whether a package of a foreign architecture can be asked for, since it stands in its name."""
    return manager in ("apt", "dnf4", "dnf5", "microdnf", "tdnf", "yum", "zypper")


def takes_one_alone(manager: ManagerName) -> bool:
    """Return whether a version that is asked for comes alone, what it needs being looked for where it is anyway."""
    return manager == "apt"


def is_sure(manager: ManagerName) -> bool:
    """Return whether no version in an answer means that there is none: of some the answers are known by their texts."""
    return manager not in ("microdnf", "tdnf", "yum")


_INDEX: Final = re.compile(r"^index: yes$", re.MULTILINE)
_NAME: Final = re.compile(r"(\S+):")
_VERSION: Final = re.compile(r"(?: {5}| \*\*\* )(\S+) (-?\d+)")
_SOURCE: Final = re.compile(r" +-?\d+ (\S.*)")
_STATUS: Final = "/var/lib/dpkg/status"
_SECRET: Final = re.compile(r"//[^/\s@]*@")


def choices(manager: ManagerName, names: Sequence[str]) -> Query[Choice] | None:
    """Ask what is chosen of these names by itself; None for a manager that is asked name by name for its versions."""
    if manager == "apt":
        return Query(argv=("sh", "-c", POLICY, "sh", *names), parse=_of_policy)
    if manager == "apk":
        return Query(argv=("sh", "-c", TAGS, "sh", *names), parse=_of_tags)
    if manager == "portage":
        return Query(argv=("sh", "-c", BEST, "sh", *names), parse=_of_best)
    return None


def _of_policy(output: str) -> tuple[Choice, ...]:
    """Return what apt-cache says: of the versions that a repository has the one of the highest priority, then newest.

    Its own candidate is what this machine would have, where an installed version is never lowered; a host has none yet.
    """
    is_known = _INDEX.search(output) is not None
    found: dict[str, list[tuple[str, int, list[str]]]] = {}
    rows: list[tuple[str, int, list[str]]] = []
    for line in output.splitlines():
        if header := _NAME.fullmatch(line):
            rows = found.setdefault(header[1], [])
        elif version := _VERSION.fullmatch(line):
            rows.append((version[1], int(version[2]), []))
        elif rows and (source := _SOURCE.fullmatch(line)) and source[1] != _STATUS:
            rows[-1][2].append(_SECRET.sub("//", source[1].removesuffix(" Packages")))
    return tuple(_of_rows(name, rows, is_known=is_known) for name, rows in found.items())


def _of_rows(name: str, rows: Sequence[tuple[str, int, list[str]]], *, is_known: bool) -> Choice:
    there = [row for row in rows if row[2]]
    best = max((row[1] for row in there), default=0)
    chosen = next((row[0] for row in there if row[1] == best and best >= 0), "")
    return Choice(name=name, chosen=chosen, places={row[0]: tuple(row[2]) for row in there}, is_known=is_known)


_POLICY_NAME: Final = re.compile(r"(\S+) policy:")
_POLICY_VERSION: Final = re.compile(r"  (\S+):")


def _sections(output: str) -> Iterator[tuple[str, list[tuple[str, list[str]]]]]:
    """Yield names, each with its versions and their sources, as `apk policy` prints them."""
    rows: list[tuple[str, list[str]]] = []
    for line in output.splitlines():
        if header := _POLICY_NAME.fullmatch(line):
            rows = []
            yield header[1], rows
        elif version := _POLICY_VERSION.fullmatch(line):
            rows.append((version[1], []))
        elif rows and line.startswith("    ") and "lib/apk/db/installed" not in line:
            rows[-1][1].append(_SECRET.sub("//", line.strip()))


def _of_tags(output: str) -> tuple[Choice, ...]:
    """Return what apk says: of a repository with a tag nothing is taken that does not name the tag."""
    from sandbox.managers.apk.names import sort_key

    found = []
    for name, rows in list(_sections(output)):
        plain = [version for version, places in rows if any(not place.startswith("@") for place in places)]
        places = {version: tuple(places) for version, places in rows if places}
        found.append(
            Choice(
                name=name,
                chosen=max(plain, key=sort_key, default=""),
                places=places,
                is_known=bool(_INDEX.search(output)),
            )
        )
    return tuple(found)


def _of_best(output: str) -> tuple[Choice, ...]:
    return tuple(
        Choice(name=name, chosen=rows[0][0] if rows else "", places={version: ("",) for version, _ in rows})
        for name, rows in list(_sections(output))
    )
