"""What gems say of themselves: the Gem::Specification reference, as gem writes it beside what it installs. Pure."""

from __future__ import annotations

import re
from typing import Final

from sandbox.managers.languages.metadata import NAME, PackageMetadata
from sandbox.managers.metadata import short_licence

_FIELD: Final = re.compile(r'^\s*s\.(name|version) = "([^"]*)"', re.MULTILINE)
_LICENCES: Final = re.compile(r"^\s*s\.licenses = \[([^\]\n]*)\]", re.MULTILINE)
_GEMS: Final = re.compile(r"\bs\.add_(?:runtime_)?dependency\(%q<([^>\n]+)>")


def read(content: bytes) -> PackageMetadata | None:
    """Return the metadata in a specification, or None if it is invalid."""
    text = content.decode("utf-8", "replace")
    own = dict(_FIELD.findall(text))
    if "name" not in own or "version" not in own:
        return None
    licences = _LICENCES.search(text)
    return PackageMetadata(
        source="gem",
        name=own["name"],
        version=own["version"],
        needs=tuple(dict.fromkeys(name for name in _GEMS.findall(text) if NAME.fullmatch(name))),
        licence=short_licence(", ".join(re.findall(r'"([^"]+)"', licences[1]))) if licences else "",
    )
