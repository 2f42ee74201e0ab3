"""A command of a sandbox that is opened before its turn, beside the one before it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sandbox.core.tasks import Background
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from sandbox.container.box import Box
    from sandbox.engine.protocol import Exec, ExecSpec


class CommandAhead:
    """Opens a command that waits; `take` gives it to whoever wants to run the very same one."""

    def __init__(self, box: Box) -> None:
        self._box = box
        self._spec: ExecSpec | None = None
        self._task: Background[Exec] | None = None

    def begin(self, spec: ExecSpec) -> None:
        """Begin to open a command, in place of the one before; no effect if that is the same."""
        if self._task is not None and spec == self._spec:
            return
        self.drop()
        self._spec, self._task = spec, Background(lambda: self._box.open_ahead(spec))

    def take(self, spec: ExecSpec) -> Exec | None:
        """Return the command that waits, once; None where it is another, which then ends, or could not be opened."""
        if self._task is None or spec != self._spec:
            self.drop()
            return None
        task, self._task = self._task, None
        try:
            return task.result()
        except (SandboxError, OSError):
            return None  # whoever opens it now says why

    def drop(self) -> None:
        """Let the command end without having begun."""
        task, self._task = self._task, None
        if task is not None:
            Background(lambda: _end(task))


def _end(task: Background[Exec]) -> None:
    with suppress(SandboxError, OSError):
        task.result().stream.close()
