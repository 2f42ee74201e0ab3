"""The parts of the language manager npm; those that are not needed before the prompt are imported on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers.languages.npm import driver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.managers.languages.base import LanguageData, LanguageManager
    from sandbox.managers.languages.locked_files import LanguageFiles
    from sandbox.managers.languages.metadata import PackageMetadata, Place

manager: Final[LanguageManager] = driver


def data() -> LanguageData:
    """Return the facts about it."""
    from sandbox.managers.languages.npm.data import DATA

    return DATA


def files() -> LanguageFiles | str:
    """Return how its packages are locked."""
    from sandbox.managers.languages.npm import files as found

    return found


def describe(content: bytes) -> PackageMetadata | None:
    """Return the metadata in a file of one of its packages."""
    from sandbox.managers.languages.npm.metadata import read

    return read(content)


def own_paths(path: str, contents: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the package's folder; those below it that describe themselves are others'."""
    return () if path not in contents else (path.removesuffix("package.json"),)


def place(path: str, name: str) -> Place | None:
    """Return where Node finds the package: by its folder's name, which an alias has for itself."""
    from sandbox.managers.languages.npm.metadata import place as found

    return found(path)


def commands() -> str:
    """Return the program that prints its packages' commands."""
    from sandbox.core.programs import program

    return program(__package__, "commands.sh")
