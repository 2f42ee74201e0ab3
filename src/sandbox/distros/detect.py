"""Detects this host's distro by its os-release file."""

from __future__ import annotations

import shlex
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.distros.lookup import known_release
from sandbox.distros.model import Target
from sandbox.distros.registry import DISTROS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from sandbox.distros.model import Distro, Release

OS_RELEASE: Final = ("etc/os-release", "usr/lib/os-release")
"""os-release(5): the first existing one counts; relative to a root folder."""
LONGEST_VERSION: Final = 40


def host_target(rows: Sequence[Distro] = DISTROS, root: Path = Path("/")) -> Target | None:
    """Return the host's distro and release among the rows, or None if unknown (or not Linux)."""
    found = _os_release(root)
    return target_of(found, rows) if found else None


def has_known_release(target: Target) -> bool:
    """Return whether the host's own file names the release of a target, which may else be the default one."""
    found = _os_release(Path("/"))
    keys = (f"{target.distro.name.upper()}_CODENAME", "VERSION_CODENAME", "VERSION_ID")
    return _release(target.distro, [found.get(key, "").lower() for key in keys]) == target.release


def _os_release(root: Path) -> dict[str, str]:
    """Return the variables of the host's own file; none where it has no such file."""
    for path in OS_RELEASE:
        with suppress(OSError):
            return read_os_release((root / path).read_text(encoding="utf-8", errors="replace"))
    return {}


def read_os_release(text: str) -> dict[str, str]:
    """Return the variables of an os-release(5) file; lines that are not assignments are skipped."""
    pairs = (line.strip().partition("=") for line in text.splitlines() if not line.lstrip().startswith("#"))
    return {key: _unquote(value) for key, equals, value in pairs if equals and key.isidentifier()}


def target_of(os_release: Mapping[str, str], rows: Sequence[Distro]) -> Target | None:
    """Return the row whose `os_ids` hold ID, else the first of ID_LIKE that one holds.

    The release is that of VERSION_CODENAME or VERSION_ID, 9 for 9.4. A relative's releases are not its ancestor's: one
    that the row does not know may be told by the ancestor's own (UBUNTU_CODENAME, DEBIAN_CODENAME, as Mint's and LMDE's
    files have it). An unknown release is no reason to give up: then it is the default one.
    """
    first: Target | None = None
    for identity in (os_release.get("ID", "linux"), *os_release.get("ID_LIKE", "").split()):
        row = next((row for row in rows if identity.lower() in row.os_ids), None)
        if row is None:
            continue
        keys = (f"{row.name.upper()}_CODENAME", *(() if first else ("VERSION_CODENAME", "VERSION_ID")))
        release = _release(row, [os_release.get(key, "").lower() for key in keys])
        if release is not None:
            return Target(distro=row, release=release)
        first = first or Target(distro=row, release=row.releases[0])
    return first


def _release(row: Distro, names: Sequence[str]) -> Release | None:
    found = (known_release(row, part) for name in names for part in _less_and_less(name))
    return next((release for release in found if release is not None), None)


def _less_and_less(version: str) -> Iterator[str]:
    """Yield `3.23.6`, `3.23` and `3`: rows name releases as users do."""
    parts = version[:LONGEST_VERSION].split(".")
    for length in range(len(parts), 0, -1):
        yield ".".join(parts[:length])


def _unquote(value: str) -> str:
    """Return a value without its shell quoting; unchanged if the quoting is broken."""
    with suppress(ValueError):
        return "".join(shlex.split(value)[:1])
    return value.strip("\"'")
