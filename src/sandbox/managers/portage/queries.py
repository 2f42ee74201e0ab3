"""Queries to portage; it has no index of commands, so a query for a command only finds installed packages.

Sources: emerge(1), portageq's own help, repos.conf(5) in portage(5) for where trees are. Run with portage 3.0.83 in a
lab image over a small tree of our own.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.core.programs import program
from sandbox.managers.choices import Choice, policies
from sandbox.managers.metadata import facts as facts_of
from sandbox.managers.portage.driver import BINARY, install
from sandbox.managers.portage.names import CATEGORY, FULL_VERSION, VERSION, parts
from sandbox.managers.protocol import AvailableVersion, Change, Query

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.managers.metadata import Fact
    from sandbox.managers.protocol import Action, Candidate, Elsewhere, PackageRef

TREES: Final = "/var/db/repos"
"""Where repos.conf puts trees, and all of them that images and the handbook know."""


NAMES: Final = rf"""
for tree in {TREES}/*/; do cd "$tree" && printf '%s\n' *-*/*/ virtual/*/; done 2>/dev/null
exit 0
"""

PROVIDES: Final = r"""
cd /var/db/pkg && grep -lE "^(obj|sym) (/usr)?(/local)?/s?bin/$1 " */*/CONTENTS /dev/null
exit 0
"""
"""Constant shell text: print which installed packages have the command $1, quoted for grep, on PATH."""


def simulate(packages: Sequence[PackageRef], *, recommends: bool = False) -> Query[Change]:
    """Ask what `install` would do; sizes are those of the downloads, portage does not know more before it builds.

    Its status is 1 where something had to be unmasked.
    """
    _, *rest = install(packages, recommends=recommends)
    options = ("--pretend", "--verbose", *(word for word in rest if word != "--quiet"))
    argv = ("env", f"EMERGE_DEFAULT_OPTS={BINARY}", "emerge", *options)
    return Query(argv=argv, parse=_changes, statuses=(0, 1))


def simulate_recommends(packages: Sequence[PackageRef]) -> Query[Change]:
    """Ask what would come with recommended packages."""
    return simulate(packages, recommends=True)


def owner(path: str) -> Query[str]:
    """Ask which installed packages own a path; portageq sees through linked folders."""
    return Query(argv=("portageq", "owners", "/", path), parse=_owners, statuses=(0, 1))


def provides(command: str) -> Query[str]:
    """Ask which installed packages put a command on PATH; of others portage does not know."""
    return Query(argv=("sh", "-c", PROVIDES, "sh", re.sub(r"([][\\.*^$+?(){}|])", r"\\\1", command)), parse=_folders)


def versions(name: str) -> Query[AvailableVersion]:
    """Ask which versions the trees have, masked ones too, newest first; those built from a repository's head last."""
    return Query(argv=("sh", "-c", program(__package__, "versions.sh"), "sh", parts(name).package), parse=_offers)


def names() -> Query[str]:
    """Ask for the name of every package, with its category."""
    return Query(argv=("sh", "-c", NAMES), parse=_names)


def commands_of(names: Sequence[str]) -> Query[Candidate] | None:
    """Return None: what an ebuild installs is known when it has been built."""
    return None


def elsewhere(names: Sequence[str]) -> Query[Elsewhere] | None:
    """Return None: parts of the distro that are not enabled are unknown."""
    return None


def choices(names: Sequence[str]) -> Query[Choice] | None:
    """Ask which version emerge would take of each name, and all that the trees have."""
    return Query(argv=("sh", "-c", program(__package__, "best.sh"), "sh", *names), parse=_choices)


def facts(names: Sequence[str]) -> Query[Fact] | None:
    """Ask for the dependencies and licences of installed packages."""
    return facts_of(program(__package__, "facts.sh"), names, needs=_needs, owner=_without_version)


def repositories() -> Query[str] | None:
    """Return None: sandbox does not query where its packages come from."""
    return None


