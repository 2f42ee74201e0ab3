"""Markdown of the pages that the benchmarks write, no line longer than 100 columns, and what commands say for it."""

from __future__ import annotations

import subprocess
import textwrap
from typing import Final

COLUMNS: Final = 100
QUIET: Final = 1.0
"""The load above which the machine is too busy for figures that mean something."""


def wrapped(text: str) -> str:
    """Return a paragraph, wrapped."""
    return textwrap.fill(text, COLUMNS, break_long_words=False, break_on_hyphens=False)


def said(*argv: str) -> str:
    """Return what a command prints, or "" where it can't."""
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout.strip()


def bullet(text: str) -> str:
    """Return an item of a list, wrapped."""
    return textwrap.fill(f"- {text}", COLUMNS, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
