"""Reads commands from apt's log and a shell's history, to find packages that were only upgraded by name.

Sources: apt-get(8), apt(8), /var/log/apt/history.log, whose `Commandline:` has the words of each command that changed
something. `apt-get upgrade NAME` marks NAME as manual (run with apt 2.6.1 and 3.0.4), as `install NAME` does.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

UPGRADES: Final = frozenset({"upgrade", "dist-upgrade", "full-upgrade", "safe-upgrade"})
ASKS: Final = frozenset({"install", "reinstall", "manual", "unmarkauto", "satisfy", "build-dep"})
_PROGRAMS: Final = frozenset({"apt", "apt-get", "apt-mark", "aptitude"})
_WITH_VALUE: Final = frozenset({"-o", "-c", "-t", "-a", "--option", "--config-file", "--target-release"})
_END: Final = re.compile(r"[;&|\n]+")


def upgrades_only(texts: Iterable[str], packages: Iterable[str]) -> frozenset[str]:
    """Return those of the packages that commands in the texts upgrade by their names, and none asks for otherwise."""
    upgraded, asked = set[str](), set[str]()
    for text in texts:
        for verb, names in _commands(text):
            if verb in UPGRADES:
                upgraded |= names
            elif verb in ASKS:
                asked |= names
    return frozenset(packages) & (upgraded - asked)


def _commands(text: str) -> Iterator[tuple[str, set[str]]]:
    """Yield the verb and the packages of each command of apt's; what a package is asked for as is left out."""
    for command in _END.split(text):
        words = iter(command.split())
        if not any(word.rpartition("/")[2] in _PROGRAMS for word in words):
            continue
        rest = list[str]()
        for word in words:
            if word in _WITH_VALUE:
                next(words, None)
            elif not word.startswith("-"):
                rest.append(re.split(r"[=/:]", word)[0])
        if rest:
            yield rest[0], set(rest[1:])
