"""Queries to apk: what an install would do, who owns a file, who provides a command, which versions exist.

Sources: apk-query(8), apk-search(8), apk-info(8), apk-policy(8), and the fields of an APKINDEX. apk 3 answers from its
own index; apk 2 has no `query`, so that there the index files are read.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.core.programs import program
from sandbox.managers.apk.driver import install
from sandbox.managers.apk.names import NAME, sort_key
from sandbox.managers.choices import INDEX, Choice, policies
from sandbox.managers.metadata import facts as facts_of
from sandbox.managers.protocol import AvailableVersion, Candidate, Change, Query
from sandbox.managers.repositories import repositories as repositories_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.managers.metadata import Fact
    from sandbox.managers.protocol import Action, Elsewhere, PackageRef


LOOK_UP: Final = 'records "$@"\nexit 0'
"""Shell text: behind records.sh it prints the index's record of each of "$@"."""

OWNER: Final = r"""
case $1 in /usr/*) other=${1#/usr} ;; *) other=/usr$1 ;; esac
apk info -qW "$1" 2>/dev/null || apk info -qW "$other" 2>/dev/null
"""
"""Constant shell text: where /bin and others are links, a file may be known by either path."""


TAGS: Final = r"""
[ -z "$(apk search -q 2>/dev/null | head -n 1)" ] || echo 'index: yes'
exec apk policy "$@"
"""

REPOSITORIES: Final = "sed 's/^/repository /' /etc/apk/repositories; ls /etc/apk/keys | sed 's/^/key /'"


def _with_records(text: str) -> str:
    """Return shell text with the function `records` before it."""
    return f"{program(__package__, 'records.sh')}\n{text}"


def simulate(packages: Sequence[PackageRef], *, recommends: bool = False) -> Query[Change]:
    """Ask what `install` would do."""
    tool, verb, *rest = install(packages, recommends=recommends)
    text = _with_records(program(__package__, "simulate.sh"))
    return Query(argv=("sh", "-c", text, "sh", tool, verb, "--simulate", *rest), parse=_changes)


def simulate_recommends(packages: Sequence[PackageRef]) -> Query[Change]:
    """Ask what would come with recommended packages."""
    return simulate(packages, recommends=True)


def owner(path: str) -> Query[str]:
    """Ask which installed package owns a path."""
    return Query(argv=("sh", "-c", OWNER, "sh", path), parse=_names, statuses=(0, 1))


def provides(command: str) -> Query[str]:
    """Ask which packages of the index say that they provide a command, as all that abuild makes do."""
    return Query(argv=("apk", "search", "-qx", f"cmd:{command}"), parse=_names, statuses=(0, 1))


def versions(name: str) -> Query[AvailableVersion]:
    """Ask for the versions in the index, newest first."""
    return Query(argv=("sh", "-c", _with_records(LOOK_UP), "sh", name), parse=_newest_first)


def names() -> Query[str]:
    """Ask for the names of all packages in the index."""
    return Query(argv=("apk", "search", "-q"), parse=_names)


def commands_of(names: Sequence[str]) -> Query[Candidate] | None:
    """Ask the index which commands packages provide; nothing is downloaded."""
    return Query(argv=("sh", "-c", _with_records(LOOK_UP), "sh", *names), parse=_candidates) if names else None


def elsewhere(names: Sequence[str]) -> Query[Elsewhere] | None:
    """Return None: parts of the distro that are not enabled are unknown."""
    return None


def choices(names: Sequence[str]) -> Query[Choice] | None:
    """Ask for the policy of each name (apk-policy(8)): tags of repositories count, apk-repositories(5)."""
    return Query(argv=("sh", "-c", TAGS, "sh", *names), parse=_choices)


def facts(names: Sequence[str]) -> Query[Fact] | None:
    """Ask for the dependencies and licences of installed packages."""
    return facts_of(program(__package__, "facts.sh"), names, needs=_needs)


def repositories() -> Query[str] | None:
    """Ask where packages come from and which keys are known."""
    return repositories_of(REPOSITORIES)


_CHANGE: Final = re.compile(r"^\(\d+/\d+\) (\w+) (\S+) \((?:\S+ -> )?(\S+?)\)", re.MULTILINE)
_ACTIONS: Final[Mapping[str, Action]] = {
    "Installing": "install",
    "Upgrading": "upgrade",
    "Downgrading": "downgrade",
    "Replacing": "upgrade",
    "Purging": "remove",
}
_PARAGRAPH: Final = re.compile(r"^(?=Name: )", re.MULTILINE)
"""The beginning of a record: the empty lines between records are removed before."""
_RECORD: Final = re.compile(r"^(Name|Version|Description|Installed-Size|File-Size|Provides): *(.*)$", re.MULTILINE)


def _changes(output: str) -> tuple[Change, ...]:
    offers = {(offer.name, offer.version): offer for offer in _offers(output)}
    return tuple(
        _change(_ACTIONS[verb], name, version, offers)
        for verb, name, version in _CHANGE.findall(output)
        if verb in _ACTIONS
    )


def _change(action: Action, name: str, version: str, offers: Mapping[tuple[str, str], AvailableVersion]) -> Change:
    offer = offers.get((name, version))
    if offer is None or action == "remove":
        return Change(action=action, name=name, version=version)
    return Change(action=action, name=name, version=version, size=offer.size, download=offer.download)


def _records(output: str) -> Iterator[dict[str, str]]:
    for paragraph in _PARAGRAPH.split(output):
        fields = dict(_RECORD.findall(paragraph))
        if NAME.fullmatch(fields.get("Name", "")):
            yield fields


def _offers(output: str) -> tuple[AvailableVersion, ...]:
    """Return what the records say, sizes in bytes."""
    return tuple(
        AvailableVersion(
            name=fields["Name"],
            version=fields.get("Version", ""),
            size=_number(fields.get("Installed-Size", "")),
            download=_number(fields.get("File-Size", "")),
            summary=fields.get("Description", ""),
        )
        for fields in _records(output)
    )


def _newest_first(output: str) -> tuple[AvailableVersion, ...]:
    offers = {offer.version: offer for offer in _offers(output)}
    return tuple(sorted(offers.values(), key=lambda offer: sort_key(offer.version), reverse=True))


def _candidates(output: str) -> tuple[Candidate, ...]:
    """Return the packages of the records with the commands that they provide, such as `cmd:jq=1.6-r0`."""
    found: dict[str, tuple[str, ...]] = {}
    for fields in _records(output):
        commands = (word for word in fields.get("Provides", "").split() if word.startswith("cmd:"))
        found[fields["Name"]] = tuple(word.removeprefix("cmd:").partition("=")[0] for word in commands)
    return tuple(Candidate(name=name, commands=commands) for name, commands in found.items())


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def _names(output: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line for line in output.splitlines() if NAME.fullmatch(line)))


def _choices(output: str) -> tuple[Choice, ...]:
    """Return what apk says: of a repository with a tag nothing is taken that does not name the tag."""
    found = []
    for name, rows in list(policies(output)):
        plain = [version for version, places in rows if any(not place.startswith("@") for place in places)]
        places = {version: tuple(places) for version, places in rows if places}
        found.append(
            Choice(
                name=name,
                chosen=max(plain, key=sort_key, default=""),
                places=places,
                is_known=bool(INDEX.search(output)),
            )
        )
    return tuple(found)


def _needs(text: str) -> Iterator[str]:
    """Yield the names of a line, without versions and conflicts."""
    yield from (re.split(r"[<>=~]", word)[0] for word in text.split() if not word.startswith("!"))
