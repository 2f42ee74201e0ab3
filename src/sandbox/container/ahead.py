"""A command of a sandbox that is opened before its turn, beside what comes before it."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final

from sandbox.core.tasks import Background
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from sandbox.container.box import Box
    from sandbox.engine.protocol import Exec, ExecSpec

LIMIT: Final = 20.0
"""Seconds that a command has to end where nothing came for it: what it has planned until then it may finish."""


class CommandAhead:
    """Opens a command that waits; `take` gives it to whoever wants to run the very same one.

    `opens` opens it where it waits by itself for a line, and not before its start.
    """

    def __init__(self, box: Box, opens: Callable[[ExecSpec], Exec] | None = None) -> None:
        self._opens = opens or box.open_ahead
        self._spec: ExecSpec | None = None
        self._task: Background[Exec] | None = None

    def begin(self, spec: ExecSpec) -> None:
        """Begin to open a command, in place of the one before; no effect if that is the same."""
        if self._task is not None and spec == self._spec:
            return
        self.drop()
        self._spec, self._task = spec, Background(lambda: self._opens(spec))

    def take(self, spec: ExecSpec) -> Exec | None:
        """Return the command that waits, once; None where it is another, which then ends, or could not be opened."""
        if self._task is None or spec != self._spec:
            self.drop()
            return None
        process = _await(self._task)
        self._task = None  # only now: a signal may have ended the wait
        return process

    def drop(self) -> None:
        """Let the command end without having begun."""
        task, self._task = self._task, None
        if task is not None:
            Background(lambda: _end(task))

    def end(self) -> None:
        """Let the command end without having begun, and wait for its end, or until it has had time for that."""
        task, self._task = self._task, None
        if task is not None:
            Background(lambda: _see_end(task)).wait(LIMIT)


def _see_end(task: Background[Exec]) -> None:
    with suppress(SandboxError, OSError):
        stream = task.result().stream
        stream.close_write()
        while stream.recv(4096):
            pass
        stream.close()


class ShellAhead:
    """Opens the user's shell as soon as its sandbox runs; as a context manager it ends one that nobody has taken."""

    def __init__(self) -> None:
        self._task: Background[Exec] | None = None

    def __enter__(self) -> ShellAhead:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the shell that nobody has taken."""
        task, self._task = self._task, None
        if task is not None:
            Background(lambda: _end(task))

    def begin(self, open_shell: Callable[[], Exec]) -> None:
        """Begin to call `open_shell`, which may wait for the sandbox, and must be all that happens in it till then."""
        self._task = Background(open_shell)

    def take(self) -> Exec | None:
        """Return the shell, once; None where none was begun, or it could not be opened."""
        process = _await(self._task) if self._task is not None else None
        self._task = None  # only now: a signal may have ended the wait
        return process


def _await(task: Background[Exec]) -> Exec | None:
    """Wait for a command; return None where it could not be opened: whoever opens it now says why."""
    try:
        return task.result()
    except (SandboxError, OSError):
        return None


def _end(task: Background[Exec]) -> None:
    with suppress(SandboxError, OSError):
        task.result().stream.close()
