"""The files that languages' packages come as: fetched into a folder, held to their hashes, installed from there alone.

A language whose packages can be locked has a module of its own for that, as pip_files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct

from sandbox.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox.managers.base import Argv, PackageRef, Query
    from sandbox.managers.language import LanguageManager

STORE: Final = "/var/cache/sandbox-languages"
"""Where the files are, in a folder of each language, until they are installed."""

REASONS: Final[Mapping[str, str]] = {
    "cargo": "cargo compiles what it installs: its crates have checksums, the programs made of them have none",
    "gem": "what a gem needs is resolved anew by each install, and gem takes no hashes",
    "go": "go compiles what it installs: its modules have checksums, the programs made of them have none",
}


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
    def kept(self) -> Query[LanguageFile]:
        """Ask for the files that are there."""

    def resolve(self, packages: Sequence[PackageRef]) -> Argv:
        """Return the argv that fetches the files of packages and of all that they need, in whatever version is new."""

    def fetch(self, files: Sequence[LanguageFile]) -> tuple[Argv, bytes]:
        """Return the argv that fetches exactly these files, beside those that are there, and its standard input."""

    def brought(self, files: Sequence[LanguageFile]) -> tuple[Argv, bytes] | None:
        """Return the same for files that were brought there already; None where nothing else is needed."""

    def install(self, packages: Sequence[PackageRef]) -> Argv:
        """Return the argv that installs packages from the files alone, without a network, and removes them."""


def files_of(language: LanguageManager) -> LanguageFiles:
    """Return how a language's packages are locked; raise UsageError, with the reason, for one whose can't be."""
    match language.name:
        case "pip":
            from sandbox.managers import pip_files

            return pip_files
        case "npm":
            from sandbox.managers import npm_files

            return npm_files
        case name:
            message = f"packages of {name} can't be locked: {REASONS[name]}"
            raise UsageError(message, details=[("can be", "pip, npm")], hints=["a spec without them"])


def fetches(
    language: LanguageManager, packages: Sequence[PackageRef], locked: Sequence[LanguageFile], *, replay: bool
) -> tuple[tuple[Argv, bytes | None], ...]:
    """Return what fetches a language's packages, each with its standard input: exactly what is `locked` of them.

    What is not, in whatever version is new. `replay`: the locked files were brought already.
    """
    files = files_of(language)
    mine = [file for file in locked if file.root.partition(":")[0] == language.name]
    held = {file.root for file in mine}
    fresh = [ref for ref in packages if ref.full_name not in held]
    known = (files.brought(mine) if replay else files.fetch(mine)) if mine else None
    return (*([(files.resolve(fresh), None)] if fresh else []), *([known] if known else []))


def roots(files: Iterable[LanguageFile], source: str) -> tuple[str, ...]:
    """Return the names of a language's packages that were asked for, without its prefix, each once."""
    found = (file.root.partition(":") for file in files)
    return tuple(dict.fromkeys(rest for language, _, rest in found if language == source))
