"""The program: parse options, run one command, show its result or error, return an exit status."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys
import warnings
from typing import TYPE_CHECKING

from sandbox.cli import invocation, streams
from sandbox.cli.help import help_topic
from sandbox.cli.ready import help_argv
from sandbox.cli.statuses import BROKEN_PIPE, COMMAND_FAILED, FAILED, INTERRUPTED
from sandbox.cli.streams import ReaderGone
from sandbox.core.signals import keep_main_awake

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from sandbox.engine.protocol import Engine

VARIABLE = "_SANDBOX_COMPLETE"
"""The variable by which a shell asks for completions; its value is the shell's name."""
AGAIN = 0.01
"""Seconds after which a lost SIGINT is sent again."""


def run_line() -> int:
    """Run the process's own command line, flush its output, and return the exit status."""
    try:
        status = _run_own()
    except KeyboardInterrupt:
        status = INTERRUPTED
    finally:
        _call_where_present("sandbox.core.echo", "show_keys")
    _call_where_present("sandbox.engine.ssh", "close_all")
    return streams.flush(status, failed=COMMAND_FAILED if invocation.runs_command else FAILED)


def _run_own() -> int:
    """Return the exit status; from the end of this on SIGINT is ignored."""
    # a stopped program can't clean up; where it must not touch the terminal, it checks first
    for number in (signal.SIGTTIN, signal.SIGTTOU):
        signal.signal(number, signal.SIG_IGN)
    streams.open_streams()
    # warnings of libraries are for their developers: the user can do nothing about them
    warnings.simplefilter("ignore")
    # the process is short and mostly imports: the garbage collector would take a tenth of the time to the prompt
    gc.set_threshold(100_000)
    if VARIABLE not in os.environ:
        # Ctrl-C ends the program at once until here, and raises from here on. msgspec (0.23) goes on where loading
        # `datetime` raises, and then crashes at the first data that it reads.
        import msgspec  # noqa: F401
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        sys.unraisablehook = _interrupt_again
        signal.signal(signal.SIGINT, _interrupt)
    keep_main_awake()
    try:
        return _complete(shell) if (shell := os.environ.get(VARIABLE)) else run(sys.argv[1:])
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _call_where_present(module: str, name: str) -> object:
    """Return what a function of a module returns; None where an interrupt came before the module was loaded whole."""
    function = getattr(sys.modules.get(module), name, None)
    return function and function()


def _interrupt(_signum: int, _frame: FrameType | None) -> None:
    """Raise SIGINT, unless one before ends the program already: what undoes things then goes on.

    A SIGINT that C code has swallowed ends nothing, so it is not enough that one has come.
    """
    invocation.is_interrupted = True
    if not (_is_unwinding() or _call_where_present("sandbox.core.signals", "is_ending")):
        raise KeyboardInterrupt


def _is_unwinding() -> bool:
    """Return whether an `except`, a `finally` or an `__exit__` runs because of an interrupt."""
    error = sys.exc_info()[1]
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None


def _interrupt_again(lost: sys.UnraisableHookArgs) -> None:
    """Send SIGINT once more where Python dropped it: it calls the ends of weak references while modules load.

    From a thread that waits until this has returned: what is raised in here is dropped, too.
    """
    if not issubclass(lost.exc_type, KeyboardInterrupt):
        sys.__unraisablehook__(lost)
    elif lost.exc_type is KeyboardInterrupt:
        from threading import Thread

        Thread(target=_send_interrupt, args=(sys._getframe(),), daemon=True).start()  # noqa: SLF001


def _send_interrupt(hook: FrameType) -> None:
    """Send SIGINT once the main thread has left a frame."""
    from threading import main_thread
    from time import sleep

    is_left = False
    while not is_left:
        sleep(AGAIN)
        frame = sys._current_frames().get(main_thread().ident or 0)  # noqa: SLF001
        while frame is not None and frame is not hook:
            frame = frame.f_back
        is_left = frame is None
    os.kill(os.getpid(), signal.SIGINT)


