"""The closing lines of `try`: what was removed, what stays, what was kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.core.human import size
from sandbox.errors import Advice
from sandbox.report.advice import advice_text
from sandbox.report.try_text import cache_text, index_text, object_names, removed_row

if TYPE_CHECKING:
    from sandbox.errors import Row
    from sandbox.provision.request import TryResult


def closing_rows(result: TryResult) -> tuple[Row, ...]:
    """Return the rows, from the engine's answers."""
    swept = [("swept", f"{object_names(result.swept)}, left by sessions that died")] if result.swept else []
    kept = [("wrote", f"{result.promoted}; sh {result.promoted} --dry-run shows what it would do")]
    return (
        removed_row(result.removal),
        *swept,
        ("stays", ", ".join(_what_stays(result)) or "nothing"),
        *(kept if result.promoted else []),
    )


def _what_stays(result: TryResult) -> list[str]:
    others = [f"image {name}, pulled for this" for name in result.pulled if name != result.base_reference]
    stays = not (result.base_built or result.base_removed)
    base = [f"base image {result.base_reference} ({size(result.base.size)})"] * stays
    return [
        *base,
        *others,
        *([index_text(result.index)] if result.index else []),
        *([cache_text(result.build_cache, result.client)] if result.build_cache else []),
        *([advice_text(Advice.sandbox("history", before="one line in "))] if result.recorded else []),
    ]
