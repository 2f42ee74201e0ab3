"""A shell at a terminal whose connection was cut: whether another one follows it, and what is said of it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from sandbox.core.plaintext import plain_line
from sandbox.errors import EngineError, SandboxError

if TYPE_CHECKING:
    from sandbox.container.box import Box
    from sandbox.errors import ConnectionCut

SHORTEST: Final = 5.0
"""Seconds that a shell has to last, for another to be opened where it was cut off and others were before."""
TRIES: Final = 3
"""Shells that are cut off at once until that is the end."""
NAMED: Final = 5
"""Processes that are named of what runs on in a shell that was cut off."""


class CutShells:
    """The shells of one session so far."""

    def __init__(self) -> None:
        self._count = 0
        self._begun = 0.0

    def begin(self) -> None:
        """Note that a shell begins."""
        self._count += 1
        self._begun = time.monotonic()

    def warning(self, box: Box, cut: ConnectionCut) -> SandboxError:
        """Return what to say of one that was cut off, for another to follow; raise `cut` where several were at once."""
        if self._count >= TRIES and time.monotonic() - self._begun < SHORTEST:
            raise cut
        return cut_warning(box, cut)


def cut_warning(box: Box, cut: ConnectionCut) -> SandboxError:
    """Return what to say of a shell whose connection was cut, and what runs on where it was."""
    from sandbox.container.processes import running_processes

    try:
        words = [process.words for process in running_processes(box).sent if "sandbox" not in process.words]
    except EngineError:
        words = []
    details = [("runs on", ", ".join(plain_line(text, 60) for text in words[:NAMED]))] if words else []
    return SandboxError(f"{cut.brief}: here is a new shell in the same sandbox", details=details)
