"""What Node's packages say of themselves, and where they find others. Pure.

Sources: package.json(5); Node's "Loading from node_modules folders" (https://nodejs.org/api/modules.html).
"""

from __future__ import annotations

from typing import Final

import msgspec.json
from msgspec import Struct, field

from sandbox.managers.languages.metadata import NAME, PackageMetadata, Place
from sandbox.managers.metadata import short_licence

_FOLDER: Final = "node_modules"


class _PackageJson(Struct, frozen=True):
    """The fields of a package.json that are used; what npm corrects without a word may have any form."""

    name: str
    version: str
    license: object = None
    dependencies: object = None
    optional: object = field(default=None, name="optionalDependencies")
    peers: object = field(default=None, name="peerDependencies")


def read(content: bytes) -> PackageMetadata | None:
    """Return the metadata in a package.json, or None if it is invalid."""
    try:
        found = msgspec.json.decode(content, type=_PackageJson)
    except (msgspec.MsgspecError, RecursionError, UnicodeError):
        return None
    parts = (found.dependencies, found.optional, found.peers)
    names = dict.fromkeys(name for part in parts if isinstance(part, dict) for name in part if NAME.fullmatch(name))
    licence = short_licence(_licence(found.license))
    return PackageMetadata(source="npm", name=found.name, version=found.version, needs=tuple(names), licence=licence)


def _licence(said: object) -> str:
    """Return the licence: package.json had an object with its type once."""
    text = said.get("type") if isinstance(said, dict) else said
    return text if isinstance(text, str) else ""


def place(path: str) -> Place | None:
    """Return where a package stands, and where Node searches for others: `node_modules` in its folder and all above."""
    home = path.removesuffix("/package.json")
    folder, found, name = home.rpartition(f"/{_FOLDER}/")
    parts = home.split("/")
    above = ("/".join(parts[:end]) for end in range(len(parts), 0, -1) if parts[end - 1] != _FOLDER)
    scopes = tuple(f"{one}/{_FOLDER}" for one in above)
    return Place(folder=f"{folder}/{_FOLDER}", name=name, scopes=scopes) if found else None
