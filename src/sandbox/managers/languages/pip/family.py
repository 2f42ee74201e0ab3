"""The parts of the language manager pip; those that are not needed before the prompt are imported on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers.languages.pip import driver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.managers.languages.base import LanguageData, LanguageManager
    from sandbox.managers.languages.locked_files import LanguageFiles
    from sandbox.managers.languages.metadata import PackageMetadata, Place

manager: Final[LanguageManager] = driver


def data() -> LanguageData:
    """Return the facts about it."""
    from sandbox.managers.languages.pip.data import DATA

    return DATA


def files() -> LanguageFiles | str:
    """Return how its packages are locked."""
    from sandbox.managers.languages.pip import files as found

    return found


def describe(content: bytes) -> PackageMetadata | None:
    """Return the metadata in a file of one of its packages."""
    from sandbox.managers.languages.pip.metadata import read

    return read(content)


def own_paths(path: str, contents: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return what the package's own list names (Recording installed projects, packaging.python.org)."""
    from sandbox.managers.languages.pip.metadata import recorded_paths as found

    return found(path, contents)


def place(path: str, name: str) -> Place | None:
    """Return the folder of its environment: each has one version of a name."""
    from sandbox.managers.languages.metadata import Place

    folder = path.rpartition("/")[0].rpartition("/")[0]
    return Place(folder=folder, name=name, scopes=(folder,))


def commands() -> str:
    """Return the program that prints its packages' commands."""
    from sandbox.core.programs import program

    return program(__package__, "commands.sh")
