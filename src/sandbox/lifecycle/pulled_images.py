"""Records which base images sandbox pulled: before the pull, since a pulled image can't carry our label."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from sandbox.core.statefile import lock_file, write_private

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILE: Final = "pulled.json"


def record(folder: Path, engine: str, reference: str, ident: str = "", *, file: str = FILE) -> None:
    """Note that this engine, by its URL, is about to pull a reference that it did not have, then which image came.

    Raises OSError.
    """
    _change(folder / file, lambda known: known.setdefault(engine, {}).__setitem__(reference, ident))


def forget(folder: Path, engine: str, reference: str, *, file: str = FILE) -> None:
    """Forget a reference. Raises OSError."""
    _change(folder / file, lambda known: known.get(engine, {}).pop(reference, None))


def records(folder: Path, engine: str, *, file: str = FILE) -> dict[str, str]:
    """Return the images pulled onto this engine: id by reference; the id is empty if the pull was cut off."""
    return _read(folder / file).get(engine, {})


def _change(path: Path, change: Callable[[dict[str, dict[str, str]]], object]) -> None:
    with lock_file(path):
        known = _read(path)
        change(known)
        write_private(path, json.dumps(known, indent=1))


def _read(path: Path) -> dict[str, dict[str, str]]:
    """Return engine URL -> reference -> id; nothing where the file is absent or damaged."""
    try:
        data: Any = json.loads(path.read_text())
        return {str(engine): {str(name): str(ident) for name, ident in rows.items()} for engine, rows in data.items()}
    except (OSError, ValueError, AttributeError):
        return {}
