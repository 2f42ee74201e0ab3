"""What stands in a kept request for the words that are another's in each session."""

from __future__ import annotations

NAME = "@name@"
SESSION = "@session@"
OWNER = "@owner@"


def fill(text: str, *, name: str, session: str, owner: str) -> str:
    """Return a part of a request with a session's own words in place of the marks."""
    return text.replace(NAME, name).replace(SESSION, session).replace(OWNER, owner)
