"""Packages of languages, from the metadata files in a sandbox, combined with those that the managers list. Pure."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sandbox.managers.languages.metadata import NAME, VERSION
from sandbox.managers.protocol import Package
from sandbox.managers.registry import LANGUAGES, language_family

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from sandbox.managers.languages.metadata import PackageMetadata, Place
    from sandbox.managers.registry import LanguageName


def description_paths() -> str:
    """Return the pattern of the files in which packages describe themselves, as paths without the first slash.

    And of those that name their files.
    """
    data = [language_family(name).data() for name in LANGUAGES]
    rows = (pattern for one in data for pattern in (one.described, one.lists))
    return "|".join(f"(?:{row})" for row in rows if row)


def parse_metadata(contents: Mapping[str, bytes]) -> tuple[PackageMetadata, ...]:
    """Return the packages that files describe, each version once; invalid files are skipped.

    A version that stands at several places needs what it finds at any of them.
    """
    read = {path: said for path, content in sorted(contents.items()) if (said := _valid(path, content)) is not None}
    asked = {ask for said in read.values() for ask in said.asks}
    read = {path: _with_extras(said, asked) for path, said in read.items()}
    places = {path: place for path, said in read.items() if (place := _place(path, said)) is not None}
    known = {(place.folder, place.name): read[path] for path, place in places.items()}
    found: dict[tuple[str, str], PackageMetadata] = {}
    for path, said in read.items():
        place, key = places.get(path), (said.full_name, said.version)
        if place is not None:
            said = replace(said, found=_nearest_needs(said, place, known))  # noqa: PLW2901
        found[key] = _union(found[key], said) if key in found else said
    return tuple(found.values())


def _valid(path: str, content: bytes) -> PackageMetadata | None:
    said = _read(path, content)
    return said if said is not None and NAME.fullmatch(said.name) and VERSION.fullmatch(said.version) else None


def _place(path: str, said: PackageMetadata) -> Place | None:
    name = _language(path)
    return language_family(name).place(path, said.name) if name is not None else None


def _nearest_needs(
    said: PackageMetadata, place: Place, known: Mapping[tuple[str, str], PackageMetadata]
) -> frozenset[tuple[str, str]]:
    """Return what a package finds of what it needs: each in the nearest of its scopes that has it."""
    rows = (next((known[scope, need] for scope in place.scopes if (scope, need) in known), None) for need in said.needs)
    return frozenset((row.full_name, row.version) for row in rows if row is not None)


def _union(one: PackageMetadata, other: PackageMetadata) -> PackageMetadata:
    """Return a version that stands at two places."""
    if one.found is None or other.found is None:
        return one
    return replace(one, needs=tuple(dict.fromkeys((*one.needs, *other.needs))), found=one.found | other.found)


def own_sizes(contents: Mapping[str, bytes], sizes: Mapping[str, int]) -> dict[tuple[str, str], int]:
    """Return the bytes of each package's own files, by full name and version; `sizes` are of the files by path.

    A file is of the package whose list names it, else of the nearest folder above it that is a package's.
    """
    files, folders = dict[str, tuple[str, str]](), dict[str, tuple[str, str]]()
    for path, content in contents.items():
        said, name = _read(path, content), _language(path)
        if said is not None and name is not None:
            for place in language_family(name).own_paths(path, contents):
                where = folders if place.endswith("/") else files
                where[place.rstrip("/")] = (said.full_name, said.version)
    found = dict.fromkeys((*files.values(), *folders.values()), 0)
    for path, size in sizes.items() if found else ():
        owner = files.get(path) or _nearest(path, folders)
        if owner is not None:
            found[owner] += size
    return found


def _nearest(path: str, folders: Mapping[str, tuple[str, str]]) -> tuple[str, str] | None:
    while path:
        path = path.rpartition("/")[0]
        if path in folders:
            return folders[path]
    return None


def _read(path: str, content: bytes) -> PackageMetadata | None:
    name = _language(path)
    return language_family(name).describe(content) if name is not None else None


def _language(path: str) -> LanguageName | None:
    """Return the language whose package the file at a path describes."""
    return next((name for name, pattern in _patterns() if pattern.fullmatch(path, 1)), None)


@cache
def _patterns() -> tuple[tuple[LanguageName, re.Pattern[str]], ...]:
    rows = ((name, language_family(name).data().described) for name in LANGUAGES)
    return tuple((name, re.compile(row)) for name, row in rows if row)


def _with_extras(said: PackageMetadata, asked: Collection[tuple[str, str]]) -> PackageMetadata:
    """Return a package with the dependencies of those extras that another package asks for."""
    more = (need for extra, need in said.extras if (said.name, extra) in asked)
    return replace(said, needs=tuple(dict.fromkeys((*said.needs, *more))))


def merge_listings(listed: Iterable[Package], said: Iterable[PackageMetadata]) -> Iterator[Package]:
    """Yield the packages that managers list, and packages bundled in them that only files show, by full name."""
    known = {(package.full_name, package.version): package for package in listed}
    for package in known.values():
        yield replace(package, name=package.full_name, source="")
    for one in said:
        if (one.full_name, one.version) not in known:
            yield Package(name=one.full_name, version=one.version, architecture="", size=0, explicit=False)
