"""What is found in a file that names packages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct

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
    if name.startswith("-"):
        return NotTaken(text=name, line=line, reason="a name can't begin with -")
    return Entry(name=name, line=line, family=family, note=note)
