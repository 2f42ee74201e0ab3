"""What was changed inside a manager's one file of settings, as settings of their own that a host can be given.

A host has that file already, with more in it than the sandbox knows: what is new goes beside it, and can be taken back.

Sources: pacman.conf(5) for sections and Include, make.conf(5) and portage(5) for what a package.* file says of `*/*`.
"""

from __future__ import annotations

import re
import shlex
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from sandbox.managers.config_files import ConfigChange

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

SECTION: Final = re.compile(r"\[([A-Za-z0-9][A-Za-z0-9_.+-]*)\]")
ASSIGNMENT: Final = re.compile(r"([A-Z][A-Z0-9_]*)=(.*)")
WORD: Final = re.compile(r"[-~@*A-Za-z0-9_+.]+")
BESIDE: Final = "/etc/pacman.conf.d"
LISTS: Final = MappingProxyType(
    {"USE": "package.use", "ACCEPT_KEYWORDS": "package.accept_keywords", "ACCEPT_LICENSE": "package.license"}
)
"""Variables of make.conf, and the folder whose files say the same of all packages, on top of what a host has."""


def sections(before: str, after: str) -> tuple[ConfigChange, ...] | None:
    """Return the repositories that were added to pacman.conf, a file and the line that includes it for each.

    None where anything else of it was changed.
    """
    head, old = _parts(before)
    last, new = _parts(after)
    if last != head or any(new.get(name) != text for name, text in old.items()):
        return None
    found: list[ConfigChange] = []
    for name in new:
        if name in old or name == "options":
            continue
        path = f"{BESIDE}/{name}.conf"
        content = "".join(f"{line}\n" for line in (f"[{name}]", *new[name])).encode()
        found.append(ConfigChange(kind="repository", path=path, content=content))
        found.append(
            ConfigChange(kind="repository", path="/etc/pacman.conf", content=f"Include = {path}\n".encode(), added=True)
        )
    return tuple(found)


def _parts(text: str) -> tuple[list[str], dict[str, list[str]]]:
    """Return what stands before the first section, and the lines of each, without comments and empty lines."""
    head: list[str] = []
    found: dict[str, list[str]] = {}
    lines = head
    for line in map(str.strip, text.splitlines()):
        if header := SECTION.fullmatch(line):
            lines = found.setdefault(header[1], [])
        elif line and not line.startswith("#"):
            lines.append(line)
    return head, found


def assignments(before: str, after: str) -> tuple[ConfigChange, ...] | None:
    """Return the words that were added to variables of make.conf, as files that say the same of all packages.

    None where anything else of it was changed, as a word that was taken away or a value that holds another variable.
    """
    old, new = _values(before), _values(after)
    if old is None or new is None:
        return None
    if {name: value for name, value in old.items() if name not in LISTS} != {
        name: value for name, value in new.items() if name not in LISTS
    }:
        return None
    found = []
    for name, folder in LISTS.items():
        known, words = old.get(name, []), new.get(name, [])
        if not set(known) <= set(words):
            return None
        if more := [word for word in words if word not in known]:
            content = f"*/* {' '.join(more)}\n".encode()
            found.append(ConfigChange(kind="flag", path=f"/etc/portage/{folder}/make-conf", content=content))
    return tuple(found)


def _values(text: str) -> dict[str, list[str]] | None:
    """Return the words of each variable, less what they repeat of their own; None where that can't be told."""
    found: dict[str, list[str]] = {}
    try:
        lines = shlex.split(text, comments=True)
    except ValueError:
        return None
    for line in lines:
        match = ASSIGNMENT.fullmatch(line.replace("\n", " "))
        if match is None:
            return None
        name, words = match[1], match[2].split()
        own = [word for word in words if word in (f"${name}", f"${{{name}}}")]
        rest = [word for word in words if word not in own]
        if name in LISTS and not all(map(WORD.fullmatch, rest)):
            return None
        found[name] = [*(found.get(name, []) if own else []), *rest]
    return found


FORMS: Final[Mapping[str, Callable[[str, str], tuple[ConfigChange, ...] | None]]] = MappingProxyType(
    {"/etc/pacman.conf": sections, "/etc/portage/make.conf": assignments}
)
"""Files by their paths."""


def as_drop_ins(path: str, before: bytes, after: bytes) -> tuple[ConfigChange, ...]:
    """Return what was added to a file as settings beside it; empty where something else of it was changed."""
    form = FORMS.get(path)
    try:
        return (form(before.decode(), after.decode()) if form else None) or ()
    except UnicodeDecodeError:
        return ()
