"""The parts of the language manager go; those that are not needed before the prompt are imported on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.managers.languages.go import driver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.managers.languages.base import LanguageData, LanguageManager
    from sandbox.managers.languages.locked_files import LanguageFiles
    from sandbox.managers.languages.metadata import PackageMetadata, Place

manager: Final[LanguageManager] = driver


def data() -> LanguageData:
    """Return the facts about it."""
    from sandbox.managers.languages.go.data import DATA

    return DATA


def files() -> LanguageFiles | str:
    """Return why its packages can't be locked."""
    return "go compiles what it installs: modules have checksums, but the programs built from them have none"


def describe(content: bytes) -> PackageMetadata | None:
    """Return None: Go's programs say by themselves which modules are in them, and nothing of a licence."""
    return None


def own_paths(path: str, contents: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return nothing: its listing has the size of each program, and nothing else is installed."""
    return ()


def place(path: str, name: str) -> Place | None:
    """Return nothing: versions of a name stand beside each other."""
    return None


def commands() -> str:
    """Return the program that prints its packages' commands."""
    from sandbox.core.programs import program

    return program(__package__, "commands.sh")
