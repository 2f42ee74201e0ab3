"""The Typer application and the options that verbs share."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sandbox.cli import invocation
from sandbox.cli.registry import Verbs
from sandbox.errors import Advice

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.engine.protocol import Engine as AnyEngine
    from sandbox.errors import Row
    from sandbox.provision.context import Context

app = typer.Typer(
    name="sandbox",
    cls=Verbs,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

EXIT_CODES = """\b
Exit status:
  0 done                       4 a step failed inside the sandbox
  1 failed                     5 something could not be removed
  2 the command line or a spec 6 a check failed
  3 the container engine     130 interrupted (128 + the signal)
With -- CMD it is the command's own, and 125 for a failure of sandbox itself.
"""

Engine = Annotated[
    str | None,
    typer.Option(
        help="Engine to use: a URL, as ssh://HOST, or the name of a docker context.", metavar="URL", show_default=False
    ),
]
Rows = Annotated[
    str | None,
    typer.Option("--distros", help="Read distros of your own from FILE.", metavar="FILE", show_default=False),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def show_version(wanted: bool) -> None:
    """Print the version and end."""
    if wanted:
        from sandbox import __version__

        typer.echo(f"sandbox {__version__}")
        raise typer.Exit


@app.callback(epilog=EXIT_CODES)
def sandbox(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version.", callback=show_version, is_eager=True)
    ] = False,
) -> None:
    """Try a package in a throwaway distro, leave nothing behind, keep what you liked as an install script.

    \b
    sandbox try htop                         a shell in a fresh distro that has htop
    sandbox try ripgrep --distro debian:trixie -- rg --version
    sandbox promote -o install.sh            what the last session tried, for this host
    """  # noqa: D301 - \b keeps the lines apart (click)


def make_host(**options: str | bool | None) -> Context:
    """Return the host with the settings in force, the options that were given above all."""
    from sandbox import __version__
    from sandbox.core.paths import cache_folder, state_folder
    from sandbox.lifecycle.journal import FILE, Journal
    from sandbox.lifecycle.owner import current_owner
    from sandbox.provision.context import Context
    from sandbox.specs.settings_load import load_settings

    settings = load_settings(os.environ, options={key: said for key, said in options.items() if said is not None})
    folder = state_folder(os.environ)
    return Context(
        environ=os.environ,
        owner=current_owner(),
        settings=settings,
        journal=Journal(folder / FILE if settings.journal else None),
        state_folder=folder,
        cache_folder=cache_folder(os.environ),
        version=__version__,
    )


def distro_names() -> list[str]:
    """Return every distro with its releases, for completion."""
    return [f"{row.name}:{release.name}" for row in make_host().rows() for release in row.releases]


def connect(host: Context, *, tidy: bool = False) -> AnyEngine:
    """Return the engine to use; a setting or option that names one leaves no choice.

    With `tidy`, what sessions that died left behind is swept first.
    """
    from sandbox.engine.discover import find_engine
    from sandbox.lifecycle.cleanup import sweep

    engine: AnyEngine
    if invocation.engine is not None:
        engine = invocation.engine()
    else:
        named = host.settings.engine
        engine = find_engine(os.environ, chosen=(named, host.settings.origin("engine")) if named else None)
    if tidy:
        sweep(engine, host.owner, host.state_folder)
    return engine


def show_rows(rows: Iterable[Row], *, indent: str = "") -> None:
    """Print labels and texts, aligned, on standard output."""
    rows = tuple(rows)
    width = max((len(label) for label, _ in rows), default=0) + 3
    for label, text in rows:
        typer.echo(f"{indent}{label:<{width}}{text}".rstrip())


def show_table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    """Print a table with as much room as its cells need, on standard output, or as a terminal has for it."""
    from sandbox.report.columns import fit_columns

    for line in fit_columns([header, *rows], columns() if os.isatty(1) else None):
        typer.echo(line)


def columns() -> int:
    """Return the columns of the terminal that standard output is, more than any line has where it is none."""
    import shutil

    return shutil.get_terminal_size((80, 24)).columns if os.isatty(1) else 1000


def show_json(value: Any) -> None:
    """Print JSON on standard output."""
    import json

    typer.echo(json.dumps(value, indent=2, ensure_ascii=False))


def at_terminal() -> bool:
    """Return whether someone can be asked."""
    from sandbox.core.foreground import is_ours

    return sys.stdin is not None and is_ours(0) and is_ours(2)


def standard_input(limit: int) -> bytes:
    """Return what standard input holds, up to `limit` bytes; raise UsageError where it is another's terminal."""
    from sandbox.core.foreground import is_elsewhere
    from sandbox.errors import UsageError

    if is_elsewhere(0):
        message = "standard input is a terminal, and sandbox is in its background: nothing can be read there"
        raise UsageError(
            message, hints=[Advice.say("a file's name in place of -"), Advice.say("the same command in the foreground")]
        )
    return sys.stdin.buffer.read(limit)


def working_folder() -> Path:
    """Return the current folder; raise UsageError where it has been deleted."""
    from sandbox.errors import UsageError

    try:
        return Path.cwd()
    except FileNotFoundError as error:
        message = "the current folder has been deleted"
        raise UsageError(message, hints=[Advice.program("cd")]) from error
