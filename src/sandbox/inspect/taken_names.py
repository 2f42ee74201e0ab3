"""Which names that others may have on a host came: choices of alternatives, general names, names that hide. Pure."""

from __future__ import annotations

from posixpath import basename, dirname
from typing import TYPE_CHECKING, Final

from sandbox.container.snapshot import readable
from sandbox.inspect.facts import TakenName
from sandbox.inspect.findings import Finding
from sandbox.inspect.general_names import HOST, PEOPLE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.inspect.measured import Measured

ALTERNATIVES: Final = "/etc/alternatives/"


def taken_names(found: Measured) -> Iterator[Finding]:
    """Yield a finding for each command that came under a name that others may have, or have here."""
    folders = tuple(dict.fromkeys(found.after.resolve(one) for one in found.path.split(":") if one.startswith("/")))
    for path in found.difference.added:
        name, entry = basename(path), found.after.entries[path]
        if dirname(path) not in folders or not _is_command(found, path):
            continue
        to = readable(found.after.resolve(path))
        if hidden := _hidden_program(found, path, folders):
            yield Finding(kind="names", what=readable(path), fact=TakenName(how="hides", to=readable(hidden)))
        elif entry.kind == "l" and entry.link == f"{ALTERNATIVES}{name}":
            if name in HOST | PEOPLE:
                yield Finding(kind="names", what=readable(path), fact=TakenName(how="choice", to=to))
        elif name in HOST:
            yield Finding(kind="names", what=readable(path), fact=TakenName(how="is", to=to))


def _is_command(found: Measured, path: str) -> bool:
    target = found.after.entries.get(found.after.resolve(path))
    return target is not None and target.is_program


def _hidden_program(found: Measured, path: str, folders: tuple[str, ...]) -> str:
    """Return the program of the base that is no longer found by its name, since this one is found first."""
    later = folders[folders.index(dirname(path)) + 1 :]
    paths = (f"{folder}/{basename(path)}" for folder in later)
    there = (other for other in paths if other in found.before.entries and other in found.after.entries)
    return next((other for other in there if found.after.resolve(other) != found.after.resolve(path)), "")


def is_for_people(name: str) -> bool:
    """Return whether only people and their scripts type a name, so that nothing runs by itself because of it."""
    return name in PEOPLE
