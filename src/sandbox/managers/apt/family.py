"""The parts of apt-get; those that are not needed before the prompt are imported on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers.apt import driver

if TYPE_CHECKING:
    from sandbox.managers.data import ManagerData
    from sandbox.managers.protocol import Manager
    from sandbox.managers.queries import Queries

manager: Final[Manager] = driver


def queries() -> Queries:
    """Return its queries."""
    from sandbox.managers.apt import queries as found

    return found


def data() -> ManagerData:
    """Return the facts about it."""
    from sandbox.managers.apt.data import DATA

    return DATA
