"""Lists what the managers of languages have installed in a sandbox: one sh command for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.container.packages import LARGEST
from sandbox.managers.registry import LANGUAGES, PROGRAMS, language_family, language_of, languages_among

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.container.box import Box
    from sandbox.engine.protocol import FileStamp
    from sandbox.managers.languages.base import LanguageManager
    from sandbox.managers.protocol import Package

MARK: Final = "sandbox-language"
"""Marks the start of each language's part of the output, followed by its name."""


def languages_with(commands: Iterable[str]) -> tuple[LanguageManager, ...]:
    """Return the languages whose manager is among these commands."""
    found = PROGRAMS.intersection(commands)
    if not found:
        return ()
    return tuple(language for language in every_language() if found.intersection(language.programs))


def every_language() -> tuple[LanguageManager, ...]:
    """Return the managers of all languages."""
    return tuple(language_of(name) for name in LANGUAGES)


def language_packages(box: Box, languages: Sequence[LanguageManager]) -> tuple[Package, ...]:
    """Return what these languages' managers have installed. Raises EngineError if the container does not run."""
    if not languages:
        return ()
    return parse(box.read(("sh", "-c", listing_text(languages)), limit=LARGEST)[1].decode(errors="replace"))


def listing_text(languages: Sequence[LanguageManager]) -> str:
    """Return the text for sh that prints what `parse` reads."""
    return "\n".join(f"echo '{MARK} {language.name}'\n{language.listing()}" for language in languages)


def packages_of(box: Box, source: str) -> tuple[Package, ...]:
    """Return what one language's manager has installed; empty for the distro, whose name is ""."""
    return language_packages(box, languages_among([source]))


def parse(output: str) -> tuple[Package, ...]:
    """Return the packages in an output; each language parses its own part."""
    parts: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in output.split("\n"):
        mark, _, name = line.partition(" ")
        if mark == MARK:
            lines = parts.setdefault(name, [])
        else:
            lines.append(line)
    return tuple(
        package
        for language in languages_among(parts)
        for package in language.parse_packages("\n".join(parts[language.name]))
    )


def language_folders() -> tuple[str, ...]:
    """Return the folders in which languages' managers install packages."""
    return tuple(folder for name in LANGUAGES for folder in language_family(name).data().folders)


def language_commands(box: Box) -> frozenset[str]:
    """Return the folders of commands from languages' packages."""
    text = "\n".join(language_family(name).commands() for name in LANGUAGES)
    _, output = box.read(("sh", "-c", f"{text}\nexit 0"), limit=LARGEST)
    names = output.decode("utf-8", "surrogateescape").splitlines()
    return frozenset(f"{folder}/{name}" for name in names for folder in ("/usr/local/bin", "/root/.local/bin"))


def language_stamps(box: Box, languages: Iterable[LanguageManager]) -> dict[str, FileStamp | None]:
    """Return the stamps of the files that change when a language's manager installs something."""
    paths = dict.fromkeys(path for language in languages for path in language.state_files)
    return {path: box.stamp(path) for path in paths}
