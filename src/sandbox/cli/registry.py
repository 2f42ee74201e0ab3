"""The verbs: where each is, and what is said to a word that is none."""

from __future__ import annotations

from importlib import import_module
from keyword import iskeyword
from typing import TYPE_CHECKING, Final

from typer._click.exceptions import NoArgsIsHelpError
from typer._click.exceptions import UsageError as ParserError
from typer.core import TyperGroup

from sandbox.cli.table import VERBS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from typer._click import Command, Context, HelpFormatter

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


class Group(TyperGroup):
    """Some verbs: their help is what the table says of them."""

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write what the table says."""
        from sandbox.cli.help import help_text

        formatter.write(help_text(ctx.command_path.partition(" ")[2], formatter.width))


class Verbs(Group):
    """The program's commands; a word that is none is answered with the one that was meant, or with `try` of it."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: Context | None = None, **extra: object
    ) -> Context:
        """Return the context of a command line; raise UsageError for what its options can't be."""
        try:
            return super().make_context(info_name, args, parent, **extra)
        except NoArgsIsHelpError:
            raise  # the help of a verb without words
        except ParserError as error:
            raise _own(error) from error

    def invoke(self, ctx: Context) -> object:
        """Run the verb; raise UsageError for what its words can't be."""
        try:
            return super().invoke(ctx)
        except NoArgsIsHelpError:
            raise  # the help of a verb without words
        except ParserError as error:
            raise _own(error) from error

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """Return the command of the first word; raise UsageError where there is none."""
        word = args[0]
        if word in self.commands or word.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        raise _unknown(word, args[1:])


def _own(error: ParserError) -> Exception:
    """Return an error of ours for one of the parser's."""
    from sandbox.cli.usage_errors import usage_error

    return usage_error(error)


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
    if word not in ALIASES_OF_OTHER_TOOLS and "--help" not in rest:
        lines.append(Advice.sandbox("try", word, *rest))
    message = f"sandbox has no command {shlex.quote(word)}"
    return UsageError(message, details=details, hints=[*lines, Advice.sandbox("--help")])
