"""The registry of package managers; mypy refuses a line until its module is complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers import apt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.managers.base import Manager

MANAGERS: Final[Mapping[str, Manager]] = {
    "apt": apt,
}
