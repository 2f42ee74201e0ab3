"""Why a sandbox ended while it was in use, as the engine reports it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.core.signals import KILLED
from sandbox.core.tasks import wait_until
from sandbox.errors import Advice, SandboxDied, SandboxError
from sandbox.lifecycle.lifetimes import TIME_UP

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.engine.protocol import Ending

NOTED: Final = 5.0
"""Seconds until an engine has recorded the end of a container that already stopped."""
NAMES: Final = {2: "SIGINT", 9: "SIGKILL", 15: "SIGTERM"}


def death_error(ending: Callable[[], Ending], what: str = "the sandbox", life: str = "session") -> SandboxDied:
    """Return the error for a container that has ended while it was in use; `what` is what to call it.

    `ending` asks the engine how it ended, which may take a moment to be noted.
    """
    try:
        found = _last_ending(ending)
    except SandboxError as error:
        return SandboxDied(f"{what} ended while it was in use", details=[("unknown", error.brief)])
    if found.status == TIME_UP:
        return time_up()
    reason, hint = why(found, life)
    return SandboxDied(f"{what} ended while it was in use: {reason}", hints=[hint] if hint else ())


def time_up() -> SandboxDied:
    """Return the error for a sandbox whose --ttl ended while it was in use."""
    return SandboxDied(
        "its time was up: --ttl counts from the start", hints=[Advice.say("the same command with a longer --ttl")]
    )


def is_time_up(ending: Callable[[], Ending], is_running: Callable[[], bool]) -> bool:
    """Return whether a container, past its --ttl, ended because of that; False if unknown.

    Each command of ours removes such a one, as another client of the engine. An engine may be slow to record the end of
    a container that it has already removed.
    """
    try:
        found = _last_ending(ending)
        if found.status is None:
            return not is_running()
    except SandboxError:
        return False
    return found.status == TIME_UP or bool(found.signals)


def _last_ending(ending: Callable[[], Ending]) -> Ending:
    """Return how a container ended, once the engine has noted that; without a status where it does not in time."""
    found: list[Ending] = []

    def has_ended() -> bool:
        found.append(ending())
        return found[-1].status is not None

    wait_until(has_ended, NOTED)
    return found[-1]


def why(ending: Ending, life: str = "session") -> tuple[str, Advice | None]:
    """Return the reason why a container ended, and the next step, or None if there is none."""
    if ending.signals:
        name = NAMES.get(ending.signals[0], f"signal {ending.signals[0]}")
        said = f" ({name})" if ending.signals[0] else ""  # Podman says that there was one, not which
        return f"another client of the engine stopped or removed it{said}", None
    # a signal from inside the container can't kill PID 1, but it can kill the process that PID 1 waits for
    if ending.is_memory and ending.status == KILLED:
        return "the kernel killed it because it reached its memory limit", Advice.again("--memory", "4G")
    if life == "detached" and ending.status is not None:
        return f"its main command ended with status {ending.status}", None
    if ending.status == 0:
        return "lost the connection to the engine", Advice.sandbox("doctor")
    if ending.status is not None and ending.shows_signals:
        return f"a process in the sandbox killed its processes (exit status {ending.status})", None
    if ending.status is not None:
        return f"it was stopped, removed or killed (exit status {ending.status}); the engine does not say by whom", None
    return "the engine does not say why", None
