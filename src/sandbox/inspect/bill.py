"""The bill of materials of an installation: each package that came, its archive's hash, what it needs, its licences.

`report/` writes it as CycloneDX and as SPDX. Pure: what is in it was read in the sandbox before.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

from sandbox.core.plaintext import plain_line
from sandbox.inspect.licences import Licence, licences_of
from sandbox.managers.package_files import version_of_file
from sandbox.managers.registry import LANGUAGES, data_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sandbox.managers.metadata import Fact
    from sandbox.managers.package_files import Archive
    from sandbox.managers.protocol import Package
    from sandbox.managers.registry import ManagerName
    from sandbox.provision.plan import Plan
    from sandbox.specs.lockfile import LockedFile

    _Facts = Mapping[tuple[str, str], Fact]

_WIDTH: Final = 300
_ANY: Final = frozenset(("", "all", "any", "noarch", "(none)"))
"""Architectures of packages for all of them."""


class ArchiveHash(Struct, frozen=True, kw_only=True, order=True):
    """The file that a package came as: its size in bytes, and its hash in hexadecimal."""

    algorithm: Literal["SHA-256", "SHA-512"]
    digest: str
    size: int


class Item(Struct, frozen=True, kw_only=True):
    """A package that came: `manager` as `apt` or `pip`, `name` without a prefix or an architecture.

    `size`: installed bytes as the manager claims them, 0 where it is silent. `needs`: the numbers, in the bill, of the
    packages that it needs. `archives` are empty where no file of it was there to take a hash of. `built`: an epoch.
    """

    manager: str
    name: str
    version: str
    architecture: str
    size: int
    is_asked: bool
    needs: tuple[int, ...] = ()
    licences: tuple[Licence, ...] = ()
    supplier: str = ""
    archives: tuple[ArchiveHash, ...] = ()
    built: int | None = None


class Arrivals(Struct, frozen=True, kw_only=True):
    """What an install brought, as the managers say it, and the files that it came as.

    `asked`: full names. `no_hashes`: why the distro's files could not be read.
    """

    came: tuple[Package, ...]
    asked: frozenset[str] = frozenset()
    facts: tuple[Fact, ...] = ()
    archives: tuple[Archive, ...] = ()
    files: tuple[LockedFile, ...] = ()
    no_hashes: str = ""


class Bill(Struct, frozen=True, kw_only=True):
    """The bill of one installation: `asked` as typed, on a distro's release and platform, from a base.

    `day` (ISO) is that of the snapshot that the packages come from, or None. `tool` is our version. `no_hashes`: why
    packages of the distro have no archive's hash; empty where they have.
    """

    asked: tuple[str, ...]
    distro: str
    release: str
    manager: str
    platform: str
    base: str
    tool: str
    items: tuple[Item, ...]
    day: str | None = None
    no_hashes: str = ""

    @property
    def title(self) -> str:
        """`jq and 2 others`, as asked, `on debian:bookworm`."""
        return f"{' '.join(self.asked)} on {self.distro}:{self.release}"


def bill_of(found: Arrivals, plan: Plan, *, platform: str, base: str, tool: str, day: str | None = None) -> Bill:
    """Return the bill of what came by a plan."""
    target = plan.target
    unkept = data_of(target.manager).downloads
    came = sorted(
        {(row.full_name, row.version, row.architecture): row for row in found.came}.values(),
        key=lambda row: (row.full_name, row.version, row.architecture),
    )
    facts = {(fact.name, fact.version): fact for fact in found.facts}
    asked = asked_among(came, found.asked)
    needs = _edges(came, facts)
    return Bill(
        asked=tuple(plain_line(ref.text) for ref in plan.packages),
        distro=target.distro.name,
        release=target.release.name,
        manager=target.manager,
        platform=platform,
        base=base,
        tool=tool,
        day=day,
        items=tuple(
            _item(
                row,
                _fact_of(row, facts),
                found,
                manager=target.manager,
                distro=target.label,
                needs=needs[number],
                is_asked=number in asked,
            )
            for number, row in enumerate(came)
        ),
        no_hashes=unkept if isinstance(unkept, str) else plain_line(found.no_hashes, _WIDTH),
    )


def language_in(full_name: str) -> tuple[str, str]:
    """Return the language and the name of `pip:httpie`; for a package of the distro an empty one, and all of it."""
    head, colon, rest = full_name.partition(":")
    return (head, rest) if colon and head in LANGUAGES else ("", full_name)


def bare_name(package: Package) -> str:
    """Return the name of a distro's package without the architecture behind it, as of `libc6:i386` and `glibc.i686`."""
    name, architecture = package.name, package.architecture
    return name.removesuffix(f":{architecture}").removesuffix(f".{architecture}") if architecture else name