def _complete(shell: str) -> int:
    """Print the completions that a shell asks for."""
    from sandbox.cli.completion import LINE, answer

    sys.stdout.write(answer(shell, os.environ.get(LINE, "")))
    return 0


def run(argv: list[str], engine: Callable[[], Engine] | None = None) -> int:
    """Return the exit status of a command line; every error of ours is shown here, a bug keeps its traceback.

    `engine` gives the engine to use, in place of the one that is found.
    """
    invocation.engine = engine
    argv = help_argv(argv)
    words, invocation.command = invocation.split(argv)
    invocation.runs_command = invocation.command is not None and not invocation.is_for_installer(words)
    try:
        verb = help_topic(argv)
        return _invoke(words) if verb is None else _show_help(verb)
    except (Exception, KeyboardInterrupt) as error:
        status = _status_of(error, argv)
        if status is None:
            raise
        return status


def _status_of(error: BaseException, argv: list[str]) -> int | None:
    """Return the exit status for what ended a command line, and show it if it is our error; None for a bug."""
    from sandbox.errors import Advice, CheckFailed, EngineError, Interrupted, SandboxError

    if isinstance(error, BrokenPipeError) and not isinstance(error, ReaderGone):
        message = "the container engine closed a connection before it had all that it was sent"
        error = EngineError(message, hints=[Advice.sandbox("doctor")])
    if isinstance(error, OSError) and error.errno in (errno.EMFILE, errno.ENFILE):
        message = f"sandbox may not open more files: {(error.strerror or '').lower()}"
        error = SandboxError(message, hints=[Advice.program("ulimit", "-n", "1024")])
    match error:
        case SandboxError():
            from sandbox.cli.hints import all_hints
            from sandbox.report.terminal import TerminalReporter

            error.hints = all_hints(error, argv)
            TerminalReporter(os.environ).problem("error", error)
            own = not invocation.runs_command or isinstance(error, CheckFailed)
            return error.status if own else COMMAND_FAILED
        case Interrupted():
            return error.status
        case KeyboardInterrupt():
            return INTERRUPTED
        case ReaderGone():
            return BROKEN_PIPE
        case _:
            return None


def _show_help(verb: str) -> int:
    """Print help without importing what verbs need."""
    from sandbox.cli.help import help_text
    from sandbox.cli.ready import help_width

    sys.stdout.write(help_text(verb, help_width()))
    sys.stdout.flush()
    return 0


def _invoke(argv: list[str]) -> int:
    from sandbox.cli.plain_line import options_of

    options = options_of(argv)
    if options is None:
        return _run_by_typer(argv)
    from sandbox.cli.try_run import run_try

    return _own_status(run_try(*options))


def _own_status(status: int) -> int:
    """Return the exit status, which says of a command that did not run that it is ours."""
    return COMMAND_FAILED if invocation.runs_command and status and not invocation.finished else status


def _run_by_typer(argv: list[str]) -> int:
    from sandbox.cli.app import app
    from sandbox.cli.registry import register

    register(argv)
    argv, invocation.user = invocation.take_user(argv)
    try:
        app(invocation.fill_optional_values(argv), prog_name="sandbox")
    except SystemExit as end:
        status_behind = _status_behind(end)
        if status_behind is not None:
            return status_behind
        return _own_status(end.code if isinstance(end.code, int) else int(end.code is not None))
    return 0


def _status_behind(error: BaseException | None) -> int | None:
    """Return the status of what an exit was made of: Typer turns each KeyboardInterrupt and broken pipe into its own.

    One that is no Interrupted came before the session took the signals over, as while its modules load. Raises the
    BrokenPipeError that is not of our output: click takes each for one of that.
    """
    from sandbox.errors import Interrupted

    while error is not None and not isinstance(error, (KeyboardInterrupt, BrokenPipeError)):
        error = error.__cause__ or error.__context__
    match error:
        case None:
            return None
        case Interrupted():
            return error.status
        case ReaderGone():
            return BROKEN_PIPE
        case BrokenPipeError():
            raise error
        case _:
            return INTERRUPTED
