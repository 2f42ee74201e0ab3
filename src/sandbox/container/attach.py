"""A terminal in a sandbox that stays: what runs at the terminal ends when its client dies for any reason."""

from __future__ import annotations

import os
import select
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.container.box import ROOT
from sandbox.core.programs import program
from sandbox.engine.protocol import ExecSpec
from sandbox.engine.pulse import Pulse
from sandbox.lifecycle.scratch import SCRATCH

if TYPE_CHECKING:
    from sandbox.container.box import Box
    from sandbox.engine.protocol import Exec

OVER_LIMIT: Final = 10.0
"""Seconds that a watch has to end: it needs one at most, but an engine may hang."""
CUT_LIMIT: Final = 1.0
"""Seconds between the ends of two connections that are cut at once."""
LEFT: Final = b"left\n"
OVER: Final = b"over\n"
ENDED_BY_WATCH: Final = (128 + signal.SIGHUP, 128 + signal.SIGKILL)
"""How a command ends whose watcher takes this process for dead."""
GIVEN: Final = ': >"$1" && chown "$2" "$1"'
NOTE: Final = 'echo "$$" >"$1"; shift; exec "$@"'
"""$1: file for the pid of the command, which leads a session of processes."""


class Watch:
    """A watcher beside a command in a sandbox: `over` removes it; if this process dies, it ends the command.

    `user` runs the command, if that is not root.
    """

    def __init__(self, box: Box, life: str, user: str = "") -> None:
        self._note = f"{SCRATCH}/terminal-{os.urandom(8).hex()}"
        if user:  # the note is the command's own, in a folder of root's
            box.exec(("/bin/sh", "-c", GIVEN, "sandbox", self._note, user))
        argv = ("/bin/sh", "-c", program(__package__, "watch.sh"), "sandbox", self._note, life)
        # Without it, a `sandbox enter` that was killed (SIGKILL) left its shell in the sandbox for good.
        self._process: Exec = box.open(ExecSpec(argv=argv, user=ROOT, stdin=True))
        self._pulse = Pulse(self._process.stream)

    def exec_spec(self, spec: ExecSpec) -> ExecSpec:
        """Return the command, preceded by a note of its pid."""
        return replace(spec, argv=("/bin/sh", "-c", NOTE, "sandbox", self._note, *spec.argv))

    def is_cut(self, limit: float = CUT_LIMIT) -> bool:
        """Return whether its connection has ended, or does within `limit` seconds, though nobody has ended it."""
        stream = self._process.stream
        with suppress(OSError):
            while select.select([stream], [], [], limit)[0]:
                if not stream.recv(4096):
                    return True
            return False
        return True

    def over(self, *, left: bool) -> None:
        """Take it away, where the command was left as one leaves it; else let it act as if this process had died.

        Waits for its end, so that it does not count as one that uses the sandbox.
        """
        stream = self._process.stream
        self._pulse.end()
        with suppress(OSError):  # the watcher died with the engine
            stream.sendall(LEFT if left else OVER)
            stream.close_write()
            while select.select([stream], [], [], OVER_LIMIT)[0] and stream.recv(4096):
                pass
        stream.close()
