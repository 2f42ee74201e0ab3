"""Markdown of the pages that the benchmarks write: no line longer than 100 columns."""

from __future__ import annotations

import textwrap
from typing import Final

COLUMNS: Final = 100
QUIET: Final = 1.0
"""The load above which the machine is too busy for figures that mean something."""


def bullet(text: str) -> str:
    """Return an item of a list, wrapped."""
    return textwrap.fill(f"- {text}", COLUMNS, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
