"""A look for manual changes whose program waits in the sandbox before it is needed: an exec takes as long as the look.

It is opened while the user works. Whoever is in the sandbox may end it, as with `pkill sh`: then another one is run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.container.box import ROOT
from sandbox.core.programs import sh_argv
from sandbox.core.tasks import Deferred
from sandbox.engine.protocol import ExecSpec
from sandbox.errors import SandboxError, TooLong
from sandbox.promote.manual_changes import (
    LOOK_LIMIT,
    OUTPUT_LIMIT,
    diff_since_handoff,
    look_argv,
    parse,
    unknown_diff,
)

if TYPE_CHECKING:
    from sandbox.container.box import Box
    from sandbox.engine.protocol import Exec
    from sandbox.managers.registry import ManagerName
    from sandbox.promote.manual_changes import ShellDiff

GO: Final = b"go\n"
BEGIN: Final = "begin"
"""The function of ready_look.sh that waits for that."""
END: Final = b"\0\0the look ends\0"
"""What the program prints at its end, since the engine takes a while to say that it ended; no path is empty."""


class ReadyLook:
    """The waiting program. `begin` starts the look, once; `result` is what it saw."""

    def __init__(self, box: Box, manager: ManagerName, notes: str) -> None:
        self._box, self._manager, self._notes = box, manager, notes
        _, _, text, _, *words = look_argv(manager, notes, BEGIN)
        argv = sh_argv(__package__, "ready_look.sh", text, *words)
        self._process: Exec | None = box.open(ExecSpec(argv=argv, user=ROOT, stdin=True))
        self._look = Deferred(self._run)

    def begin(self) -> None:
        """Start the look."""
        self._look.begin()

    def result(self) -> ShellDiff | None:
        """Return what differs since the shell began; raises what `diff_since_handoff` does."""
        return self._look.result()

    def close(self) -> None:
        """End the program if it was never needed."""
        process, self._process = self._process, None
        if process is not None:
            process.stream.close()

    def _run(self) -> ShellDiff | None:
        process, self._process = self._process, None
        if process is not None:
            try:
                process.stream.sendall(GO)
                status, output = self._box.read_rest(process, "sh", limit=OUTPUT_LIMIT, seconds=LOOK_LIMIT, end=END)
                if not status:
                    return parse(output)
            except TooLong:
                return unknown_diff(LOOK_LIMIT)
            except (SandboxError, OSError):  # somebody ended it
                process.stream.close()
        return diff_since_handoff(self._box, self._manager, self._notes)
