"""What the languages' own managers have in a sandbox: one command for all of them, in sh alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.container.packages import LARGEST
from sandbox.core.programs import program
from sandbox.managers.registry import LANGUAGES, language_of, languages_among

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sandbox.container.box import Box
    from sandbox.engine.protocol import FileStamp
    from sandbox.managers.languages.base import LanguageManager
    from sandbox.managers.protocol import Package

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
    return tuple(language_of(name) for name in LANGUAGES)


def language_packages(box: Box, languages: Sequence[LanguageManager]) -> tuple[Package, ...]:
    """Return what these languages' managers have installed; raise EngineError where the container does not run."""
    if not languages:
        return ()
    text = "\n".join(f"echo '{MARK} {language.name}'\n{language.listing()}" for language in languages)
    return parse(box.read(("sh", "-c", text), limit=LARGEST)[1].decode(errors="replace"))


def packages_of(box: Box, source: str) -> tuple[Package, ...]:
    """Return what the manager of one language has installed, nothing for the distro's, whose name is empty."""
    return language_packages(box, languages_among([source]))


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
        for package in language.parse_packages("\n".join(parts[language.name]))
    )


FOLDERS: Final = (
    "/opt/pip",
    "/opt/pipx",
    "/root/.bundle",
    "/root/.cargo",
    "/root/.config/go",
    "/root/.local/lib/python3*",
    "/root/.local/pipx",
    "/root/.local/share/gem",
    "/root/.local/share/pipx",
    "/root/.npm",
    "/root/go",
    "/usr/lib/node_modules",
    "/usr/local/.crates*",
    "/usr/local/lib/node_modules",
    "/usr/local/lib/python3*",
    "/usr/local/lib64/python3*",
    "/usr/local/share/gems",
    "/usr/local/share/man",
    "/var/lib/gems",
)
"""Where languages' managers put packages that were installed by hand; all there is theirs."""


def language_commands(box: Box) -> frozenset[str]:
    """Return the paths at which the commands of languages' packages are, wherever these may have put them."""
    _, output = box.read(("sh", "-c", program(__package__, "language_commands.sh")), limit=LARGEST)
    names = output.decode("utf-8", "surrogateescape").splitlines()
    return frozenset(f"{folder}/{name}" for name in names for folder in ("/usr/local/bin", "/root/.local/bin"))


def language_stamps(box: Box, languages: Iterable[LanguageManager]) -> dict[str, FileStamp | None]:
    """Return the stamps of what changes when something is installed by hand."""
    paths = dict.fromkeys(path for language in languages for path in language.state_files)
    return {path: box.stamp(path) for path in paths}
