"""Launchers: .desktop files, as far as they say how to start a program (Desktop Entry Specification 1.5)."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.core.desktop_entry import ENTRY, group_values
from sandbox.core.plaintext import plain_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FOLDER: Final = "/usr/share/applications"
FIELD: Final = re.compile(r"%[a-zA-Z]")
"""A field code of Exec, such as %F: files to open, of which there are none."""


ICON: Final = re.compile(r"/?[\w.+@-]+(/[\w.+@-]+)*")
"""A name or a path without anything that needs care."""


class Launcher(Struct, frozen=True, kw_only=True):
    """A program that menus show: the name of its file without .desktop, its title, and the words that start it.

    `icon` is the name of its icon in a theme, or the path of a file.
    """

    ident: str
    title: str
    argv: tuple[str, ...]
    icon: str = ""


def parse_launcher(ident: str, text: str) -> Launcher | None:
    """Return the launcher of a .desktop file; None for one that menus don't show, or that needs a terminal."""
    values = group_values(text, ENTRY)
    hidden = any(values.get(key, "").lower() == "true" for key in ("NoDisplay", "Hidden", "Terminal"))
    if values.get("Type", "Application") != "Application" or hidden:
        return None
    try:
        words = shlex.split(values.get("Exec", ""))
    except ValueError:
        return None
    argv = tuple(word.replace("%%", "%") for word in words if not FIELD.fullmatch(word))
    if not argv:
        return None
    title, icon = plain_line(values.get("Name", ident), 80), values.get("Icon", "")
    return Launcher(ident=ident, title=title, argv=argv, icon=icon if ICON.fullmatch(icon) else "")


def pick_launcher(files: Mapping[str, bytes], packages: Iterable[str]) -> Launcher | None:
    """Return the launcher to start of .desktop files by their names: one named like a package, else the first."""
    wanted = tuple(packages)
    found = [
        launcher
        for name, content in sorted(files.items())
        if name.endswith(".desktop")
        and (launcher := parse_launcher(name.removesuffix(".desktop"), content.decode(errors="replace")))
    ]
    return next(
        (one for one in found if any(name in (one.ident, one.argv[0].rpartition("/")[2]) for name in wanted)),
        next(
            (one for one in found if any(name.lower() in one.ident.lower() for name in wanted)), next(iter(found), None)
        ),
    )
