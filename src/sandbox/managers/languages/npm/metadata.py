"""What Node's packages say of themselves: package.json(5). Pure."""

from __future__ import annotations

import msgspec.json
from msgspec import Struct

from sandbox.managers.languages.metadata import NAME, PackageMetadata
from sandbox.managers.metadata import short_licence


class _Named(Struct, frozen=True):
    """A licence as package.json had them once."""

    type: str = ""


class _PackageJson(Struct, frozen=True):
    """The fields of a package.json that are used."""

    name: str
    version: str
    license: str | _Named | None = None
    dependencies: dict[str, str] = {}


def read(content: bytes) -> PackageMetadata | None:
    """Return the metadata in a package.json, or None if it is invalid."""
    try:
        found = msgspec.json.decode(content, type=_PackageJson)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None
    licence = found.license.type if isinstance(found.license, _Named) else found.license or ""
    needs = tuple(name for name in found.dependencies if NAME.fullmatch(name))
    return PackageMetadata(
        source="npm", name=found.name, version=found.version, needs=needs, licence=short_licence(licence)
    )
