"""Which of the known distros this host runs, by its os-release file."""

from __future__ import annotations

import shlex
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.distros.lookup import known_release
from sandbox.distros.model import Target
from sandbox.distros.table import DISTROS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.distros.model import Distro, Release

OS_RELEASE: Final = ("etc/os-release", "usr/lib/os-release")
"""os-release(5): the first that exists counts. Below a root folder."""


def host_target(rows: Sequence[Distro] = DISTROS, root: Path = Path("/")) -> Target | None:
    """Return the host's distro and release among the rows, or None where it is none of them (or is not Linux)."""
    for path in OS_RELEASE:
        with suppress(OSError):
            return target_of(read_os_release((root / path).read_text(encoding="utf-8", errors="replace")), rows)
    return None


def read_os_release(text: str) -> dict[str, str]:
    """Return the variables of an os-release(5) file; lines that are no assignment are passed over."""
    pairs = (line.strip().partition("=") for line in text.splitlines() if not line.lstrip().startswith("#"))
    return {key: _unquoted(value) for key, equals, value in pairs if equals and key.isidentifier()}


def target_of(os_release: Mapping[str, str], rows: Sequence[Distro]) -> Target | None:
    """Return the row whose `os_ids` hold ID, else the first of ID_LIKE that one holds.

    The release is that of VERSION_CODENAME or VERSION_ID. A relative's releases are not its ancestor's, and an
    unknown release is no reason to give up: then, unless the file names the ancestor's (UBUNTU_CODENAME,
    DEBIAN_CODENAME, as Mint's does), it is the default one.
    """
    for identity in (os_release.get("ID", "linux"), *os_release.get("ID_LIKE", "").split()):
        row = next((row for row in rows if identity.lower() in row.os_ids), None)
        if row is not None:
            keys = (f"{row.name.upper()}_CODENAME", "VERSION_CODENAME", "VERSION_ID")
            return Target(distro=row, release=_release(row, [os_release.get(key, "") for key in keys]))
    return None


def _release(row: Distro, names: Sequence[str]) -> Release:
    found = (known_release(row, name.lower()) for name in names)
    return next((release for release in found if release is not None), row.releases[0])


def _unquoted(value: str) -> str:
    """Return a value without its shell quoting; as it stands where the quoting is broken."""
    with suppress(ValueError):
        return "".join(shlex.split(value)[:1])
    return value.strip("\"'")
