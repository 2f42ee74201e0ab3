"""What the command line was, beyond what Typer reads: the command behind `--`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.cli.table import USAGES

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.engine.protocol import Engine

command: list[str] | None = None
"""The words behind `--`, None without one."""
finished: bool = False
"""Whether the command behind `--` ran, so that the status is its own."""

closed: frozenset[int] = frozenset()
"""The standard streams that were closed when the program began, by their numbers."""

engine: Callable[[], Engine] | None = None
"""What gives the engine to use, None for the one that is found."""

TAKES_COMMAND: Final = tuple(usage.name for usage in USAGES if usage.takes_command)
"""The verbs of which a command behind `--` can be the end."""


def split(argv: list[str]) -> tuple[list[str], list[str] | None]:
    """Return the words before the first `--`, and those behind it, for verbs that run a command."""
    if not argv or argv[0] not in TAKES_COMMAND or "--" not in argv:
        return argv, None
    position = argv.index("--")
    return argv[:position], argv[position + 1 :]


def help_argv(argv: list[str]) -> list[str]:
    """Return the words with `help VERB` as `VERB --help`."""
    return [*argv[1:], "--help"] if argv[:1] == ["help"] else argv


ALL: Final = "*"
"""What `--update` of `sandbox lock` is given where it stands alone: Typer knows no option that may have a value."""


def fill_optional_values(argv: list[str]) -> list[str]:
    """Return the words with a value behind each `--update` that has none."""
    if argv[:1] != ["lock"]:
        return argv
    ends = [*argv[1:], "-"]
    return [
        part
        for word, following in zip(argv, ends, strict=True)
        for part in ([word, ALL] if word == "--update" and following.startswith("-") else [word])
    ]
