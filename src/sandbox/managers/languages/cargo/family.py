"""What the language manager cargo consists of; what the way to the prompt does not need is imported on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers.languages.cargo import driver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.managers.languages.base import LanguageData, LanguageManager
    from sandbox.managers.languages.locked_files import LanguageFiles
    from sandbox.managers.languages.metadata import PackageMetadata

manager: Final[LanguageManager] = driver


def data() -> LanguageData:
    """Return what else there is to know of it."""
    from sandbox.managers.languages.cargo.data import DATA

    return DATA


def files() -> LanguageFiles | str:
    """Return why its packages can't be locked."""
    return "cargo compiles what it installs: crates have checksums, but the programs built from them have none"


def describe(content: bytes) -> PackageMetadata | None:
    """Return what a file that one of its packages brought says of that."""
    from sandbox.managers.languages.cargo.metadata import read

    return read(content)


def own_paths(path: str, contents: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return nothing: its listing has the size of each crate's commands, and the sources are none of them."""
    return ()


def commands() -> str:
    """Return the program that prints the names of its packages' commands."""
    from sandbox.core.programs import program

    return program(__package__, "commands.sh")
