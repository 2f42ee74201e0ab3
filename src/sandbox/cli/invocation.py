"""The parts of the command line that Typer does not read, such as the command after `--`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.cli.table import USAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.engine.protocol import Engine

command: list[str] | None = None
"""The words after `--`; None without `--`."""
runs_command: bool = False
"""Whether the words after `--` are a command, and no arguments of an installer."""
finished: bool = False
"""Whether the command after `--` ran, so that its exit status is ours."""

is_interrupted: bool = False
"""Whether SIGINT came while nothing of a session was there yet."""

user: str = ""
"""What was typed behind `--user=`; empty for nothing."""

closed: frozenset[int] = frozenset()
"""The numbers of the standard streams that were closed at the start."""

engine: Callable[[], Engine] | None = None
"""Returns the engine to use; None: discover one."""

TAKES_COMMAND: Final = tuple(usage.name for usage in USAGES if usage.takes_command)
"""The verbs that accept a command after `--`."""


def split(argv: list[str]) -> tuple[list[str], list[str] | None]:
    """Return the words before the first `--`, and those after it if the verb runs a command."""
    if not argv or argv[0] not in TAKES_COMMAND or "--" not in argv:
        return argv, None
    position = argv.index("--")
    return argv[:position], argv[position + 1 :]


def is_for_installer(argv: list[str]) -> bool:
    """Return whether the words behind `--` are an installer's: then an exit status is never that of a command."""
    return argv[:1] in (["inspect"], ["compare"]) or any(word == "--run" or word.startswith("--run=") for word in argv)


USER_OPTION: Final = "--user="


def take_user(argv: list[str]) -> tuple[list[str], str]:
    """Return the words with `--user` for `--user=WHO`, and WHO: Typer has no switch that can have a value."""
    if argv[:1] not in (["try"], ["enter"]):
        return argv, ""
    said = [word.removeprefix(USER_OPTION) for word in argv if word.startswith(USER_OPTION)]
    words = [USER_OPTION.rstrip("=") if word.startswith(USER_OPTION) else word for word in argv]
    return words, said[-1] if said else ""


ALL: Final = "*"
"""The value of a bare `--update` of `sandbox lock`: Typer has no options with an optional value."""


def fill_optional_values(argv: list[str]) -> list[str]:
    """Return the words with this value after each bare `--update`."""
    if argv[:1] != ["lock"]:
        return argv
    ends = [*argv[1:], "-"]
    return [
        part
        for word, following in zip(argv, ends, strict=True)
        for part in ([word, ALL] if word == "--update" and following.startswith("-") else [word])
    ]
