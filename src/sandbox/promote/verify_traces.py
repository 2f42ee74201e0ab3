"""What a proof compares besides packages: remaining settings, services at boot, users, files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.core.human import count
from sandbox.core.programs import fill, template
from sandbox.inspect.file_changes import PathPrefixes
from sandbox.managers.registry import data_of
from sandbox.managers.state_paths import SYSTEM, state_paths, store_paths

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.managers.registry import ManagerName

DATA: Final = ("/var", "/srv", "/opt", "/home")
"""Folders of data, which neither --uninstall nor --purge deletes."""
OWN: Final = (*SYSTEM, "/var/cache", "/var/lib/sandbox-promote", "/var/lib/systemd", "/var/lib/ucf", "/var/tmp")  # noqa: S108
"""Records of programs that packages call: files there change with the packages."""


class Traces(Struct, frozen=True, kw_only=True):
    """Names of removed packages with settings, links that start services, users, and paths of files."""

    settings: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()
    files: frozenset[str] = frozenset()

    def below(self, *folders: str) -> frozenset[str]:
        """Return the files below folders."""
        within = PathPrefixes(folders)
        return frozenset(path for path in self.files if path in within)


def look_text(manager: ManagerName) -> str:
    """Return the shell text whose output `traces` parses."""
    return fill(template(__package__, "traces.sh"), {"LEFTOVERS": data_of(manager).host().leftovers or ":"})


def traces(output: str, manager: ManagerName) -> Traces:
    """Parse the text's output, without the manager's own records."""
    found: dict[str, set[str]] = {}
    for line in output.splitlines():
        kind, _, value = line.partition(" ")
        found.setdefault(kind, set()).add(value)
    books = PathPrefixes((*OWN, *state_paths(manager), *store_paths(manager)))
    return Traces(
        settings=frozenset(found.get("settings", ())),
        links=frozenset(found.get("link", ())),
        users=frozenset(found.get("user", ())),
        files=frozenset(path for path in found.get("file", ()) if path not in books),
    )


def unkept_removal(before: Traces, last: Traces, said: str) -> list[str]:
    """Return what an uninstall left or removed without announcing it."""
    return [
        *_surprises(before, last, said),
        *_changes("starts at boot", before.links, last.links),
        *(f"- {path}" for path in sorted(before.files - last.files) if path not in PathPrefixes(DATA)),
    ]


def unkept_purge(before: Traces, removed: Traces, last: Traces, said: str) -> list[str]:
    """Return how a purge differed from its announcement: deleted data, settings left without notice."""
    return [
        *unkept_removal(before, last, said),
        *(f"- {path}, data" for path in sorted(removed.below(*DATA) - last.files)),
    ]


def stays(before: Traces, last: Traces) -> str:
    """Return the new files as `12 files of settings and 3 of data stay`, or nothing."""
    new = last.files - before.files
    data = {path for path in new if path in PathPrefixes(DATA)}
    settings = {path for path in new if path in PathPrefixes(("/etc",))}
    parts = [(len(settings), "settings"), (len(data), "data"), (len(new - data - settings), "neither")]
    told = [f"{count(number, 'file')} of {what}" for number, what in parts if number]
    return f"{', '.join(told)} stay{'s' * (len(new) == 1)}" if told else ""


def _surprises(before: Traces, last: Traces, said: str) -> list[str]:
    lines = said.splitlines()
    settings = {word for line in lines if line.startswith("stays: the settings of") for word in line.split()}
    settings = {word.rstrip(";") for word in settings}
    return [
        *(
            f"the settings of {name} stay, which the script did not announce"
            for name in sorted(last.settings - before.settings - settings)
        ),
        *(
            f"the user {name} stays, which the script did not announce"
            for name in sorted(last.users - before.users)
            if not any(line.startswith(f"stays: the user {name};") for line in lines)
        ),
        *(f"the user {name} is gone" for name in sorted(before.users - last.users)),
    ]


def _changes(what: str, before: Iterable[str], after: Iterable[str]) -> list[str]:
    return [
        *(f"{path} {what}" for path in sorted({*after} - {*before})),
        *(f"{path} no longer {what}" for path in sorted({*before} - {*after})),
    ]
