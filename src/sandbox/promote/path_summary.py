"""Many paths as a few lines for a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.container.snapshot import readable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LISTED: Final = 30
"""Files and folders that are listed."""
TOGETHER: Final = 4
"""Lines of one folder; where it has more it is listed alone."""


def summary_lines(paths: Iterable[str]) -> Iterator[str]:
    """Yield the paths, bounded, as text; a folder stands for all below it where that would be more than a few lines."""
    shown = dict.fromkeys(paths, 1)
    deepest = max((path.count("/") for path in shown), default=0)
    for depth in range(deepest - 1, 1, -1):  # the deepest folders first
        inside: dict[str, list[str]] = {}
        for path in shown:
            if path.rstrip("/").count("/") > depth:
                inside.setdefault("/".join(path.split("/", depth + 1)[: depth + 1]), []).append(path)
        for folder, rows in inside.items():
            if len(rows) > TOGETHER:
                shown[f"{folder}/"] = sum(shown.pop(path) for path in rows)
    for place, (path, number) in enumerate(sorted(shown.items())):
        if place == LISTED:
            yield f"and {len(shown) - LISTED} more"
            return
        yield f"{readable(path)} ({number} files)" if path.endswith("/") else readable(path)
