"""The files that languages' packages come as: fetched into a folder, held to their hashes, installed from it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable

STORE: Final = "/var/cache/sandbox-languages"
"""Where the files are, in a folder of each language, until they are installed."""


class LanguageFile(Struct, frozen=True, kw_only=True, order=True):
    """One file: `root` is the package asked for that it is part of, as `pip:httpie`, `size` in bytes.

    `name` is the package in it, or its place among those of the root where one may be there in several versions.
    `digest` is as the language writes it, with its algorithm; `path` is where it is in the sandbox.
    """

    root: str
    name: str
    version: str
    size: int
    digest: str
    path: str = ""


def roots(files: Iterable[LanguageFile], source: str) -> tuple[str, ...]:
    """Return the names of a language's packages that were asked for, without its prefix, each once."""
    found = (file.root.partition(":") for file in files)
    return tuple(dict.fromkeys(rest for language, _, rest in found if language == source))
