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

SHELL_STARTS: Final = 0.2
"""Seconds that a shell has to its prompt, before what is loaded in a thread keeps us from passing that on."""


class LeavingAhead:
    """What leaving needs, made ready in a thread while the user works: modules, and the look at manual changes.

    Before the prompt it took a tenth of the time, and half of leaving.
    """

    def __init__(self) -> None:
        self._leaves = threading.Event()
        self._task: Background[ReadyLook | None] | None = None

    def begin(self, launch: Launch, request: TryRequest, sweep: Sweep) -> None:
        """Begin it, once; `sweep` begins once a shell has had its time to start, of which it took a fifth."""
        if self._task is None:
            self._task = Background(partial(self._make_ready, launch, request, sweep))

    def _make_ready(self, launch: Launch, request: TryRequest, sweep: Sweep) -> ReadyLook | None:
        """Load the modules, and return the look that waits; None where nothing is looked for, or could be opened."""
        if self._leaves.wait(SHELL_STARTS):
            return None
        sweep.begin()
        import sandbox.promote.on_exit  # noqa: F401 - for later

        if not request.is_watched:
            return None
        from sandbox.promote.ready_look import ReadyLook

        notes = SCRATCH if request.life == "session" else NOTES
        try:
            return ReadyLook(launch.box, launch.plan.target.manager, notes)
        except (SandboxError, OSError):
            return None

    def look(self) -> ReadyLook | None:
        """Return the look that waits, if there is one by now."""
        self._leaves.set()
        return self._task.result() if self._task is not None else None

    def renew(self) -> None:
        """Be as if nothing was begun: the user goes on, and what was seen by now is not all."""
        self._leaves, self._task = threading.Event(), None
