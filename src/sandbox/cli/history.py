"""The verb history: what is known of past sessions."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import typer

from sandbox.cli.app import Json, app, make_host, show_json, show_table
from sandbox.core.human import ago, names

if TYPE_CHECKING:
    from sandbox.lifecycle.journal import Journal, Record


def age(record: Record) -> str:
    """Return how long ago a session was."""
    from sandbox.lifecycle.journal import epoch

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
                age(record),
            )
            for record in journal.records()
        ]
        show_table(("name", "distro", "packages", "when"), rows)
