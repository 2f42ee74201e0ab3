"""Sentences on programs that desktops show: calm ones, since nothing runs before a user chooses it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.core.human import count, names
from sandbox.inspect.facts import Launch
from sandbox.inspect.findings import Sentence

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.inspect.findings import Footprint

SCHEME: Final = "x-scheme-handler/"
"""What links are called among types of files (MIME applications specification)."""
FEW: Final = 3


def opened_text(types: Sequence[str]) -> str:
    """Return `text/html, text/plain and 4 more file types, and links of http and https`."""
    links = tuple(name.removeprefix(SCHEME) for name in types if name.startswith(SCHEME))
    files = tuple(name for name in types if not name.startswith(SCHEME))
    said = (
        names(files) if len(files) <= FEW else f"{', '.join(files[:2])} and {count(len(files) - 2, 'more file type')}"
    )
    return ", and ".join(filter(None, (said, f"links of {names(links, FEW)}" if links else "")))


def desktop_sentences(found: Footprint) -> Iterator[Sentence]:
    """Yield which programs are new in menus, and what they can open."""
    rows = [row.fact for row in found.of("launchers") if isinstance(row.fact, Launch)]
    shown = tuple(dict.fromkeys(row.title for row in rows if row.is_shown))
    opened = opened_text(tuple(dict.fromkeys(name for row in rows for name in row.types)))
    if shown:
        text = f"Adds {names(shown, FEW)} to the menus of desktops"
        yield Sentence(text=f"{text}, to open {opened}." if opened else f"{text}.", evidence=("launchers",))
    elif opened:
        yield Sentence(text=f"Can open {opened}.", evidence=("launchers",))
