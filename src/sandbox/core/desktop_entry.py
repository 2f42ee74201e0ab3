"""The files by which desktops know programs and their file types: groups of keys (Desktop Entry Specification 1.5)."""

from __future__ import annotations

ENTRY = "Desktop Entry"
"""The group of a .desktop file that says what it is."""


def group_values(text: str, group: str) -> dict[str, str]:
    """Return the keys of a group as written, those in a language (`Name[de]`) under that name; the first one counts."""
    found: dict[str, str] = {}
    here = ""
    for line in text.splitlines():
        if line.startswith("["):
            here = line.strip()
        elif here == f"[{group}]" and "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.setdefault(key.strip(), value.strip())
    return found
