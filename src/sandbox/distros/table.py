"""The distros that are known, as rows of data; a relative names only what differs from the one it is like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.distros.debian import DEBIANS
from sandbox.distros.others import OTHERS
from sandbox.distros.redhat import REDHATS
from sandbox.managers import NAMES

if TYPE_CHECKING:
    from sandbox.distros.model import Distro

ALL: Final = (*DEBIANS, *OTHERS, *REDHATS)


def _is_whole(row: Distro) -> bool:
    return {row.manager, *(release.manager for release in row.releases)} <= {*NAMES, None}


DISTROS: Final = tuple(row for row in ALL if _is_whole(row))
"""Every distro whose package managers are here."""
