"""The distros that are known, as rows of data; a relative names only what differs from the one it is like."""

from __future__ import annotations

from typing import Final

from sandbox.distros.debian import DEBIANS
from sandbox.distros.others import OTHERS
from sandbox.distros.redhat import REDHATS

DISTROS: Final = (*DEBIANS, *OTHERS, *REDHATS)
"""Every distro; the first is the one that is used where neither the user nor the host names another."""
