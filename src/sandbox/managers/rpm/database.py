"""rpm, which dnf, zypper and their relatives use: installed packages, owners of files, order of versions.

Sources: rpm(8), rpm-queryformat(7), rpm-version(7), rpm-plugins(8). Run with rpm 4.18, 4.20 and 6.1 by the lab.
"""

from __future__ import annotations

import re
from collections import Counter
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec.structs import replace

from sandbox.core.programs import program, sh_argv
from sandbox.managers.protocol import LISTING, Package, Query, paths_in
from sandbox.managers.rpm.names import NAME, QUALIFIED, bare, label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sandbox.managers.metadata import Fact
    from sandbox.managers.protocol import Argv, AvailableVersion, PackageRef

environment: Final[Mapping[str, str]] = MappingProxyType({"LC_ALL": "C.UTF-8"})

DATABASES: Final = (
    "/usr/lib/sysimage/rpm/rpmdb.sqlite",
    "/usr/lib/sysimage/rpm/Packages.db",
    "/var/lib/rpm/rpmdb.sqlite",
    "/var/lib/rpm/Packages.db",
    "/var/lib/rpm/Packages",
)
"""rpm's database, in both of its places and all of its formats: the folders themselves don't change with it."""

FIELDS: Final = 3
"""How many fields a row has behind the name."""
SEPARATOR: Final = "=reasons="
ROWS: Final = rf"""
rpm -qa --qf '%{{NAME}}\t%{{EPOCHNUM}}:%{{VERSION}}-%{{RELEASE}}\t%{{ARCH}}\t%{{LONGSIZE}}\n'
echo '{SEPARATOR}'
""".strip()
"""Shell text that prints a row for each installed package, then the separator; a manager's own state follows."""

PREPARE: Final = r"""
[ -e /usr/lib/rpm/macros.d/macros.transaction_unshare ] && mkdir -p /etc/rpm &&
    echo '%__transaction_unshare %{nil}' >/etc/rpm/macros.sandbox-unshare""".strip()
"""Shell text: with this plugin of rpm 4.20 each script of a package fails in a container that may not unshare(2)."""
KEEP_DOCS: Final = program(__package__, "keep_docs.sh")


OWN: Final = r"""rpm --eval %_target_cpu | sed 's/^i.86$/i[3-6]86/; s/^x86_64.*/x86_64(_v[2-4])?/'"""
"""Shell text that prints the pattern of the machine's own architecture, for grep -E and sed -E."""
# `rpm -q NAME` also finds NAME of another architecture: a script took NAME.i686 for NAME, and removed both later.
IS_OWN: Final = f'grep -qxE "noarch|$({OWN})"'

COUNTS: Final = tuple(range(256))
"""The exit status of rpm's query is the number of names that it did not find."""


class Row(NamedTuple):
    """An installed package in rpm's database; `version` is `[EPOCH:]VERSION-RELEASE` and `size` in bytes."""

    name: str
    version: str
    architecture: str
    size: int
    is_foreign: bool = False
    """Whether it has another architecture than the machine; then the architecture follows its name."""

    @property
    def key(self) -> str:
        """The name and architecture, as dnf knows a package."""
        return f"{self.name}.{self.architecture}"

    def package(self, *, explicit: bool, origin: str = "") -> Package:
        """Return the package with what the manager knows of it."""
        return Package(
            name=self.key if self.is_foreign else self.name,
            version=self.version,
            architecture=self.architecture,
            size=self.size,
            explicit=explicit,
            origin=origin,
        )


def parse_listing(database: Mapping[str, bytes]) -> tuple[tuple[Row, ...], str]:
    """Return the rows of a listing and the manager's own lines behind the separator; rpm keeps keys as packages."""
    text = database.get(LISTING, b"").decode("utf-8", "replace")
    rows, _, rest = text.partition(f"{SEPARATOR}\n")
    return mark_foreign(_rows(rows)), rest


FAMILIES: Final = (re.compile(r"(?:i[3-6]86|athlon|geode)"), re.compile(r"x86_64(?:_v[2-4])?"), re.compile(r"armv.*"))
"""Architectures that one machine mixes: an i586 and an i686 package are both its own."""


def mark_foreign(rows: Iterable[Row]) -> tuple[Row, ...]:
    """Return the rows with those marked that are of another architecture than the machine's own.

    rpm keeps no record of which that is; most packages have it, `noarch` aside.
    """
    found = tuple(rows)
    counts = Counter(_kin(row.architecture) for row in found if row.architecture not in ("noarch", "(none)", ""))
    own = counts.most_common(1)[0][0] if counts else ""
    return tuple(
        row._replace(is_foreign=row.architecture not in ("noarch", "(none)", "") and _kin(row.architecture) != own)
        for row in found
    )


def _kin(architecture: str) -> str:
    """Return what stands for all architectures that are mixed with this one."""
    return next((form.pattern for form in FAMILIES if form.fullmatch(architecture)), architecture)


