"""A command of a sandbox that is opened before its turn, beside what comes before it."""

from __future__ import annotations

import select
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

from sandbox.container.shell import ANSWER, READY, note_of, with_waiting
from sandbox.core.tasks import Background
from sandbox.errors import EngineError, SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from sandbox.container.box import Box
    from sandbox.engine.protocol import Exec, ExecSpec

LIMIT: Final = 20.0
"""Seconds that a command has to end where nothing came for it: what it has planned until then it may finish."""
ANSWER_LIMIT: Final = 5.0
"""Seconds that a shell which waits has to answer: else, as where a package has stopped it, another one is opened."""


class CommandAhead:
    """Opens a command that waits; `take` gives it to whoever wants to run the very same one.

    `opens` opens it where it waits by itself for a line, and not before its start.
    """

    def __init__(self, box: Box, opens: Callable[[ExecSpec], Exec] | None = None) -> None:
        self._box, self._opens = box, opens
        self._spec: ExecSpec | None = None
        self._task: Background[Exec] | None = None

    def begin(self, spec: ExecSpec, first: str = "") -> None:
        """Begin to open a command, in place of the one before; no effect if that is the same.

        `first` is what `Box.open_ahead` takes.
        """
        if self._task is not None and spec == self._spec:
            return
        self.drop()
        opens = partial(self._box.open_ahead, first=first) if self._opens is None else self._opens
        self._spec, self._task = spec, Background(lambda: opens(spec))

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
    """Opens the user's shell before its turn; as a context manager it ends one that nobody has taken.

    Either as soon as its sandbox runs, where nothing happens in that before it, or as one that waits at its terminal.
    """

    def __init__(self) -> None:
        self._task: Background[Exec] | None = None
        self._waiting: ExecSpec | None = None

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

    def begin_waiting(self, box: Box, shell: Callable[[], ExecSpec]) -> None:
        """Begin to open a shell that waits; no effect where one was begun. `shell` returns it without its note."""
        if self._task is not None:
            return

        def open_waiting() -> Exec:
            self._waiting = with_waiting(shell())
            return _opened_waiting(box, self._waiting)

        self._task = Background(open_waiting)

    def take(self, spec: ExecSpec) -> Exec | None:
        """Return the shell, once; None where none was begun, it could not be opened, or would be another than `spec`.

        One that waits gets its note now.
        """
        if self._task is None:
            return None
        process = _await(self._task)
        if process is not None and self._waiting is not None and not self._goes_on(process, spec):
            process.stream.close()
            process = None
        self._task = None  # only now: a signal may have ended the wait
        return process

    def _goes_on(self, process: Exec, spec: ExecSpec) -> bool:
        """Let a shell that waits go on; return whether it does."""
        if self._waiting != with_waiting(spec):
            return False
        with suppress(SandboxError, OSError):
            process.stream.sendall(f"{note_of(spec)}\n".encode())
            return bool(select.select([process.stream], [], [], ANSWER_LIMIT)[0]) and process.stream.recv(1) == ANSWER
        return False


def _opened_waiting(box: Box, spec: ExecSpec) -> Exec:
    """Return a shell that waits. Raises EngineError where it can't, as without stty."""
    process = box.open(spec)
    if process.stream.recv(1) != READY:
        process.stream.close()
        message = "no shell waits in the sandbox"
        raise EngineError(message)
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
