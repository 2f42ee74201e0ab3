"""How the packages of a language are locked: the module of each language that can, the reason for each that can't."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from sandbox.errors import Advice, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.managers.languages.base import LanguageManager
    from sandbox.managers.languages.locked_files import LanguageFile
    from sandbox.managers.protocol import Argv, PackageRef, Query

REASONS: Final[Mapping[str, str]] = {
    "cargo": "cargo compiles what it installs: its crates have checksums, the programs made of them have none",
    "gem": "what a gem needs is resolved anew by each install, and gem takes no hashes",
    "go": "go compiles what it installs: its modules have checksums, the programs made of them have none",
}


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
        """Return the same for files that were brought there already; None where nothing else is needed."""

    def install(self, packages: Sequence[PackageRef]) -> Argv:
        """Return the argv that installs packages from the files alone, without a network, and removes them."""


def files_of(language: LanguageManager) -> LanguageFiles:
    """Return how a language's packages are locked; raise UsageError, with the reason, for one whose can't be."""
    match language.name:
        case "pip":
            from sandbox.managers.languages import pip_files

            return pip_files
        case "npm":
            from sandbox.managers.languages import npm_files

            return npm_files
        case name:
            message = f"packages of {name} can't be locked: {REASONS[name]}"
            raise UsageError(message, details=[("can be", "pip, npm")], hints=[Advice.say("a spec without them")])


def fetch_commands(
    language: LanguageManager, packages: Sequence[PackageRef], locked: Sequence[LanguageFile], *, replay: bool
) -> tuple[tuple[Argv, bytes | None], ...]:
    """Return what fetches a language's packages, each with its standard input: exactly what is `locked` of them.

    What is not, in whatever version is new. `replay`: the locked files were brought already.
    """
    files = files_of(language)
    mine = [file for file in locked if file.root.partition(":")[0] == language.name]
    held = {file.root for file in mine}
    fresh = [ref for ref in packages if ref.full_name not in held]
    known = (files.install_local(mine) if replay else files.fetch(mine)) if mine else None
    return (*([(files.resolve(fresh), None)] if fresh else []), *([known] if known else []))
