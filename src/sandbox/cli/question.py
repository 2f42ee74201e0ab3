"""A question at the terminal, and what is answered to it."""

from __future__ import annotations

import sys

from sandbox.core.echo import show_keys


def ask(question: str) -> str:
    """Ask, and return the line that is answered; "" at the input's end, and where another has the terminal."""
    show_keys()
    sys.stderr.write(question)
    sys.stderr.flush()
    try:
        said = sys.stdin.readline()
    except (OSError, ValueError):  # ValueError: standard input is closed
        said = ""
    if not said.endswith("\n"):
        sys.stderr.write("\n")
    return said.strip()
