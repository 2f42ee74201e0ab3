"""The new files as a tree that opens by a click, without a script."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from sandbox.core.human import count, size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.inspect.findings import FileSize

MOST: Final = 20_000
"""Most files on a page, so that browsers stay fast; folders count the others."""
DEEPEST: Final = 40
"""Folder levels that open one by one; deeper folders appear with their whole path."""


class Folder:
    """A folder of the tree: its own files, and the totals of everything below."""

    def __init__(self) -> None:
        self.folders: dict[str, Folder] = {}
        self.files: list[tuple[str, FileSize]] = []
        self.count = 0
        self.size = 0


def filetree(files: Sequence[FileSize]) -> str:
    """Return the tree, empty where there are no files."""
    root = Folder()
    for file in files:
        *parents, name = file.path.strip("/").split("/", DEEPEST)
        place = root
        for folder in (None, *parents):
            place = place if folder is None else place.folders.setdefault(folder, Folder())
            place.count += 1
            place.size += file.size
        place.files.append((name, file))
    lists_files = len(files) <= MOST
    return f'<div class="tree">{"".join(_inside(root, lists_files=lists_files, depth=0))}</div>' if files else ""


def _inside(folder: Folder, *, lists_files: bool, depth: int) -> Iterator[str]:
    for name, below in sorted(folder.folders.items(), key=lambda item: -item[1].size):
        is_open = " open" if depth == 0 and len(folder.folders) == 1 else ""
        summary = f"{escape(name)}/ <span class=dim>{escape(size(below.size))}, {count(below.count, 'file')}</span>"
        yield f"<details{is_open}><summary>{summary}</summary>"
        yield from _inside(below, lists_files=lists_files, depth=depth + 1)
        yield "</details>"
    for name, file in folder.files if lists_files else ():
        note = f"{size(file.size)}{'' if file.is_new else ', changed'}"
        yield f'<div class="file">{escape(name)} <span class=dim>{escape(note)}</span></div>'
