"""The verbs promote and history: what past sessions leave to keep."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sandbox.cli.app import Json, Rows, app, make_host, show_json, show_table
from sandbox.quantities import ago, names

if TYPE_CHECKING:
    from sandbox.journal import Journal, Record


def session_names() -> list[str]:
    """Return the recorded sessions' names, for completion."""
    return [record.name for record in make_host().journal.records()]


@app.command()
def promote(
    name: Annotated[
        str | None, typer.Argument(help="A session's name (default: the last one).", autocompletion=session_names)
    ] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write there instead of standard output.", metavar="FILE")
    ] = None,
    distros: Rows = None,
) -> None:
    """Write what a past session tried as an install script for a host.

    \b
    sandbox promote                      the last session, to standard output
    sandbox promote brave-otter -o install.sh
    sandbox promote | less
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.commands.promote import chosen, left_out
    from sandbox.commands.promote import promote as rendered
    from sandbox.report.terminal import TerminalReporter
    from sandbox.scriptfile import write_script

    host = make_host(distros=distros)
    record = chosen(host.journal, name)
    text = rendered(record, host.rows())
    reporter = TerminalReporter(os.environ)
    reporter.heading(f"{record.name}, {record.distro} {record.release}, {_age(record)}")
    reporter.rows([(f"  {entry.full_name} {entry.version}", _origin(entry.origin)) for entry in record.packages])
    reporter.rows([("  not captured", text) for text in left_out(record)])
    if record.lost:
        reporter.rows([("  lost", "what was added by hand: the sandbox died before it could be read")])
    if output is None:
        typer.echo(text, nl=False)
        return
    write_script(text, output)
    reporter.rows([("wrote", f"{output} ({text.count(chr(10))} lines); sh {output} --dry-run shows what it would do")])


def _origin(origin: str) -> str:
    return "added by hand" if origin == "by-hand" else "asked for"


def _age(record: Record) -> str:
    from sandbox.journal import epoch

    return ago(time.time() - epoch(record.date))


@app.command()
def history(as_json: Json = False) -> None:
    """List past sessions, the newest first.

    \b
    sandbox history
    sandbox history --json
    """  # noqa: D301 - \b keeps the lines apart (click)
    from msgspec import to_builtins

    journal = make_host().journal
    if as_json:
        show_json([to_builtins(record) for record in journal.records()])
        return
    _show(journal)


def _show(journal: Journal) -> None:
    if journal.path is None:
        typer.echo("the journal is switched off", err=True)
    elif not journal.records():
        typer.echo("no session has been recorded yet", err=True)
    else:
        rows = [
            (
                record.name,
                f"{record.distro} {record.release}",
                names(tuple(entry.full_name for entry in record.packages), 4) or "-",
                _age(record),
            )
            for record in journal.records()
        ]
        show_table(("name", "distro", "packages", "when"), rows)
