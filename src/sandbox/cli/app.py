"""The Typer application and the options that verbs share."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sandbox.cli.host import at_terminal, connect, make_host, standard_input, working_folder
from sandbox.cli.registry import Verbs
from sandbox.errors import Advice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.errors import Row

__all__ = [
    "app",
    "at_terminal",
    "columns",
    "connect",
    "make_host",
    "show_completion",
    "show_json",
    "show_rows",
    "show_table",
    "show_version",
    "standard_input",
    "working_folder",
]

app = typer.Typer(
    name="sandbox",
    cls=Verbs,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def show_version(wanted: bool) -> None:
    """Print the version and exit."""
    if wanted:
        from sandbox import __version__

        typer.echo(f"sandbox {__version__}")
        raise typer.Exit


def show_completion(shell: str | None) -> None:
    """Print the completion file of a shell and exit. Raises UsageError for a shell that has none."""
    if shell is None:
        return
    from sandbox.cli.completion_files import script
    from sandbox.cli.usages.values import COMPLETED
    from sandbox.errors import UsageError

    if shell not in COMPLETED:
        message = f"there is no completion for {shell!r}"
        raise UsageError(
            message,
            details=[("shells", ", ".join(COMPLETED))],
            hints=[Advice.sandbox("--show-completion", "bash")],
        )
    typer.echo(script(shell), nl=False)
    raise typer.Exit


@app.callback()
def sandbox(
    version: Annotated[bool, typer.Option("--version", callback=show_version, is_eager=True)] = False,
    completion: Annotated[
        str | None, typer.Option("--show-completion", callback=show_completion, is_eager=True, metavar="SHELL")
    ] = None,
) -> None:
    """Read the options before the verb."""


def show_rows(rows: Iterable[Row]) -> None:
    """Print labels and texts, aligned, on standard output."""
    rows = tuple(rows)
    width = max((len(label) for label, _ in rows), default=0) + 3
    for label, text in rows:
        typer.echo(f"{label:<{width}}{text}".rstrip())


def show_table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    """Print a table on standard output, as wide as the terminal allows."""
    from sandbox.report.columns import fit_columns

    for line in fit_columns([header, *rows], columns() if os.isatty(1) else None):
        typer.echo(line)


def columns() -> int:
    """Return the width of the terminal on standard output; very large if it is not a terminal."""
    import shutil

    return shutil.get_terminal_size((80, 24)).columns if os.isatty(1) else 1000


def show_json(value: Any) -> None:
    """Print JSON on standard output."""
    import json

    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))
