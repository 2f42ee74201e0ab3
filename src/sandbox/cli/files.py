"""Files that a user asks for beside what is printed: written whole, or said why not."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sandbox.errors import Unwritten

if TYPE_CHECKING:
    from pathlib import Path


def write_file(path: Path, text: str) -> None:
    """Write a file, in place of one that is there; raise Unwritten, and leave no half of a new one."""
    was_there = path.exists()
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        if not was_there:
            with suppress(OSError):
                path.unlink()
        raise Unwritten.place(path, error) from error
