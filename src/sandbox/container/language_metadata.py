"""The packages of languages that files in a sandbox tell of, and how they stand beside those that are listed. Pure."""

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
    """Return the pattern of the files in which packages describe themselves, as paths without the first slash."""
    rows = (language_family(name).data().described for name in LANGUAGES)
    return "|".join(f"(?:{row})" for row in rows if row)


def parse_metadata(contents: Mapping[str, bytes]) -> tuple[PackageMetadata, ...]:
    """Return the packages that files describe, each version once; what is no description is passed over."""
    found: dict[tuple[str, str], PackageMetadata] = {}
    for path, content in contents.items():
        said = _read(path, content)
        if said is not None and NAME.fullmatch(said.name) and VERSION.fullmatch(said.version):
            found.setdefault((said.full_name, said.version), said)
    asked = {ask for said in found.values() for ask in said.asks}
    return tuple(_with_extras(said, asked) for said in found.values())


def _read(path: str, content: bytes) -> PackageMetadata | None:
    for name, pattern in _patterns():
        if pattern.fullmatch(path, 1):
            return language_family(name).describe(content)
    return None


@cache
def _patterns() -> tuple[tuple[LanguageName, re.Pattern[str]], ...]:
    rows = ((name, language_family(name).data().described) for name in LANGUAGES)
    return tuple((name, re.compile(row)) for name, row in rows if row)


def _with_extras(said: PackageMetadata, asked: Collection[tuple[str, str]]) -> PackageMetadata:
    """Return a package with what those of its extras need that another asks for."""
    more = (need for extra, need in said.extras if (said.name, extra) in asked)
    return replace(said, needs=tuple(dict.fromkeys((*said.needs, *more))))


def merge_listings(listed: Iterable[Package], said: Iterable[PackageMetadata]) -> Iterator[Package]:
    """Yield the packages that managers list, and those inside of them that only their files tell of, by full names."""
    known = {(package.full_name, package.version): package for package in listed}
    for package in known.values():
        yield replace(package, name=package.full_name, source="")
    for one in said:
        if (one.full_name, one.version) not in known:
            yield Package(name=one.full_name, version=one.version, architecture="", size=0, explicit=False)
