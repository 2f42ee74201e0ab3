"""What was added to make.conf, as files that say the same of all packages, on top of what a host has.

Sources: make.conf(5), and portage(5) for what a package.* file says of `*/*`.
"""

from __future__ import annotations

import re
import shlex
from types import MappingProxyType
from typing import Final

from sandbox.managers.config_files import ConfigChange

ASSIGNMENT: Final = re.compile(r"([A-Z][A-Z0-9_]*)=(.*)")
WORD: Final = re.compile(r"[-~@*A-Za-z0-9_+.]+")
LISTS: Final = MappingProxyType(
    {"USE": "package.use", "ACCEPT_KEYWORDS": "package.accept_keywords", "ACCEPT_LICENSE": "package.license"}
)
"""Variables of make.conf, and the folder whose files say the same of all packages, on top of what a host has."""


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
