"""The table that dnf and its relatives print of a transaction, and the full names of packages.

Sources: what dnf 4.14, 4.23 and dnf5 5.4 printed; the sources of microdnf and tdnf for theirs.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.managers.protocol import Change
from sandbox.managers.rpm.names import ARCHITECTURE, NAME, QUALIFIED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.managers.protocol import Action

_SECTION: Final = re.compile(r"([A-Z][a-z]+)(?: [a-z ]+)?:")
_ACTIONS: Final[dict[str, Action]] = {
    "Installing": "install",
    "Upgrading": "upgrade",
    "Updating": "upgrade",
    "Downgrading": "downgrade",
    "Removing": "remove",
}
_FULL: Final = re.compile(rf"({NAME.pattern}?)-((?:[0-9]+:)?[^-\s]+-[^-\s]+)")


def changes(output: str) -> tuple[Change, ...]:
    """Return the rows of a table of a transaction; only its first columns mean the same in all programs."""
    return tuple(_changes(output))


def _changes(output: str) -> Iterator[Change]:
    action: Action | None = None
    waiting: list[str] = []
    for line in output.splitlines():
        if found := _SECTION.fullmatch(line.rstrip()):
            action, waiting = _ACTIONS.get(found[1]), []
            continue
        words = [*waiting, *line.split()]
        waiting = words if len(words) == 1 and line.startswith(" ") else []  # dnf 4 breaks the row behind a long name
        if action and (row := _name_and_version(words)):
            yield Change(action=action, name=row[0], version=row[1])


def _name_and_version(words: Sequence[str]) -> tuple[str, str] | None:
    """Return name and version of a row as `NAME ARCH VERSION ...`, or as microdnf's `NAME-VERSION.ARCH REPOSITORY`."""
    name, architecture, version = [*words, "", "", ""][:3]
    if version and ARCHITECTURE.fullmatch(architecture) and NAME.fullmatch(name):
        return name, version.removeprefix("0:")
    return full_name(name) if architecture else None


def full_name(text: str) -> tuple[str, str] | None:
    """Return name and version of `NAME-[EPOCH:]VERSION-RELEASE.ARCH`, or None for anything else."""
    found = QUALIFIED.fullmatch(text)
    parts = _FULL.fullmatch(found[1]) if found else None
    return (parts[1], parts[2].removeprefix("0:")) if parts else None
