"""The host that a verb works for: its settings and engine, its terminal and standard input, and the current folder.

It loads no Typer, which takes a quarter of the time to a prompt: an ordinary `try` needs none.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sandbox.cli import invocation
from sandbox.errors import Advice

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.engine.protocol import Engine as AnyEngine
    from sandbox.errors import UsageError
    from sandbox.provision.context import Context

Result = TypeVar("Result")


def make_host(**options: str | bool | None) -> Context:
    """Return the host with its settings; options override them."""
    from sandbox import __version__
    from sandbox.provision.context import host_context

    return host_context(os.environ, version=__version__, **options)


def connect(host: Context, *, tidy: bool = False) -> AnyEngine:
    """Return the engine to use; a setting or option that names one leaves no choice.

    With `tidy`, what sessions that died left behind is swept first.
    """
    from sandbox.lifecycle.cleanup import sweep

    engine = invocation.engine() if invocation.engine is not None else host.connect()
    if tidy:
        sweep(engine, host.owner, host.state_folder)
    return engine


def answer_within(limit: float, host: Context, ask: Callable[[AnyEngine], Result]) -> Result | None:
    """Return what is asked of the engine; None if it has not answered within `limit` seconds, or with an error."""
    from sandbox.core.tasks import Background
    from sandbox.errors import SandboxError

    def work() -> Result:
        with connect(host) as engine:
            return ask(engine)

    task = Background(work)
    try:
        return task.result() if task.wait(limit) else None
    except SandboxError:
        return None


def at_terminal() -> bool:
    """Return whether a person can answer questions."""
    from sandbox.core.foreground import is_ours

    return sys.stdin is not None and is_ours(0) and is_ours(2)


def standard_input(limit: int) -> bytes:
    """Return up to `limit` bytes of standard input.

    Raises UsageError if it is a terminal and we are in the background.
    """
    from sandbox.core.foreground import is_elsewhere
    from sandbox.errors import UsageError

    if is_elsewhere(0):
        message = "sandbox runs in the background and can't read from the terminal"
        raise UsageError(
            message,
            hints=[Advice.say("replace - by the name of a file"), Advice.say("the same command in the foreground")],
        )
    return sys.stdin.buffer.read(limit)


def working_folder() -> Path:
    """Return the current folder; one that has been deleted raises UsageError where a path in it is asked for."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return DeletedFolder()


class DeletedFolder(type(Path())):  # type: ignore[misc]  # Path itself can't be a base before Python 3.12
    """The current folder, which is gone: whatever needs it can't be had."""

    def __fspath__(self) -> str:
        raise self._error()

    def __str__(self) -> str:
        raise self._error()

    def __truediv__(self, key: str | os.PathLike[str]) -> Path:
        if not Path(key).is_absolute():
            raise self._error()
        return Path(key)

    @staticmethod
    def _error() -> UsageError:
        from sandbox.errors import UsageError

        message = "the current folder has been deleted"
        return UsageError(message, hints=[Advice.program("cd")])
