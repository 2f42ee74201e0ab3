"""The verb rm."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sandbox.cli.app import Engine, app, connect, make_host
from sandbox.cli.completion import Names
from sandbox.cli.verb import Verb

if TYPE_CHECKING:
    pass


@app.command(cls=Verb)
def rm(
    names: Names = None,
    every: Annotated[bool, typer.Option("--all", help="All kept and detached sandboxes.")] = False,
    engine: Engine = None,
) -> None:
    """Remove sandboxes and their files.

    \b
    sandbox rm brave-otter calm-heron
    sandbox rm --all
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.commands.rm import remove

    host = make_host(engine=engine)
    with connect(host, tidy=True) as found:
        gone = remove(found, host.owner, names or (), every=every)
    for box in gone:
        typer.echo(f"removed {box.name}")
    if not gone:
        typer.echo("nothing to remove")
