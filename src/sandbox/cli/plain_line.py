"""An ordinary line of `try`, read without Typer, which takes a quarter of the time to the prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.cli.start import VALUED, simple_words
from sandbox.cli.try_options import Bounds, Ending, Reach, What, Where

if TYPE_CHECKING:
    from collections.abc import Mapping

    Options = tuple[What, Where, Reach, Bounds, Ending]

SWITCHES: Final[Mapping[str, tuple[str, bool]]] = {
    "--cache": ("cache", True),
    "--no-cache": ("cache", False),
    "--quiet": ("quiet", True),
    "-q": ("quiet", True),
    "--no-stdin": ("no_stdin", True),
    "-n": ("no_stdin", True),
}
"""The options without a value of such a line: the field of `Ending` that each sets."""
ASSIGNED: Final = "--distro="


def options_of(words: list[str]) -> Options | None:
    """Return the options of the words before a `--`, as Typer returns them; None for a line that it has to read."""
    if words[:1] != ["try"] or "--" in words or simple_words(words) is None:
        return None
    packages: list[str] = []
    distro: str | None = None
    switches: dict[str, bool] = {}
    ahead = iter(words[1:])
    for word in ahead:
        if word in VALUED:
            distro = next(ahead, "-")
            if distro.startswith("-"):
                return None  # perhaps an option that has lost its value
        elif word.startswith(ASSIGNED):
            distro = word.removeprefix(ASSIGNED)
        elif word in SWITCHES:
            field, value = SWITCHES[word]
            switches[field] = value
        else:
            packages.append(word)
    return What(packages=packages or None), Where(distro=distro), Reach(), Bounds(), replace(Ending(), **switches)
