"""What a line of a manager's output says of its progress, by a table of patterns."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def match_progress(table: Iterable[tuple[str, str]], line: str) -> str | None:
    """Return the words of the first pattern that the line begins with, or None for noise.

    Words are a template (re, `Match.expand`). Patterns are compiled at their first use: a warm start has none.
    """
    for pattern, words in table:
        if found := re.match(pattern, line):
            return found.expand(words)
    return None
