"""A verb as Typer runs it: made of its function and its row in the table, which says what `--help` prints, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typer._click.exceptions import UsageError
from typer.core import TyperCommand

from sandbox.cli.app import app
from sandbox.cli.option_groups import with_options
from sandbox.cli.table import BY_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

    from typer import Typer
    from typer._click import Context, HelpFormatter


def verb(name: str, into: Typer = app) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Return what makes a function the verb `name` of the table, as `try` or `base build`."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        usage = BY_NAME[name]
        taken = with_options(function, usage)
        into.command(name.rpartition(" ")[2], cls=Verb, help=usage.summary)(taken)
        return taken

    return register


class Verb(TyperCommand):
    """A verb of the program."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Parse the verb's words; an error that names no verb gets this one."""
        try:
            return super().parse_args(ctx, args)
        except UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def collect_usage_pieces(self, ctx: Context) -> list[str]:
        """Return the words behind the verb's name."""
        return [BY_NAME[verb_name(ctx)].line]

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write what the table says of the verb."""
        from sandbox.cli.help import help_text

        formatter.write(help_text(verb_name(ctx), formatter.width))


def verb_name(ctx: Context) -> str:
    """Return the verb of a command line, as `try` or `base build`."""
    return ctx.command_path.partition(" ")[2]
