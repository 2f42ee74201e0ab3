"""What a package of a language says of itself in the files that it brought; each language's folder has their reader."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

from sandbox.managers.metadata import Fact
from sandbox.managers.protocol import full_name

NAME: Final = re.compile(r"(?:@[A-Za-z0-9._~-]{1,100}/)?[A-Za-z0-9_~][A-Za-z0-9._~-]{0,213}")
VERSION: Final = re.compile(r"[0-9A-Za-z.!+_-]{1,100}")


class Place(Struct, frozen=True, kw_only=True):
    """Where a package stands: its folder, and the name by which others find it there.

    `scopes` are the folders in which it looks for what it needs, the nearest first.
    """

    folder: str
    name: str
    scopes: tuple[str, ...]


class PackageMetadata(Struct, frozen=True, kw_only=True):
    """A package by its name without a prefix, as it describes itself.

    `asks` are extras of others that it needs, as (`requests`, `socks`); `extras` are its own, with what each needs.
    `found` are those that it needs, by full name and version, as their places tell; None where places tell nothing.
    """

    source: str
    name: str
    version: str
    needs: tuple[str, ...] = ()
    licence: str = ""
    asks: frozenset[tuple[str, str]] = frozenset()
    extras: tuple[tuple[str, str], ...] = ()
    found: frozenset[tuple[str, str]] | None = None

    @property
    def full_name(self) -> str:
        """The name behind its manager's."""
        return full_name(self.source, self.name)

    @property
    def fact(self) -> Fact:
        """What is known of it, by full names."""
        needs = tuple(full_name(self.source, need) for need in self.needs)
        licences = (self.licence,) if self.licence else ()
        return Fact(name=self.full_name, version=self.version, needs=needs, found=self.found, licences=licences)
