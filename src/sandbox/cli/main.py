"""The program's entry: it prints help and the version at once, and loads the rest of the program for all else."""

from __future__ import annotations

# Python has loaded these two already, and the modules of ours load nothing else: help is there as soon as Python is.
import os
import sys

from sandbox.cli.statuses import INTERRUPTED


def main() -> None:
    """Run the program and exit with its status."""
    try:
        from sandbox.cli.ready import print_ready

        status = 0 if print_ready(sys.argv[1:]) else _run()
    except KeyboardInterrupt:  # while modules load, which is most of the time until the first output
        status = INTERRUPTED
    # everything is cleaned up: the interpreter's own shutdown would only delay the user's prompt
    os._exit(status)


def _run() -> int:
    """Run the command line, and return its exit status."""
    from sandbox.cli.program import run_line

    return run_line()
