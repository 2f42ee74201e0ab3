"""Prints what is known without running anything: the version, and help in the usual widths of a terminal.

`docs/generate.py` renders help-78.txt and help-98.txt of the table of verbs. A form feed begins the help of each verb.
"""

from __future__ import annotations

# Nothing else: `typing`, `re` and the table cost twice the time that Python itself needs to start.
import os

NARROWEST = 50
WIDEST = 98
"""Most columns of help, even on a wider terminal, since long lines are hard to read."""
WIDTHS = (78, WIDEST)
"""Columns of help on a terminal with 80, and on one with 100 or more."""
ASKS = ("-h", "--help")


def help_width() -> int:
    """Return the width of help on the terminal or in a file."""
    said = os.environ.get("COLUMNS", "")
    try:
        columns = int(said) if said.isdecimal() and int(said) else os.get_terminal_size(1).columns
    except OSError:
        columns = 0
    return max(min((columns or 80) - 2, WIDEST), NARROWEST)


def print_ready(argv: list[str]) -> bool:
    """Return whether the command line asks for such a text, and all of it is printed."""
    text = ready_text(argv)
    try:
        return bool(text) and _write(text)
    except OSError:  # the whole program knows how to say this
        return False


def ready_text(argv: list[str]) -> bytes:
    """Return the text that a command line asks for; empty if it asks for something else."""
    if argv == ["--version"]:
        from sandbox import __version__

        return f"sandbox {__version__}\n".encode()
    words = help_argv(argv)
    if not words or words[-1] not in ASKS or "_SANDBOX_COMPLETE" in os.environ:
        return b""
    try:
        with open(help_file(help_width()), "rb") as file:  # noqa: PTH123 - pathlib takes 8 ms to load
            pages = file.read()
    except OSError:  # another width, or we run from an archive
        return b""
    _, mark, text = pages.partition(b"\f" + " ".join(words[:-1]).encode(errors="surrogateescape") + b"\n")
    return text.partition(b"\f")[0] if mark else b""


def help_argv(argv: list[str]) -> list[str]:
    """Return the words with `help VERB` replaced by `VERB --help`."""
    return [*argv[1:], "--help"] if argv[:1] == ["help"] else argv


def help_file(width: int) -> str:
    """Return the path of the file with the help of this width."""
    return os.path.join(os.path.dirname(__file__), f"help-{width}.txt")  # noqa: PTH118, PTH120 - as above


def _write(text: bytes) -> bool:
    """Write to standard output. Raises OSError if nothing could be written."""
    while text:
        try:
            text = text[os.write(1, text) :]
        except BlockingIOError:
            import select

            select.select([], [1], [])
    return True
