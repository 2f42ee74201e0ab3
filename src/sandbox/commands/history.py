"""`sandbox history`: past sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.lifecycle.journal import Journal, Record


def history(journal: Journal) -> tuple[Record, ...] | None:
    """Return the records of past sessions, newest first; None if the journal is switched off."""
    return None if journal.path is None else journal.records()
