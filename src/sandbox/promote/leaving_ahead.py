"""What leaving a sandbox needs, made ready while the user works in it."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, Final

from sandbox.core.tasks import Background
from sandbox.errors import SandboxError
from sandbox.lifecycle.scratch import NOTES, SCRATCH

if TYPE_CHECKING:
    from sandbox.lifecycle.cleanup import Sweep
    from sandbox.promote.ready_look import ReadyLook
    from sandbox.provision.launch import Launch
    from sandbox.provision.request import TryRequest

STARTS: Final = 0.2
"""Seconds that a command has to start in, before what is loaded in a thread keeps us from passing its output on."""
SPEAKS: Final = 2.0
"""Seconds that a shell has to its first word."""
PROMPT_ENDS: Final = 0.02
"""Seconds from a shell's first word to the end of its prompt: most write both at once."""


class LeavingAhead:
    """What leaving needs, made ready in a thread while the user works: modules, and the look at manual changes.

    Before the prompt it took a tenth of the time, and half of leaving.
    """

    def __init__(self) -> None:
        self._leaves = threading.Event()
        self._speaks = threading.Event()
        self._task: Background[ReadyLook | None] | None = None

    def begin(self, launch: Launch, request: TryRequest, sweep: Sweep) -> None:
        """Begin it, once the shell has spoken or had its time to; so does `sweep`, which took a fifth of that time."""
        if self._task is None:
            self._task = Background(partial(self._make_ready, launch, request, sweep))

    def _make_ready(self, launch: Launch, request: TryRequest, sweep: Sweep) -> ReadyLook | None:
        """Load the modules, and return the look that waits; None where nothing is looked for, or could be opened."""
        self._speaks.wait(SPEAKS if request.terminal else STARTS)
        if self._leaves.wait(PROMPT_ENDS):
            return None
        launch.session.ask_ahead(sweep.begin())
        ready = self._ready_look(launch, request) if request.is_watched else None
        import sandbox.promote.on_exit  # noqa: F401 - for later

        return ready

    def _ready_look(self, launch: Launch, request: TryRequest) -> ReadyLook | None:
        """Return the look that waits; None where it could not be opened."""
        from sandbox.promote.ready_look import ReadyLook

        notes = SCRATCH if request.life == "session" else NOTES
        try:
            return ReadyLook(launch.box, launch.plan.target.manager, notes)
        except (SandboxError, OSError):
            return None

    def speak(self) -> None:
        """Note that the shell has written something."""
        self._speaks.set()

    def look(self) -> ReadyLook | None:
        """Return the look that waits, if there is one by now."""
        self._leaves.set()
        self._speaks.set()
        return self._task.result() if self._task is not None else None

    def renew(self) -> None:
        """Be as if nothing was begun: the user goes on, and what was seen by now is not all."""
        self._leaves, self._speaks, self._task = threading.Event(), threading.Event(), None
