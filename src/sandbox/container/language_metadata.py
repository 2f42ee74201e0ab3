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

    from sandbox.managers.languages.metadata import PackageMetadata
    from sandbox.managers.registry import LanguageName


def description_paths() -> str:
    """Return the pattern of the files in which packages describe themselves, as paths without the first slash.

    And of those that name their files.
    """
    data = [language_family(name).data() for name in LANGUAGES]
    rows = (pattern for one in data for pattern in (one.described, one.lists))
    return "|".join(f"(?:{row})" for row in rows if row)


def parse_metadata(contents: Mapping[str, bytes]) -> tuple[PackageMetadata, ...]:
    """Return the packages that files describe, each version once; invalid files are skipped."""
    found: dict[tuple[str, str], PackageMetadata] = {}
    for path, content in contents.items():
        said = _read(path, content)
        if said is not None and NAME.fullmatch(said.name) and VERSION.fullmatch(said.version):
            found.setdefault((said.full_name, said.version), said)
    asked = {ask for said in found.values() for ask in said.asks}
    return tuple(_with_extras(said, asked) for said in found.values())


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
