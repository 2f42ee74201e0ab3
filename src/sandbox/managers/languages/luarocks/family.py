"""The parts of the language manager luarocks; those that are not needed before the prompt are imported on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers.languages.luarocks import driver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.managers.languages.base import LanguageData, LanguageManager
    from sandbox.managers.languages.locked_files import LanguageFiles
    from sandbox.managers.languages.metadata import PackageMetadata, Place

manager: Final[LanguageManager] = driver


def data() -> LanguageData:
    """Return the facts about it."""
    from sandbox.managers.languages.luarocks.data import DATA

    return DATA


def files() -> LanguageFiles | str:
    """Return why its packages can't be locked."""
    return "rock servers publish no checksums, and luarocks checks none"


def describe(content: bytes) -> PackageMetadata | None:
    """Return the metadata in a file of one of its packages."""
    from sandbox.managers.languages.luarocks.metadata import read

    return read(content)


def own_paths(path: str, contents: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return nothing: its listing has the size of each rock's own files."""
    return ()


def place(path: str, name: str) -> Place | None:
    """Return nothing: versions of a name stand beside each other."""
    return None


def commands() -> str:
    """Return the program that prints its packages' commands."""
    from sandbox.core.programs import program

    return program(__package__, "commands.sh")
