"""Texts that stand for a package's file: a path of this host, or an address, perhaps with the file's checksum.

A path begins with `./`, `../`, `/` or `~/`: an apt package may be called as a file is. The checksum is a fragment,
`#sha256=` and 64 hexadecimal digits, at the end of either.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sandbox.core.paths import expand

if TYPE_CHECKING:
    from pathlib import Path

STARTS: Final = ("./", "../", "/", "~/")
ENDINGS: Final = (".deb", ".rpm", ".apk", ".whl", ".tgz", ".pkg.tar.zst", ".pkg.tar.xz", ".pkg.tar.gz")
"""How the names of package files end; they only tell what somebody probably meant."""
LONGEST: Final = 4000
CHECKSUM: Final = "#sha256="


def is_address(text: str) -> bool:
    """Return whether a text is an address, of whatever scheme."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", text) is not None


def is_place(text: str) -> bool:
    """Return whether a text stands for a file."""
    return text.startswith(STARTS) or is_address(text)


def may_be_file(text: str) -> bool:
    """Return whether a text stands for a file, or is named as one."""
    return is_place(text) or text.endswith(ENDINGS) or is_place(text.partition(":")[2])


def split_checksum(text: str) -> tuple[str, str]:
    """Return the path or address and its checksum in lower case, empty where there is none."""
    found = re.fullmatch(rf"(.+){CHECKSUM}([0-9A-Fa-f]{{64}})", text, re.DOTALL)
    return (found[1], found[2].lower()) if found else (text, "")


def absolute(text: str, *, folder: Path, home: Path) -> str:
    """Return a text with its path made absolute: relative to `folder`; what is no path stays as it is."""
    if not is_place(text) or is_address(text):
        return text
    path, checksum = split_checksum(text)
    return expand(path, folder=folder, home=home) + (f"{CHECKSUM}{checksum}" if checksum else "")


def place_word(text: str) -> str:
    """Return a text as a lock has it: a path without its folders, which differ from machine to machine."""
    if not is_place(text):
        return text
    path, _ = split_checksum(text)
    return path if is_address(path) else f"./{path.rpartition('/')[2]}"


def place_words(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the texts of a spec as a lock has them."""
    return tuple(map(place_word, texts))
