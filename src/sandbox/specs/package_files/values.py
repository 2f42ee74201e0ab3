"""What is found in a file that names packages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from msgspec import Struct

from sandbox.specs.places import is_address

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Family = Literal["", "debian", "alpine", "fedora", "arch", "gentoo", "void", "brew"]
"""Whose names they are; empty for those of the distro that is tried, and for a language's."""


class Entry(Struct, frozen=True, kw_only=True):
    """A package, as `sandbox try` takes it; `note` is what the line says beyond that and `try` doesn't keep."""

    name: str
    line: int
    family: Family = ""
    note: str = ""


class NotTaken(Struct, frozen=True, kw_only=True):
    """A line that names no package that can be tried, and the reason in a few words."""

    text: str
    line: int
    reason: str


TEMPLATE: Final = re.compile(r"[$%]\{|\{\{|\{%|\$\(")
_NAME: Final = re.compile(r"[A-Za-z0-9@._+][A-Za-z0-9@._+:/=~^-]*")
"""A package's name, with what all managers allow in it and behind it: versions, slots, scopes, architectures."""
_LONGEST: Final = 200

Found: TypeAlias = "Entry | NotTaken"
Parse: TypeAlias = "Callable[[str], Iterable[Found]]"


class PackageFile(Struct, frozen=True, kw_only=True):
    """A file that was read: its name, the format it has, and what it names, each in the order of its lines."""

    source: str
    kind: str
    entries: tuple[Entry, ...]
    not_taken: tuple[NotTaken, ...]


def entry(name: str, line: int, family: Family = "", note: str = "") -> Found:
    """Return the package, or that it is none: a name that begins with a dash would be an option of its manager."""
    if TEMPLATE.search(name):
        return NotTaken(text=name, line=line, reason="it is a template")
    if name.startswith("-"):
        return NotTaken(text=name, line=line, reason="a name can't begin with -")
    if name.startswith("@") and "/" not in name:
        return NotTaken(text=name, line=line, reason="it is a group of packages")
    if is_address(name) or name.startswith(("/", "~/")):
        return NotTaken(text=name, line=line, reason="a list names no address and no path outside its folder")
    if len(name) > _LONGEST or not _NAME.fullmatch(name):
        return NotTaken(text=name, line=line, reason="not the name of a package")
    return Entry(name=name, line=line, family=family, note=note)
