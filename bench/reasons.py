"""Why two ways to the truth differ where they do: one row a difference, each looked into by hand."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Final

REASONS: Final[tuple[tuple[str, str, str, str], ...]] = ()
"""Package, fact, item and reason; `*` stands for anything in the first three, `[[]` for a bracket."""


def reason(package: str, fact: str, item: str) -> str:
    """Return why an item differs, "" where nobody has said."""
    rows = (row for row in REASONS if all(map(fnmatchcase, (package, fact, item), row[:3])))
    return next((row[3] for row in rows), "")
