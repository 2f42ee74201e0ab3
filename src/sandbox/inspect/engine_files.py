"""Files of every container that are the engine's, and whether packages reach for them: pure.

Docker and Podman bind files of their own over these (docker run, --add-host, --hostname, --dns): an export does not
show them, and what a package would make of them on a host can't be seen.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.container.copying import ENGINE_FILES
from sandbox.core.human import names
from sandbox.inspect.blind_spots import Doubt
from sandbox.inspect.dpkg_records import new_diversions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.inspect.measured import Measured

FILES: Final = ENGINE_FILES
_NAME: Final = re.compile(r"(?<![\w.-])/etc/(?:hosts|hostname|resolv\.conf)(?![\w/-]|\.\w)")


def engine_doubts(found: Measured, scripts: str) -> Iterator[Doubt]:
    """Yield what can't be seen of these files; `scripts` are the texts of what the packages that came run."""
    touched = tuple(path for path in FILES if path in _changed_paths(found))
    if touched:
        text = f"Changes {names(touched)}, which {_are(touched)} the engine's here: what a host has of it was not seen."
        yield Doubt(text=text, about=("foreign",))
    named = tuple(path for path in FILES if path in _named_files(found, scripts) and path not in touched)
    if named:
        what = f"names {names(named)}, which {_are(named)} the engine's here"
        yield Doubt(text=f"A script or setting {what}: what it does to a host's was not seen.")


def _are(paths: tuple[str, ...]) -> str:
    return "is" if len(paths) == 1 else "are"


def _changed_paths(found: Measured) -> frozenset[str]:
    """Return those that are others now, that a package has, or that it would move."""
    before, after = found.running
    now = dict(after.engine_files)
    written = {path for path, text in before.engine_files if now.get(path, text) != text}
    moved = {row.path for row in new_diversions(found.before, found.after)}
    return frozenset({*written, *moved, *(found.owned or ())})


def _named_files(found: Measured, scripts: str) -> frozenset[str]:
    """Return those that scripts, units and settings name outside of comments."""
    new = (*found.difference.added, *found.difference.changed)
    texts = [found.after.contents[path].decode(errors="replace") for path in new if path in found.after.contents]
    lines = (line for text in (scripts, *texts) for line in text.splitlines() if not line.lstrip().startswith("#"))
    return frozenset(name for line in lines for name in _NAME.findall(line))