def _item(
    package: Package,
    fact: Fact | None,
    found: Arrivals,
    *,
    manager: ManagerName,
    distro: str,
    needs: tuple[int, ...],
    is_asked: bool,
) -> Item:
    language, name = language_in(package.full_name)
    own = _language_hashes(language, name, package.version, found.files) if language else None
    return Item(
        manager=language or manager,
        name=plain_line(name if language else bare_name(package), _WIDTH),
        version=plain_line(package.version, _WIDTH),
        architecture=plain_line(package.architecture, _WIDTH),
        size=package.size,
        is_asked=is_asked,
        needs=needs,
        licences=_licences(fact, language or manager, distro),
        supplier=plain_line(fact.supplier, _WIDTH) if fact else "",
        archives=tuple(sorted(set(_hashes(package, manager, found.archives) if own is None else own))),
        built=fact.built if fact else None,
    )


def asked_among(came: Sequence[Package], names: Collection[str]) -> frozenset[int]:
    """Return the numbers of what was asked for: of several versions of a name those that the manager lists so."""
    of_name: dict[str, list[int]] = {}
    for number, row in enumerate(came):
        if row.full_name in names:
            of_name.setdefault(row.full_name, []).append(number)
    chosen = ([number for number in rows if came[number].explicit] or rows for rows in of_name.values())
    return frozenset(number for rows in chosen for number in rows)


def _fact_of(package: Package, facts: _Facts) -> Fact | None:
    names = (package.full_name, bare_name(package))
    keys = ((name, version) for name in names for version in (package.version, ""))
    return next((facts[key] for key in keys if key in facts), None)


def _licences(fact: Fact | None, manager: str, distro: str) -> tuple[Licence, ...]:
    texts = tuple(plain_line(text, _WIDTH) for text in fact.licences) if fact else ()
    return licences_of(texts, manager=manager, distro=distro)


def _hashes(package: Package, manager: ManagerName, archives: Iterable[Archive]) -> Iterator[ArchiveHash]:
    if isinstance(data_of(manager).downloads, str):
        return
    version = version_of_file(manager, package)
    for file in archives:
        if file.is_of(package.name, package.architecture) and file.version == version:
            yield ArchiveHash(algorithm="SHA-256", digest=file.sha256, size=file.size)


def _language_hashes(language: str, name: str, version: str, files: Iterable[LockedFile]) -> Iterator[ArchiveHash]:
    for file in files:
        place = file.name.rpartition("node_modules/")[2]
        if file.root.partition(":")[0] == language and place == name and is_same_version(file.version, version):
            yield archive_hash(file)


def is_same_version(one: str, other: str) -> bool:
    """Return whether two texts are the same version: a wheel's name has `2024.1.5` for `2024.01.05` (PEP 440)."""
    from packaging.version import InvalidVersion, Version

    try:
        return one == other or Version(one) == Version(other)
    except InvalidVersion:
        return False


def archive_hash(file: LockedFile) -> ArchiveHash:
    """Return the hash of a language's file, which its manager writes as `sha256:HEX` or `sha512-BASE64`."""
    if file.digest.startswith("sha256:"):
        return ArchiveHash(algorithm="SHA-256", digest=file.digest.partition(":")[2], size=file.size)
    digest = base64.b64decode(file.digest.partition("-")[2]).hex()
    return ArchiveHash(algorithm="SHA-512", digest=digest, size=file.size)


def _edges(came: Sequence[Package], known: _Facts) -> tuple[tuple[int, ...], ...]:
    """Return for each package the numbers of those that it needs, as the manager resolves them.

    Where it knows the versions, it is those. Of a name that packages of several architectures have or provide, it is
    that of its own.
    """
    providers: dict[str, set[int]] = {}
    versions: dict[tuple[str, str], set[int]] = {}
    for number, package in enumerate(came):
        fact = _fact_of(package, known)
        versions.setdefault((package.full_name, package.version), set()).add(number)
        for name in {package.full_name, bare_name(package), *(fact.provides if fact else ())}:
            providers.setdefault(name, set()).add(number)
    return tuple(
        tuple(sorted({*_exact_needs(fact, versions), *_needs(package, came, fact, providers)} - {number}))
        for number, package in enumerate(came)
        for fact in (_fact_of(package, known),)
    )


def _exact_needs(fact: Fact | None, versions: Mapping[tuple[str, str], Collection[int]]) -> Iterator[int]:
    for key in (fact.found or ()) if fact else ():
        yield from versions.get(key, ())


def _needs(
    package: Package, came: Sequence[Package], fact: Fact | None, providers: Mapping[str, Collection[int]]
) -> set[int]:
    found = set[int]()
    for need in names_to_resolve(fact) if fact else ():
        there = providers.get(need, ())
        fitting = {number for number in there if _fits(package, came[number])}
        found |= fitting or set(there)
    return found


def names_to_resolve(fact: Fact) -> tuple[str, ...]:
    """Return what a package needs by names alone: where versions are known, that is only of the distro."""
    return fact.needs if fact.found is None else tuple(need for need in fact.needs if not language_in(need)[0])


def _fits(package: Package, other: Package) -> bool:
    """Return whether a package's need is met by another of its own architecture, or of all."""
    if package.architecture in _ANY:
        return other.architecture in _ANY or bare_name(other) == other.name
    return other.architecture in (package.architecture, *_ANY)


def slug(text: str) -> str:
    """Return a text as letters, digits, dots and hyphens, which is what references may have."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", text).strip("-")
