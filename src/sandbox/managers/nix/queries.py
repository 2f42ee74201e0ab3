"""Queries to nix; it has no index of commands, so a query for a command only finds installed packages.

Sources: the Nix manual on nix-env, nix-instantiate and builtins. Run with nix 2.26.3 in a lab image over a small
stand-in for nixpkgs; what a download says is written from the manual.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import DecodeError, Struct, json

from sandbox.core.programs import program
from sandbox.managers.nix.driver import derivation, install
from sandbox.managers.nix.names import ATTRIBUTE, split
from sandbox.managers.protocol import AvailableVersion, Change, Query

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.managers.choices import Choice
    from sandbox.managers.metadata import Fact
    from sandbox.managers.protocol import Action, Candidate, Elsewhere, PackageRef


ASK_VERSIONS: Final = r"""
nix-instantiate --eval --strict --json --argstr name "$1" -E "$2" 2>/dev/null | tr '}' '\n'
exit 0
"""
"""Constant shell text: the JSON with each offer on a line and without its end, since long lines are cut."""

NAMES: Final = r"""
nix-instantiate --eval --strict --json -E 'builtins.attrNames (import <nixpkgs> { })' 2>/dev/null | tr -d '[]"' |
    tr ',' '\n'
exit 0
"""

OWNER: Final = r"""
[ ! -e "$1" ] || readlink -f "$1"
"""
"""Constant shell text: where in the store a path leads; what does not exist has no owner, whatever its folder is."""
PROVIDES: Final = r"""
file=${HOME:-/root}/.nix-profile/bin/$1
[ ! -e "$file" ] || readlink -f "$file"
"""


class _Version(Struct):
    """A line of what program(__package__, "versions.nix") prints."""

    attribute: str
    version: str
    summary: str = ""


def simulate(packages: Sequence[PackageRef], *, recommends: bool = False) -> Query[Change]:
    """Ask what `install` would do. Nix tells sizes as a sum only, which the first package asked for gets here."""
    first, *rest = install(packages, recommends=recommends)
    return Query(argv=("sh", "-c", '"$@" 2>&1', "sh", first, "--dry-run", *rest), parse=_changes)


def simulate_recommends(packages: Sequence[PackageRef]) -> Query[Change]:
    """Ask what would come with recommended packages."""
    return simulate(packages, recommends=True)


def owner(path: str) -> Query[str]:
    """Ask which derivation a path belongs to: its place in the store shows it."""
    return Query(argv=("sh", "-c", OWNER, "sh", path), parse=_derivations)


def provides(command: str) -> Query[str]:
    """Ask which installed derivation puts a command on PATH; of others nix does not know."""
    return Query(argv=("sh", "-c", PROVIDES, "sh", command), parse=_derivations)


def versions(name: str) -> Query[AvailableVersion]:
    """Ask which versions the channel has of a package, under its own attribute and numbered ones, newest first."""
    return Query(argv=("sh", "-c", ASK_VERSIONS, "sh", name, program(__package__, "versions.nix")), parse=_offers)


def names() -> Query[str]:
    """Ask for every attribute of nixpkgs, those of its sets (`python3Packages`) not among them."""
    return Query(argv=("sh", "-c", NAMES), parse=_names)


def commands_of(names: Sequence[str]) -> Query[Candidate] | None:
    """Return None: what a package holds is known when it is in the store."""
    return None


def elsewhere(names: Sequence[str]) -> Query[Elsewhere] | None:
    """Return None: parts of the distro that are not enabled are unknown."""
    return None


def choices(names: Sequence[str]) -> Query[Choice] | None:
    """Return None: its list of versions shows which one it takes."""
    return None


def facts(names: Sequence[str]) -> Query[Fact] | None:
    """Return None: nix keeps neither what a package needs by name nor its licence."""
    return None


def repositories() -> Query[str] | None:
    """Return None: sandbox does not query where its packages come from."""
    return None


_DONE: Final = re.compile(r"^(installing|replacing old|upgrading) '([^']+)'", re.MULTILINE)
_NEEDED: Final = re.compile(r"^  (/nix/store/\w{32}-\S+?)(?:\.drv)?$", re.MULTILINE)
_SUM: Final = re.compile(r"will be fetched \(([\d.]+) (\w+) download, ([\d.]+) (\w+) unpacked\)")
_UNITS: Final = {"B": 1, "bytes": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}


def _changes(output: str) -> tuple[Change, ...]:
    """Return what would be installed: the packages asked for, then those they need that are not in the store."""
    asked = {split(named)[0]: split(named)[1] for verb, named in _DONE.findall(output) if verb == "installing"}
    old = {split(named)[0]: split(named)[1] for verb, named in _DONE.findall(output) if verb == "replacing old"}
    needed = dict(filter(None, map(derivation, _NEEDED.findall(output))))
    size, download = _sums(output)
    return tuple(
        Change(
            action=_action(old.get(name, version), version),
            name=name,
            version=version,
            size=0 if number else size,
            download=0 if number else download,
        )
        for number, (name, version) in enumerate({**asked, **needed, **asked}.items())
    )


def _action(old: str, new: str) -> Action:
    if old == new:
        return "install"
    return "upgrade" if _rank(old) < _rank(new) else "downgrade"


def _sums(output: str) -> tuple[int, int]:
    """Return the bytes on disk and to download."""
    if found := _SUM.search(output):
        download, unit, unpacked, other = found.groups()
        return _bytes(unpacked, other), _bytes(download, unit)
    return 0, 0


def _bytes(number: str, unit: str) -> int:
    try:
        return int(float(number) * _UNITS.get(unit, 0))
    except ValueError:
        return 0


def _derivations(output: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(named[0] for named in map(derivation, output.splitlines()) if named))


def _offers(output: str) -> tuple[AvailableVersion, ...]:
    found = {row.version: row for row in _rows(output)}
    offers = (AvailableVersion(name=row.attribute, version=row.version, summary=row.summary) for row in found.values())
    return tuple(sorted(offers, key=lambda offer: _rank(offer.version), reverse=True))


def _rows(output: str) -> Iterator[_Version]:
    for line in output.splitlines():
        try:
            yield json.decode(line.lstrip("[,") + "}", type=_Version)
        except DecodeError:
            continue


def _rank(version: str) -> list[tuple[bool, int, str]]:
    """Return what sorts versions as builtins.compareVersions does, in all but `pre`."""
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in _PART.findall(version)]


_PART: Final = re.compile(r"[0-9]{1,18}|[A-Za-z]+")


def _names(output: str) -> tuple[str, ...]:
    return tuple(line for line in output.splitlines() if ATTRIBUTE.fullmatch(line))
