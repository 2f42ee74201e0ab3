"""What was added to pacman.conf, as settings of their own that a host can be given.

A host has that file already, with more in it than the sandbox knows: what is new goes beside it, and can be taken back.
Source: pacman.conf(5) for sections and Include.
"""

from __future__ import annotations

import re
from typing import Final

from sandbox.managers.config_files import ConfigChange

SECTION: Final = re.compile(r"\[([A-Za-z0-9][A-Za-z0-9_.+-]*)\]")
BESIDE: Final = "/etc/pacman.conf.d"


def sections(before: str, after: str) -> tuple[ConfigChange, ...] | None:
    """Return the repositories that were added to pacman.conf, a file and the line that includes it for each.

    None where anything else of it was changed.
    """
    head, old = _parts(before)
    last, new = _parts(after)
    if last != head or any(new.get(name) != text for name, text in old.items()):
        return None
    found: list[ConfigChange] = []
    for name in new:
        if name in old or name == "options":
            continue
        path = f"{BESIDE}/{name}.conf"
        content = "".join(f"{line}\n" for line in (f"[{name}]", *new[name])).encode()
        found.append(ConfigChange(kind="repository", path=path, content=content))
        found.append(
            ConfigChange(kind="repository", path="/etc/pacman.conf", content=f"Include = {path}\n".encode(), added=True)
        )
    return tuple(found)


def _parts(text: str) -> tuple[list[str], dict[str, list[str]]]:
    """Return the lines before the first section, and those of each section, without comments and empty lines."""
    head: list[str] = []
    found: dict[str, list[str]] = {}
    lines = head
    for line in map(str.strip, text.splitlines()):
        if header := SECTION.fullmatch(line):
            lines = found.setdefault(header[1], [])
        elif line and not line.startswith("#"):
            lines.append(line)
    return head, found
