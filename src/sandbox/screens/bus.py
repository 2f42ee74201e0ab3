"""D-Bus's session bus of a sandbox, at an abstract socket, which leaves no file, and how programs find it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.core.programs import sh_argv
from sandbox.errors import EngineError
from sandbox.provision.display.companion import VARIABLES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.container.box import Box

NAME: Final = "/sandbox/session-bus"
"""Of the abstract socket."""
BUS: Final[Mapping[str, str]] = {"DBUS_SESSION_BUS_ADDRESS": f"unix:abstract={NAME}"}
ENVIRONMENT: Final[Mapping[str, str]] = {**VARIABLES, "HOME": "/root", "LANG": "C.UTF-8"}
"""What the bus and the services that it starts find: the display, too, for many of them are programs with windows."""


def start_bus(box: Box) -> dict[str, str]:
    """Start the bus where the sandbox has its daemon; return the variables by which programs find it, else none."""
    try:
        status = box.exec(sh_argv(__package__, "bus.sh", NAME), env=ENVIRONMENT).status
    except EngineError:
        return {}
    return dict(BUS) if status == 0 else {}


def display_environment(box: Box) -> dict[str, str]:
    """Return the variables by which another shell finds the display and the bus of a sandbox; none without a display.

    Raises EngineError.
    """
    return {**VARIABLES, **BUS} if box.stamp(VARIABLES["XAUTHORITY"]) else {}
