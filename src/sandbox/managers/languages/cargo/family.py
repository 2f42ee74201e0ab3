"""The parts of the language manager cargo; those that are not needed before the prompt are imported on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers.languages.cargo import driver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.managers.languages.base import LanguageData, LanguageManager
    from sandbox.managers.languages.locked_files import LanguageFiles
    from sandbox.managers.languages.metadata import PackageMetadata, Place

manager: Final[LanguageManager] = driver


def data() -> LanguageData:
    """Return the facts about it."""
    from sandbox.managers.languages.cargo.data import DATA

    return DATA


def files() -> LanguageFiles | str:
    """Return why its packages can't be locked."""
    return "cargo compiles what it installs: crates have checksums, but the programs built from them have none"


def describe(content: bytes) -> PackageMetadata | None:
    """Return the metadata in a file of one of its packages."""
    from sandbox.managers.languages.cargo.metadata import read

    return read(content)


def own_paths(path: str, contents: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return nothing: its listing has the size of each crate's commands, and the sources are none of them."""
    return ()


def place(path: str, name: str) -> Place | None:
    """Return nothing: versions of a name stand beside each other."""
    return None


def commands() -> str:
    """Return the program that prints its packages' commands."""
    from sandbox.core.programs import program

    return program(__package__, "commands.sh")
