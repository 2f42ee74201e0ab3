"""The known distros, as rows of data; a relative names only its differences."""

from __future__ import annotations

from typing import Final

from sandbox.distros.debian import DEBIANS
from sandbox.distros.others import OTHERS
from sandbox.distros.redhat import REDHATS

DISTROS: Final = (*DEBIANS, *OTHERS, *REDHATS)
"""Every distro; the first one is the default if neither the user nor the host names another."""
