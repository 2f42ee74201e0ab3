"""The verb history: past sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from sandbox.cli.app import make_host, show_json, show_table
from sandbox.cli.verb import verb
from sandbox.core.human import ago, names

if TYPE_CHECKING:
    from sandbox.lifecycle.journal import Record


@verb("history")
def history(as_json: bool = False) -> None:
    """Run `sandbox history`."""
    from msgspec import to_builtins

    from sandbox.commands.history import history as sessions

    records = sessions(make_host().journal)
    if as_json:
        show_json([to_builtins(record) for record in records or ()])
    elif records is None:
        typer.echo("the journal is switched off", err=True)
    elif not records:
        typer.echo("no session has been recorded yet", err=True)
    else:
        names_used = [record.name for record in records]
        rows = [_row(record, is_alone=names_used.count(record.name) == 1) for record in records]
        show_table(("name", "distro", "packages", "when"), rows)


def _row(record: Record, *, is_alone: bool) -> tuple[str, ...]:
    """Return the cells of a session; one of several of its name is named by its id, which promote takes too."""
    from sandbox.lifecycle.journal import age

    packages = names(tuple(entry.full_name for entry in record.packages), 4) or "-"
    name = record.name if is_alone else f"{record.name} ({record.session})"
    return name, f"{record.distro} {record.release}", packages, ago(age(record))
