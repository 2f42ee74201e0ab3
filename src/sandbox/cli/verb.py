"""How `--help` shows a verb: its usage, its arguments, and its options by their groups, all in one style."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typer._click.exceptions import UsageError
from typer.core import TyperCommand

from sandbox.cli.invocation import TAKES_COMMAND

if TYPE_CHECKING:
    from typer._click import Context, HelpFormatter, Parameter


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
        """Return the words behind the verb's name: NAME is needed, [NAME] is not, NAME... may be several."""
        arguments = [_usage(param) for param in self.get_params(ctx) if param.param_type_name == "argument"]
        return ["[OPTIONS]", *arguments, *["[-- COMMAND [ARG...]]"] * (ctx.info_name in TAKES_COMMAND)]

    def format_options(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the arguments, and the options by their groups; those of no group come last."""
        for title, rows in help_sections(self, ctx):
            with formatter.section(title):
                formatter.write_dl(rows)


def help_sections(verb: TyperCommand, ctx: Context) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the titles of the sections of a verb's help, each with what is typed and what that means."""
    sections: dict[str, list[tuple[str, str]]] = {}
    for param in verb.get_params(ctx):
        if not getattr(param, "hidden", False):
            is_argument = param.param_type_name == "argument"
            title = "Arguments" if is_argument else getattr(param, "rich_help_panel", None) or "Options"
            sections.setdefault(title, []).append((_spelling(param), getattr(param, "help", None) or ""))
    return [*sections.items()]


def _spelling(param: Parameter) -> str:
    """Return what is typed for a parameter, as `-d, --distro DISTRO` or `--cache / --no-cache`."""
    if param.param_type_name == "argument":
        return metavar(param)
    names = " / ".join(", ".join(sorted(found, key=len)) for found in (param.opts, param.secondary_opts) if found)
    return names if getattr(param, "is_flag", False) else f"{names} {metavar(param)}"


def _usage(param: Parameter) -> str:
    word = metavar(param)
    return word if param.required else f"[{word}]"


def metavar(param: Parameter) -> str:
    """Return the word that stands for a parameter's value: its own, or its name in capitals; NAME... for several."""
    word = param.metavar or (param.name or "").upper().replace("_", "-")
    return f"{word}..." if param.nargs == -1 and not word.endswith("...") else word
