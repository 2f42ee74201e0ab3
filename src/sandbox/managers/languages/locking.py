"""How the packages of a language are locked: the module of each language that can, the reason for each that can't."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.errors import Advice, UsageError
from sandbox.managers.registry import LANGUAGES, language_family

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.managers.languages.base import LanguageManager
    from sandbox.managers.languages.locked_files import LanguageFile, LanguageFiles
    from sandbox.managers.protocol import Argv, PackageRef


def files_of(language: LanguageManager) -> LanguageFiles:
    """Return how a language's packages are locked; raise UsageError, with the reason, for one whose can't be."""
    name = next(known for known in LANGUAGES if known == language.name)
    found = language_family(name).files()
    if isinstance(found, str):
        lockable = [other for other in LANGUAGES if not isinstance(language_family(other).files(), str)]
        message = f"packages of {name} can't be locked: {found}"
        raise UsageError(message, details=[("can be", ", ".join(lockable))], hints=[Advice.say("a spec without them")])
    return found


def is_lockable(language: LanguageManager) -> bool:
    """Return whether a language's packages come as files whose hashes can be taken."""
    return any(known == language.name and not isinstance(language_family(known).files(), str) for known in LANGUAGES)


def fetch_commands(
    language: LanguageManager, packages: Sequence[PackageRef], locked: Sequence[LanguageFile], *, replay: bool
) -> tuple[tuple[Argv, bytes | None], ...]:
    """Return the commands that fetch exactly the `locked` packages of a language, each with its standard input.

    What is not, in whatever version is new. `replay`: the locked files were brought already.
    """
    files = files_of(language)
    mine = [file for file in locked if file.root.partition(":")[0] == language.name]
    held = {file.root for file in mine}
    fresh = [ref for ref in packages if ref.full_name not in held]
    resolved = [(files.resolve(fresh), None)] if fresh else []
    given = [] if replay else [(file, path) for file in mine if (path := _given_path(file, packages))]
    rest = [file for file in mine if file not in [row for row, _ in given]]
    known = (files.install_local(rest) if replay else files.fetch(rest)) if rest else None
    brought = files.install_local([file for file, _ in given]) if given else None
    placed = [(files.place(file, path), None) for file, path in given]
    return (*resolved, *([known] if known else []), *placed, *([brought] if brought else []))


def _given_path(file: LanguageFile, packages: Sequence[PackageRef]) -> str:
    """Return where the file lies that a locked one is, empty for one that comes from a registry."""
    paths = {
        (ref.full_name, name): ref.file.path
        for ref in packages
        if ref.file
        for name in (ref.name, f"node_modules/{ref.name}")
    }
    return paths.get((file.root, file.name), "")
