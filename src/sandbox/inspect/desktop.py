"""What .desktop files and lists of default programs say: titles, and types of files. Pure.

Sources: Desktop Entry Specification 1.5 (Name, NoDisplay, MimeType); MIME applications specification 1.0.1, whose lists
have the group [Default Applications].
"""

from __future__ import annotations

from posixpath import basename
from typing import TYPE_CHECKING, Final

from sandbox.container.snapshot import readable
from sandbox.core.desktop_entry import ENTRY, group_values
from sandbox.core.plaintext import plain_line
from sandbox.inspect.facts import Launch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.container.snapshot import Snapshot

DEFAULTS: Final = "Default Applications"
LONGEST: Final = 80
"""Characters of a title or a type."""


def launch_of(path: str, after: Snapshot) -> Launch:
    """Return what a .desktop file says of its program; of one whose text was not read, its name."""
    values = group_values(_text(path, after), ENTRY)
    is_hidden = any(values.get(key, "").lower() == "true" for key in ("NoDisplay", "Hidden"))
    title = plain_line(values.get("Name", ""), LONGEST) or readable(basename(path).removesuffix(".desktop"))
    return Launch(title=title, is_shown=not is_hidden, types=_types(values.get("MimeType", "").split(";")))


def default_types(path: str, after: Snapshot) -> tuple[str, ...]:
    """Return the types of files for which a list names the program that opens them by default."""
    return _types(group_values(_text(path, after), DEFAULTS))


def _text(path: str, after: Snapshot) -> str:
    """Return a file's text, of a link that of the file where it leads."""
    found = after.contents.get(path) or after.contents.get(after.resolve(path), b"")
    return found.decode(errors="replace")


def _types(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(plain_line(word.strip(), LONGEST) for word in words if "/" in word))
