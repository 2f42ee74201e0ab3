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
    from sandbox.errors import Row, UsageError
    from sandbox.provision.context import Context

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
    from sandbox.cli.completion_files import SHELLS, script
    from sandbox.errors import UsageError

    if shell not in SHELLS:
        message = f"there is no completion for {shell!r}"
        raise UsageError(
            message,
            details=[("shells", ", ".join(SHELLS))],
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


def make_host(**options: str | bool | None) -> Context:
    """Return the host with its settings; options override them."""
    from sandbox import __version__
    from sandbox.provision.context import host_context

    return host_context(os.environ, version=__version__, **options)


def connect(host: Context, *, tidy: bool = False) -> AnyEngine:
    """Return the engine to use; a setting or option that names one leaves no choice.

    With `tidy`, what sessions that died left behind is swept first.
    """
    from sandbox.lifecycle.cleanup import sweep

    engine = invocation.engine() if invocation.engine is not None else host.connect()
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


def at_terminal() -> bool:
    """Return whether a person can answer questions."""
    from sandbox.core.foreground import is_ours

    return sys.stdin is not None and is_ours(0) and is_ours(2)


def standard_input(limit: int) -> bytes:
    """Return up to `limit` bytes of standard input.

    Raises UsageError if it is a terminal and we are in the background.
    """
    from sandbox.core.foreground import is_elsewhere
    from sandbox.errors import UsageError

    if is_elsewhere(0):
        message = "sandbox runs in the background and can't read from the terminal"
        raise UsageError(
            message,
            hints=[Advice.say("replace - by the name of a file"), Advice.say("the same command in the foreground")],
        )
    return sys.stdin.buffer.read(limit)


def working_folder() -> Path:
    """Return the current folder; one that has been deleted raises UsageError where a path in it is asked for."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return DeletedFolder()


class DeletedFolder(type(Path())):  # type: ignore[misc]  # Path itself can't be a base before Python 3.12
    """The current folder, which is gone: whatever needs it can't be had."""

    def __fspath__(self) -> str:
        raise self._error()

    def __str__(self) -> str:
        raise self._error()

    def __truediv__(self, key: str | os.PathLike[str]) -> Path:
        if not Path(key).is_absolute():
            raise self._error()
        return Path(key)

    @staticmethod
    def _error() -> UsageError:
        from sandbox.errors import UsageError

        message = "the current folder has been deleted"
        return UsageError(message, hints=[Advice.program("cd")])
