"""The verbs: where each is, and what is said to a word that is none."""

from __future__ import annotations

from importlib import import_module
from keyword import iskeyword
from typing import TYPE_CHECKING, Final

from typer.core import TyperGroup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typer._click import Command, Context, HelpFormatter

VERBS: Final = (
    "try",
    "promote",
    "history",
    "new",
    "validate",
    "specs",
    "schema",
    "distros",
    "doctor",
    "clean",
    "base",
    "list",
    "enter",
    "stop",
    "rm",
    "logs",
    "cp",
    "inspect",
    "compare",
    "search",
    "trial",
    "lock",
    "bundle",
)
"""Each has a module of its name here and one in commands/; a test holds this equal to what they register."""
ALIASES_OF_OTHER_TOOLS: Final[Mapping[str, str]] = {
    "install": "try",
    "run": "try",
    "shell": "try",
    "create": "try",
    "remove": "rm",
    "delete": "rm",
    "uninstall": "rm",
    "kill": "stop",
    "ls": "list",
    "ps": "list",
    "exec": "enter",
    "attach": "enter",
    "start": "enter",
    "copy": "cp",
    "info": "inspect",
    "show": "inspect",
    "diff": "compare",
    "test": "trial",
    "check": "validate",
    "lint": "validate",
    "init": "new",
    "prune": "clean",
    "export": "promote",
    "find": "search",
    "status": "doctor",
    "images": "base list",
}
"""What other tools call it, and our verb."""


def register(argv: Sequence[str]) -> None:
    """Import the module of the verb that is asked for, or all where none is: the way to a prompt is short."""
    for verb in argv[:1] if argv and argv[0] in VERBS else VERBS:
        import_module(f"sandbox.cli.{module_name(verb)}")


def module_name(verb: str) -> str:
    """Return the name of a verb's module, as `try_`: a keyword of Python is none."""
    return f"{verb}_" if iskeyword(verb) else verb


class Verbs(TyperGroup):
    """The program's commands; a word that is none is answered with the one that was meant, or with `try` of it."""

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """Return the command of the first word; raise UsageError where there is none."""
        word = args[0]
        if word in self.commands or word.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        raise _unknown(word, args[1:])

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """List the verbs with their first sentence, whole: what is cut says least of those that do most."""
        known = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        rows = [(name, verb.get_short_help_str(formatter.width * 3)) for name, verb in known if verb]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _unknown(word: str, rest: Sequence[str]) -> Exception:
    """Return the error for a word that is no verb, with the nearest, and the same line with it as the next step."""
    import shlex

    from sandbox.core.fuzzy import nearest, nearest_rows
    from sandbox.errors import Advice, UsageError

    # a slip seldom takes the first letter, and htop is no sandbox to stop
    near = [verb for verb in nearest(word, VERBS) if verb[:1] == word[:1]]
    meant = [ALIASES_OF_OTHER_TOOLS[word]] if word in ALIASES_OF_OTHER_TOOLS else near
    details = [] if word in ALIASES_OF_OTHER_TOOLS else nearest_rows(meant)
    lines = [Advice.sandbox(*verb.split(), *rest) for verb in meant[:1]]
    if word not in ALIASES_OF_OTHER_TOOLS:
        lines.append(Advice.sandbox("try", word, *rest))
    message = f"sandbox has no command {shlex.quote(word)}"
    return UsageError(message, details=details, hints=[*lines, Advice.sandbox("--help")])
