"""The program's entry: it prints help and the version at once, and loads the rest of the program for all else."""

from __future__ import annotations

# Python has loaded these already, and the modules of ours load nothing else: help is there as soon as Python is.
import _signal  # type: ignore[import-not-found]  # the interpreter's own: `signal` takes 3 ms to load
import os
import sys

from sandbox.cli.statuses import INTERRUPTED

SIGINT = 2


def main() -> None:
    """Run the program and exit with its status."""
    try:
        # behind a script's `&` it is ignored, and stays so
        if _signal.getsignal(SIGINT) is _signal.default_int_handler:
            _signal.signal(SIGINT, end)
        from sandbox.cli.ready import print_ready

        status = 0 if print_ready(sys.argv[1:]) else _run()
    except KeyboardInterrupt:
        status = INTERRUPTED
    # everything is cleaned up: the interpreter's own shutdown would only delay the user's prompt
    leave(status, is_interrupted=status == INTERRUPTED and is_interrupted())


def is_interrupted() -> bool:
    """Return whether SIGINT has ended the program, and not the command whose status it has."""
    line, signals = (sys.modules.get(f"sandbox.{name}") for name in ("cli.invocation", "core.signals"))
    return bool((line and line.is_interrupted) or (signals and signals.first() == SIGINT))


def leave(status: int, *, is_interrupted: bool) -> None:
    """End with a status; at a terminal by SIGINT itself, where that was it.

    A shell goes on with the next round of a loop behind a program that has taken Ctrl-C and ended by itself
    (https://www.cons.org/cracauer/sigint.html).
    """
    if is_interrupted and any(map(os.isatty, range(3))):
        _signal.signal(SIGINT, _signal.SIG_DFL)
        os.kill(os.getpid(), SIGINT)
    os._exit(status)


def end(signum: int, _frame: object) -> None:
    """End at once. Python drops and prints what is raised where it calls a function by itself."""
    if start := sys.modules.get("sandbox.cli.start"):
        start.abandon()
    leave(128 + signum, is_interrupted=signum == SIGINT)


def _run() -> int:
    """Run the command line, and return its exit status."""
    from sandbox.cli import start

    try:
        start.begin(sys.argv[1:], end)
        from sandbox.core.structs import load_structs

        load_structs()
        from sandbox.cli.program import run_line

        return run_line()
    finally:
        start.abandon()