_CHANGE: Final = re.compile(
    rf"^\[(?:ebuild|binary|uninstall) ([^\]]*)\] ({CATEGORY}/[^\s:\[]+)[^\n]*?(?: ([\d,]+) KiB)?$", re.MULTILINE
)
_EBUILD: Final = re.compile(rf"^[^/\n:]+/({CATEGORY}/[^/\n]+)/([^/\n]+)\.ebuild$", re.MULTILINE)
_DESCRIPTION: Final = re.compile(r"^[^/\n]+/[^\n:]+/([^/\n:]+)\.ebuild:DESCRIPTION=[\"']?([^\"'\n]*)", re.MULTILINE)
_NAME: Final = re.compile(rf"({CATEGORY}/[A-Za-z0-9+_-]+)/?")
_SUFFIXES: Final = {"alpha": -5, "beta": -4, "pre": -3, "rc": -2, "p": 1}
_LIVE: Final = re.compile(r"9{4,}")


def _changes(output: str) -> tuple[Change, ...]:
    return tuple(_all_changes(output))


def _all_changes(output: str) -> Iterator[Change]:
    """Yield the changes of lines as `[ebuild     UD] app-lab/lab-tool-1.0::gentoo [2.0::gentoo] USE="" 12 KiB`."""
    for flags, folder, size in _CHANGE.findall(output):
        if cut := FULL_VERSION.fullmatch(folder):
            kibibytes = size.replace(",", "")
            yield Change(
                action=_action(flags),
                name=cut[1],
                version=cut[2],
                download=int(kibibytes) * 1024 if kibibytes else 0,
            )


def _action(flags: str) -> Action:
    """Return the action of emerge's letters: U update, D down to an older version; all others install."""
    if "U" in flags:
        return "downgrade" if "D" in flags else "upgrade"
    return "install"


def _owners(output: str) -> tuple[str, ...]:
    """Return the names of lines as `app-lab/lab-tool-2.0`, above each of which its files stand."""
    cuts = (FULL_VERSION.fullmatch(line) for line in output.splitlines())
    return tuple(dict.fromkeys(cut[1] for cut in cuts if cut))


def _folders(output: str) -> tuple[str, ...]:
    return _owners(output.replace("/CONTENTS", ""))


def _offers(output: str) -> tuple[AvailableVersion, ...]:
    described = dict(_DESCRIPTION.findall(output))
    offers = (_offer(package, file, described.get(file, "")) for package, file in _EBUILD.findall(output))
    return tuple(sorted(filter(None, dict.fromkeys(offers)), key=lambda offer: _rank(offer.version), reverse=True))


def _offer(package: str, file: str, summary: str) -> AvailableVersion | None:
    version = file.removeprefix(f"{package.rpartition('/')[2]}-")
    return AvailableVersion(name=package, version=version, summary=summary) if VERSION.fullmatch(version) else None


def _rank(version: str) -> tuple[bool, tuple[int, ...], str, list[tuple[int, int]], int]:
    """Return what sorts versions as the Package Manager Specification 3.3 orders them, in all but leading zeros."""
    plain, _, revision = version.partition("-r")
    head, *suffixes = plain.split("_")
    letter = head[-1] if head[-1].isalpha() else ""
    marks = [(_SUFFIXES[kind], int(number or 0)) for kind, number in map(_split_suffix, suffixes)]
    numbers = tuple(map(int, head.rstrip(letter or ".").split(".")))
    return not _LIVE.search(head), numbers, letter, [*marks, (0, 0)], int(revision or 0)


def _split_suffix(suffix: str) -> tuple[str, str]:
    """Return `rc` and `1` of `rc1`."""
    kind = suffix.rstrip("0123456789")
    return kind, suffix[len(kind) :]


def _names(output: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found[1] for line in output.splitlines() if (found := _NAME.fullmatch(line))))


_OWN_VERSION: Final = re.compile(r"-\d[\w.]*(?:-r\d+)?$")


def _without_version(text: str) -> str:
    return _OWN_VERSION.sub("", text)


def _needs(text: str) -> Iterator[str]:
    """Yield the names of a line of atoms, without versions; every alternative is one."""
    yield from map(_without_version, re.findall(r"[<>=~!]*([\w+.-]+/[\w+.-]+)", text))


def _choices(output: str) -> tuple[Choice, ...]:
    return tuple(
        Choice(name=name, chosen=rows[0][0] if rows else "", places={version: ("",) for version, _ in rows})
        for name, rows in list(policies(output))
    )
