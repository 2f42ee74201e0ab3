"""The verbs: the module of each, and the error for an unknown one."""

from __future__ import annotations

from importlib import import_module
from keyword import iskeyword
from typing import TYPE_CHECKING

from typer._click.exceptions import NoArgsIsHelpError
from typer._click.exceptions import UsageError as ParserError
from typer.core import TyperGroup

from sandbox.cli.table import VERBS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from typer._click import Command, Context, HelpFormatter


def register(argv: Sequence[str]) -> None:
    """Import the module of the requested verb, or all: this keeps the way to a prompt short."""
    for verb in argv[:1] if argv and argv[0] in VERBS else VERBS:
        import_module(f"sandbox.cli.{module_name(verb)}")


def module_name(verb: str) -> str:
    """Return the name of a verb's module, such as `try_`, since a module name can't be a keyword."""
    return f"{verb}_" if iskeyword(verb) else verb


class Group(TyperGroup):
    """Some verbs; their help comes from the table."""

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Print the help from the table."""
        from sandbox.cli.help import help_text

        formatter.write(help_text(ctx.command_path.partition(" ")[2], formatter.width))


class Verbs(Group):
    """The program's commands; the error for an unknown word names the nearest verb, or `try WORD`."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: Context | None = None, **extra: object
    ) -> Context:
        """Return the parser's context. Raises UsageError for invalid options."""
        try:
            return super().make_context(info_name, args, parent, **extra)
        except NoArgsIsHelpError:
            raise  # a group without words shows its help
        except ParserError as error:
            raise _own(error) from error

    def invoke(self, ctx: Context) -> object:
        """Run the verb. Raises UsageError for invalid words."""
        try:
            return super().invoke(ctx)
        except NoArgsIsHelpError:
            raise  # a group without words shows its help
        except ParserError as error:
            raise _own(error) from error

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        """Return the command of the first word. Raises UsageError for an unknown one."""
        word = args[0]
        if word in self.commands or word.startswith("-") or ctx.resilient_parsing:
            return super().resolve_command(ctx, args)
        raise _unknown(word, args[1:])


def _own(error: ParserError) -> Exception:
    """Return our error for an error of the parser."""
    from sandbox.cli.usage_errors import usage_error

    return usage_error(error)


def _unknown(word: str, rest: Sequence[str]) -> Exception:
    """Return the error for an unknown verb, with the nearest one, and the same line with it as the next step."""
    import shlex

    from sandbox.cli.other_tools import NO_PACKAGES, known_words, meant_line
    from sandbox.core.fuzzy import nearest, nearest_rows
    from sandbox.errors import Advice, UsageError

    # typing errors are seldom in the first letter; and `htop` does not mean `stop`
    near = [verb for verb in nearest(word, (*VERBS, "help")) if verb[:1] == word[:1]]
    meant = meant_line(word, rest)
    details = [] if meant else nearest_rows(near)
    lines = [meant] if meant else [(verb, *rest) for verb in near[:1] if verb != "help"]
    if not meant and word not in NO_PACKAGES and "help" not in near and "--help" not in rest:
        lines.append(("try", *known_words("try", [word, *rest])))
    message = f"sandbox has no command {shlex.quote(word)}"
    return UsageError(
        message, details=details, hints=[*(Advice.sandbox(*line) for line in lines), Advice.sandbox("--help")]
    )
