"""What Python's packages say of themselves: the core metadata (PEP 566, PEP 639), which pip keeps beside them. Pure."""

from __future__ import annotations

import re
from posixpath import normpath
from typing import TYPE_CHECKING, Final

from sandbox.managers.languages.metadata import PackageMetadata
from sandbox.managers.metadata import short_licence

if TYPE_CHECKING:
    from collections.abc import Mapping

_NEED: Final = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[(?P<extras>[^\]]*)\])?")
_EXTRA: Final = re.compile(r"""\bextra\s*==\s*["']([^"']+)["']""")


def read(content: bytes) -> PackageMetadata | None:
    """Return the metadata in a METADATA file, or None if it is invalid."""
    head = content.decode("utf-8", "replace").partition("\n\n")[0]
    fields: dict[str, list[str]] = {}
    for line in head.split("\n"):
        key, colon, value = line.partition(": ")
        if colon and not key.startswith((" ", "\t")):
            fields.setdefault(key, []).append(value.strip())
    if "Name" not in fields or "Version" not in fields:
        return None
    rows = [(found, _EXTRA.search(row)) for row in fields.get("Requires-Dist", ()) if (found := _NEED.match(row))]
    return PackageMetadata(
        source="pip",
        name=_normal(fields["Name"][0]),
        version=fields["Version"][0],
        needs=tuple(dict.fromkeys(_normal(need["name"]) for need, extra in rows if not extra)),
        licence=_licence(fields),
        asks=frozenset(
            (_normal(need["name"]), _normal(word.strip()))
            for need, extra in rows
            if not extra
            for word in (need["extras"] or "").split(",")
        ),
        extras=tuple((_normal(extra[1]), _normal(need["name"])) for need, extra in rows if extra),
    )


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _licence(fields: Mapping[str, list[str]]) -> str:
    """Return the licence's expression, or else its classifiers, or else its short text."""
    if expression := fields.get("License-Expression"):
        return short_licence(expression[0])
    classified = [row.rpartition(" :: ")[2] for row in fields.get("Classifier", ()) if row.startswith("License :: ")]
    return short_licence(" and ".join(classified) or fields.get("License", [""])[0])


def recorded_paths(path: str, contents: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the absolute paths of a package's RECORD, which is beside its METADATA: each line ends in two columns."""
    lines = contents.get(f"{path.rpartition('/')[0]}/RECORD", b"").decode("utf-8", "surrogateescape").splitlines()
    site = path.rsplit("/", 2)[0]
    names = (line.rsplit(",", 2)[0].strip('"') for line in lines if line.count(",") > 1)
    return tuple(normpath(f"{site}/{name}") for name in names if name)
