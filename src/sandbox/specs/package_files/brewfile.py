"""A Brewfile, as far as its lines are literal: it is a program in Ruby, which nobody runs here.

Source: https://docs.brew.sh/Brew-Bundle-and-Brewfile.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.specs.package_files.plain_lists import lines
from sandbox.specs.package_files.values import Found, NotTaken, entry

if TYPE_CHECKING:
    from collections.abc import Iterator

_LINE: Final = re.compile(r"""(?P<what>[a-z_]+)\s*\(?\s*(?P<quote>["'])(?P<name>[^"'#]*)(?P=quote)\s*\)?(?P<rest>.*)""")
_CONDITION: Final = re.compile(r"(^|[\s,)])(if|unless|do|and|or)\s|&&|\|\||;")
_OWN: Final = "homebrew/core/"
_REASONS: Final = {
    "cask": "a cask is a macOS program",
    "tap": "a file can't add a repository",
    "mas": "the App Store exists only on macOS",
    "vscode": "it is an editor extension",
    "whalebrew": "it is a container image",
}


def parse_brewfile(text: str) -> Iterator[Found]:
    """Yield the formulae of lines `brew "NAME"`; other lines are not taken."""
    for number, said in lines(text):
        found = _LINE.fullmatch(said)
        if found is None or "#{" in said or _CONDITION.search(found["rest"]):
            yield NotTaken(text=said, line=number, reason="it is Ruby code, which sandbox does not run")
        elif found["what"] in {"npm", "cargo", "go"} and not found["rest"]:
            yield entry(f"{found['what']}:{found['name']}", number)
        elif found["what"] != "brew":
            yield NotTaken(text=said, line=number, reason=_REASONS.get(found["what"], "it names no formula"))
        elif "/" in found["name"].removeprefix(_OWN):
            yield NotTaken(text=said, line=number, reason="its repository is not Homebrew's own")
        else:
            yield entry(found["name"].removeprefix(_OWN), number, "brew", found["rest"].strip(" ,"))