def _rows(text: str) -> Iterator[Row]:
    for line in text.splitlines():
        name, *fields = line.split("\t")
        if len(fields) == FIELDS and NAME.fullmatch(name) and name != "gpg-pubkey":
            version, architecture, size = fields
            yield Row(name, version.removeprefix("0:"), architecture, number(size))


def number(text: str) -> int:
    """Return the number if the text has only digits, else 0."""
    return int(text) if text.isascii() and text.isdigit() else 0


def use_mirror(official: str, mirror: str) -> Argv:
    """Return the argv that points the distro's repositories from the official mirror to another."""
    from sandbox.managers.mirrors import sed_words  # few have a mirror of their own

    return sh_argv(__package__, "use_mirror.sh", *sed_words(official, mirror))


def is_installed(package: PackageRef) -> tuple[Argv, ...]:
    """Return the pipeline whose last status shows it, for the machine's own architecture unless the name has one.

    A name without a version may be one that another package provides; rpm takes it for that of any architecture.
    """
    if package.file is not None and package.file.seal:
        tag, _, digest = package.file.seal.partition(":")
        return ("rpm", "-q", "--qf", rf"%{{{tag}}}\n", label(package)), ("grep", "-qxF", digest)
    if QUALIFIED.fullmatch(package.name):
        return (("rpm", "-q", label(package)),)
    asked = ("--whatprovides",) if package.version is None else ()
    return ("rpm", "-q", *asked, "--qf", r"%{ARCH}\n", label(package)), ("sh", "-c", IS_OWN)


def files(packages: Sequence[PackageRef]) -> Query[str]:
    """Ask for the files of the packages that provide the names; the command skips those that are not installed."""
    names = (bare(package) for package in packages)
    return Query(argv=("rpm", "-q", "--whatprovides", "-l", *names), parse=paths_in, statuses=COUNTS)


def owner(path: str) -> Query[str]:
    """Ask which installed packages own a path; rpm follows the links of the folders in it."""
    return Query(argv=("rpm", "-qf", "--qf", r"%{NAME}\n", path), parse=names_in, statuses=(0, 1))


_OPERATORS: Final = ("and", "or", "with", "<", ">", "=", "<=", ">=")


def facts(names: Sequence[str]) -> Query[Fact] | None:
    """Ask for the dependencies and licences of installed packages."""
    from sandbox.managers.metadata import facts as facts_of

    return facts_of(program(__package__, "facts.sh"), names, needs=needs)


def needs(text: str) -> tuple[str, ...]:
    """Return the names in a need, without versions: of `(a >= 1 or b if c)`, a rich one, `a` and `b`.

    What stands behind `if`, `unless` and `without` is no need (rpm-dependencies(7)).
    """
    if not text.startswith("("):
        return (text.split(" ", maxsplit=1)[0],)
    found: list[str] = []
    skips, is_version = False, False
    for word in text.replace(")(", ") (").split():
        if word in ("if", "unless", "without"):
            skips = True
        elif word == "else":
            skips = False
        elif word in _OPERATORS:
            is_version = word[0] in "<>="
        elif is_version:
            is_version = False
        elif not skips:
            name = word.lstrip("(")
            found.append(name[: len(name) - max(0, name.count(")") - name.count("("))])
    return tuple(found)


def repositories(folder: str) -> Query[str]:
    """Ask where packages come from, by the repositories of a folder, and which keys are known."""
    from sandbox.managers.repositories import repositories as repositories_of

    text = f"sed -n 's/^baseurl *= */repository /p' {folder}/*.repo; rpm -qa gpg-pubkey | sed 's/^/key /'"
    return repositories_of(text)


def names_in(output: str) -> tuple[str, ...]:
    """Return the lines that are names, each once."""
    return tuple(dict.fromkeys(line for line in output.splitlines() if NAME.fullmatch(line)))


def newest_first(offers: Iterable[AvailableVersion]) -> tuple[AvailableVersion, ...]:
    """Return the versions as rpm orders them, each once, of the first repository that has it."""
    rows: dict[AvailableVersion, AvailableVersion] = {}
    for offer in offers:
        rows.setdefault(replace(offer, repository=""), offer)
    return tuple(sorted(rows.values(), key=lambda offer: _order(offer.version), reverse=True))


_SEGMENT: Final = re.compile(r"\d+|[A-Za-z]+|~|\^")
_RANK: Final = {"~": 0, "^": 2}
"""The rank of a segment; the end of the text has 1, then come letters, then numbers."""


def _order(version: str) -> tuple[int, list[tuple[int, int, str]], list[tuple[int, int, str]]]:
    epoch, colon, rest = version.rpartition(":")
    upstream, _, release = rest.partition("-")
    return number(epoch) if colon else 0, _segments(upstream), _segments(release)


def _segments(text: str) -> list[tuple[int, int, str]]:
    """Return a key in the order of rpmvercmp: separators don't count, numbers are newer than letters."""
    keys = [_segment(found) for found in _SEGMENT.findall(text)]
    return [*keys, (1, 0, "")]


def _segment(text: str) -> tuple[int, int, str]:
    if text in _RANK:
        return _RANK[text], 0, ""
    return (4, int(text), "") if text.isdigit() else (3, 0, text)
