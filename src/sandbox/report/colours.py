"""Colours of a terminal: they stress what a word or a sign says, and are never all that says it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.core.foreground import is_terminal

if TYPE_CHECKING:
    from collections.abc import Mapping

ROLES: Final = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "heading": "\x1b[1m",
    "dim": "\x1b[2m",
    "passed": "\x1b[32m",
    "failed": "\x1b[31m",
}
RESET: Final = "\x1b[0m"
VERDICTS: Final[Mapping[str, str]] = {
    "✓": "passed",
    "ok": "passed",
    "✗": "failed",
    "failed": "failed",
    "problem": "failed",
    "warning": "warning",
    "cut off": "warning",
}
"""The signs and words that begin a verdict."""
_VERDICT: Final = re.compile(rf"(?:{'|'.join(VERDICTS)})(?!\w)")


def has_colours(environ: Mapping[str, str], descriptor: int) -> bool:
    """Return whether a descriptor is a terminal that shows colours, and nobody has refused them (no-color.org)."""
    return is_terminal(descriptor) and not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"


def paint(role: str, text: str) -> str:
    """Return a text in the colour of its role."""
    return f"{ROLES[role]}{text}{RESET}"


def paint_verdict(text: str) -> str:
    """Return a text whose verdict, where it begins with one, is green or red."""
    found = _VERDICT.match(text)
    return f"{paint(VERDICTS[found[0]], found[0])}{text[found.end() :]}" if found else text


def paint_marks(text: str) -> str:
    """Return a text in which every ✓ is green and every ✗ red."""
    return re.sub("[✓✗]", lambda found: paint(VERDICTS[found[0]], found[0]), text)
