"""Which base images we pulled: noted before the pull, since a pulled image can't carry a label of ours."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any, Final

from sandbox.statefile import locked, write_private

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

FILE: Final = "pulled.json"


def note(folder: Path, engine: str, reference: str) -> None:
    """Note that this engine, by its URL, is about to pull a reference that it did not have; raises OSError."""
    _change(folder, lambda known: known.setdefault(engine, {}).setdefault(reference, time.time()))


def forget(folder: Path, engine: str, reference: str) -> None:
    """Note that a reference is gone, or was never had; raises OSError."""
    _change(folder, lambda known: known.get(engine, {}).pop(reference, None))


def noted(folder: Path, engine: str) -> tuple[str, ...]:
    """Return the references that we pulled onto this engine, oldest first."""
    known = _read(folder / FILE).get(engine, {})
    return tuple(sorted(known, key=lambda reference: known[reference]))


def _change(folder: Path, change: Callable[[dict[str, dict[str, float]]], object]) -> None:
    path = folder / FILE
    with locked(path):
        known = _read(path)
        change(known)
        write_private(path, json.dumps(known, indent=1))


def _read(path: Path) -> dict[str, dict[str, float]]:
    """Return engine URL -> reference -> epoch; nothing where the file is absent or damaged."""
    try:
        data: Any = json.loads(path.read_text())
        return {str(engine): {str(name): float(when) for name, when in rows.items()} for engine, rows in data.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
