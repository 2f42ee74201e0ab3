"""What crates say of themselves: the manifests that cargo writes anew when it packs one, among the sources. Pure."""

from __future__ import annotations

import re
from typing import Final

from sandbox.managers.languages.metadata import NAME, PackageMetadata
from sandbox.managers.metadata import short_licence

_SECTION: Final = re.compile(r"""\[(?:target\..+\.)?(?:build-)?dependencies\.["']?([A-Za-z0-9_-]+)["']?\]""")
_VALUE: Final = re.compile(r'(name|version|license|package) = "([^"\\]*)"')


def read(content: bytes) -> PackageMetadata | None:
    """Return what a manifest says; cargo writes one value a line, and a section for each dependency."""
    section, own = "", dict[str, str]()
    needs = dict[str, str]()
    for line in content.decode("utf-8", "replace").splitlines():
        found, value = _SECTION.fullmatch(line), _VALUE.fullmatch(line)
        if line.startswith("["):
            section = found[1] if found else line
            if found:
                needs[section] = section
        elif value and section == "[package]":
            own[value[1]] = value[2]
        elif value and section in needs and value[1] == "package":
            needs[section] = value[2]  # it is needed under another name
    if "name" not in own or "version" not in own:
        return None
    return PackageMetadata(
        source="cargo",
        name=own["name"],
        version=own["version"],
        needs=tuple(dict.fromkeys(name for name in needs.values() if NAME.fullmatch(name))),
        licence=short_licence(own.get("license", "")),
    )
