"""A question at the terminal, and what is answered to it."""

from __future__ import annotations

import sys

from sandbox.core.echo import show_keys
from sandbox.report.columns import terminal_columns, wrap


def ask(question: str) -> str:
    """Ask, and return the line that is answered; "" at the input's end, and where another has the terminal."""
    show_keys()
    sys.stderr.write(question_text(question, terminal_columns()))
    sys.stderr.flush()
    try:
        said = sys.stdin.readline()
    except (OSError, ValueError):  # ValueError: standard input is closed
        said = ""
    if not said.endswith("\n"):
        sys.stderr.write("\n")
    return said.strip()


def confirm(question: str) -> bool:
    """Ask until it is answered with yes or no, and return which; no answer means no. Ctrl-C ends the program."""
    while True:
        if (answer := ask(f"{question} [y/N] ").lower()) in ("y", "yes"):
            return True
        if answer in ("", "n", "no"):
            return False
        sys.stderr.write("Answer with y or n; Enter alone means no.\n")


def question_text(question: str, width: int) -> str:
    """Return the question in lines of less than `width` columns; the answers stay beside its last word."""
    glued = question.strip().replace("? [", "?\0[")
    return "\n".join(wrap(glued, width - 2, hanging=2)).replace("\0", " ") + " "
