"""The files that languages' packages come as: fetched into a folder, held to their hashes, installed from it alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.managers.protocol import Argv, PackageRef, Query

STORE: Final = "/var/cache/sandbox-languages"
"""The place of the files before the install, with a folder for each language."""


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


class LanguageFiles(Protocol):
    """How one language's packages are locked; implemented by modules, so `self` is ignored. All of it runs as root."""

    @property
    def name(self) -> str:
        """The language manager's name."""

    @property
    def list_stored(self) -> Query[LanguageFile]:
        """Ask for the files that are there."""

    def resolve(self, packages: Sequence[PackageRef]) -> Argv:
        """Return the argv that fetches the files of packages and of all that they need, in whatever version is new."""

    def fetch(self, files: Sequence[LanguageFile]) -> tuple[Argv, bytes]:
        """Return the argv that fetches exactly these files, beside those that are there, and its standard input."""

    def install_local(self, files: Sequence[LanguageFile]) -> tuple[Argv, bytes] | None:
        """Return the same for files that are already there; None if no command is needed."""

    def place(self, file: LanguageFile, path: str) -> Argv:
        """Return the argv that puts a file that was given, and lies at a path, where the fetched ones are."""

    def install(self, packages: Sequence[PackageRef]) -> Argv:
        """Return the argv that installs packages from the files alone, without a network, and removes them."""


def roots(files: Iterable[LanguageFile], source: str) -> tuple[str, ...]:
    """Return the names of a language's packages that were asked for, without its prefix, each once."""
    found = (file.root.partition(":") for file in files)
    return tuple(dict.fromkeys(rest for language, _, rest in found if language == source))
