"""What the languages' own managers have in a sandbox: one command for all of them, in sh alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.engine.base import ExecSpec
from sandbox.evaluate.probe import LARGEST
from sandbox.inside import capture
from sandbox.managers import LANGUAGES, language_named, languages_among

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.engine.base import Engine, FileStamp
    from sandbox.managers.base import Package
    from sandbox.managers.language import LanguageManager

MARK: Final = "sandbox-language"
"""What stands in front of each language's part of the output, with its name."""

PROGRAMS: Final = frozenset(("pip", "pip3", "pipx", "npm", "pnpm", "yarn", "cargo", "gem", "bundle", "go"))
"""Every language's programs, so that a sandbox without any costs no import; a test holds it to the managers' own."""


def languages_with(commands: Iterable[str]) -> tuple[LanguageManager, ...]:
    """Return the languages whose packages can be installed by hand where these commands are."""
    found = PROGRAMS.intersection(commands)
    if not found:
        return ()
    return tuple(language for language in every_language() if found.intersection(language.programs))


def every_language() -> tuple[LanguageManager, ...]:
    """Return the managers of all languages."""
    return tuple(language_named(name) for name in LANGUAGES)


def language_packages(engine: Engine, container: str, languages: Sequence[LanguageManager]) -> tuple[Package, ...]:
    """Return what these languages' managers have installed; raise EngineError where the container does not run."""
    if not languages:
        return ()
    text = "\n".join(f"echo '{MARK} {language.name}'\n{language.listing}" for language in languages)
    spec = ExecSpec(argv=("sh", "-c", text), user="0")
    return parse(capture(engine, container, spec, limit=LARGEST)[1].decode(errors="replace"))


def parse(output: str) -> tuple[Package, ...]:
    """Return the packages of an output, each part read by the language that it is marked with."""
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
        for package in language.installed("\n".join(parts[language.name]))
    )


def language_stamps(
    engine: Engine, container: str, languages: Iterable[LanguageManager]
) -> dict[str, FileStamp | None]:
    """Return the stamps of what changes when something is installed by hand."""
    paths = dict.fromkeys(path for language in languages for path in language.watched)
    return {path: engine.stamp(container, path) for path in paths}
