"""Which settings are read by the programs alone that came with them: their places have the name of a package. Pure.

A file below /etc that no row of the table matches is harmless where it, or its folder, is named after a package or a
command that came (hier(7): /etc/opt and folders of programs; Debian Policy 10.7.2), since others have no reason to
read it: /etc/htoprc, /etc/vim/vimrc, /etc/default/tmux. It is no finding then.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SHARED: Final = ("default", "conf.d", "sysconfig", "xdg", "opt", "env.d")
"""Folders of /etc in which each package has a file or folder of its own name, or of its name and a part."""
ENDING: Final = re.compile(
    r"\.(?:conf|cfg|cnf|ini|rc|d|ya?ml|json|toml|xml|config|defaults?|local|dist|keys?|map|list|lua)$|(?<=\w\w)rc$"
)
PART: Final = re.compile(
    r"-(?:common|core|base|bin|data|minimal|server|client|daemon|utils?|tools?|runtime|config|full|light|tiny|nox|cli|dev"
    r"|doc|extra|perl|openrc|progs|headless|libs?|filesystem|systemd|standard|\d[\w.+~]*)$"
)
"""Ends of packages' names that say which part of a program they are, or of which version."""
VERSION: Final = re.compile(r"[\d.]+(?:ldbl|t64|c2a?|v5|[abdg])?$")


def own_names(packages: Iterable[str], commands: Iterable[str]) -> frozenset[str]:
    """Return the names that settings of some packages and of their commands may have, without case and marks."""
    names = {*commands, *(name for package in packages for name in _parts(package.partition(":")[0]))}
    return frozenset(text for name in names for text in (_bare(name), _bare(VERSION.sub("", name))) if len(text) > 1)


def _parts(package: str) -> Iterator[str]:
    """Yield a package's name, and what is left of it without what says which part it is."""
    for name in dict.fromkeys((package, package.rpartition("/")[2], package.removeprefix("lib"))):
        rest = name
        yield rest
        while (shorter := PART.sub("", rest)) != rest:
            rest = shorter
            yield rest


def _bare(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def is_own(path: str, names: frozenset[str]) -> bool:
    """Return whether a path below /etc is named after what came."""
    parts = path.removeprefix("/usr").removeprefix("/local").split("/")[1:]
    if len(parts) < 2 or parts[0] != "etc":  # noqa: PLR2004 - /etc and what is in it
        return False
    is_shared = parts[1] in SHARED and len(parts) > 2  # noqa: PLR2004
    first = parts[2 if is_shared else 1].lower().lstrip(".")
    texts = (first, ENDING.sub("", first), *([first.partition("-")[0]] if is_shared else ()))
    return any(_bare(text) in names or _bare(VERSION.sub("", text)) in names for text in texts)
