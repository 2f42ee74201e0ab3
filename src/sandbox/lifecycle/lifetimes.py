"""How long a sandbox lives: until its session ends, until it is removed, or as long as its own command."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final, Literal, get_args

from sandbox.core.programs import program

if TYPE_CHECKING:
    from collections.abc import Mapping

Life = Literal["session", "kept", "detached"]
"""session: throwaway, ends with its lifeline. kept: stays, stopped, after the user leaves. detached: runs a command."""
LIVES: Final[tuple[str, ...]] = get_args(Life)

HANDED_OVER: Final = "/.sandbox-start"
"""A file in a kept or detached sandbox that appears after provisioning; PID 1 runs its content, if any."""

TIME_UP: Final = 138
"""Exit status of PID 1 after its --ttl: 128 + SIGUSR1."""


def pid1_argv(life: Life, expires: int | None) -> tuple[str, ...]:
    """Return the argv of PID 1; `expires` is an epoch, or None for never."""
    if life == "session":
        return ("/bin/sh", "-c", program(__package__, "pid1_session.sh"))
    epoch = "" if expires is None else str(expires)
    return ("/bin/sh", "-c", program(__package__, "pid1_staying.sh"), "sandbox", epoch, HANDED_OVER)


def booting_argv(*, by_power: bool = False) -> tuple[str, ...]:
    """Return the argv of a PID 1 that an init takes over; `by_power`: it has SYS_ADMIN, and has to give it up."""
    boot = program(__package__, "pid1_boot.sh")
    if by_power:
        return ("/bin/sh", "-c", program(__package__, "boot_power.sh"), "sandbox", boot)
    return ("/bin/sh", "-c", boot)


def start_script(argv: tuple[str, ...], env: Mapping[str, str], folder: str = "") -> str:
    """Return the content of HANDED_OVER for a command of the user, which begins in `folder`, or in /."""
    settings = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in env.items())
    move = f"cd -- {shlex.quote(folder)}\n" if folder else ""
    return f"{settings}{move}exec {shlex.join(argv)}\n"
