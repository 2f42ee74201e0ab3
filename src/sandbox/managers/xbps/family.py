"""What xbps of Void consists of; what the way to the prompt does not need is imported where it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers.xbps import driver

if TYPE_CHECKING:
    from sandbox.managers.data import ManagerData
    from sandbox.managers.protocol import Manager
    from sandbox.managers.queries import Queries

manager: Final[Manager] = driver


def queries() -> Queries:
    """Return what else it can be asked."""
    from sandbox.managers.xbps import queries as found

    return found


def data() -> ManagerData:
    """Return what else there is to know of it."""
    from sandbox.managers.xbps.data import DATA

    return DATA
