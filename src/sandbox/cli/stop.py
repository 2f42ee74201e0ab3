"""The verb stop."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from sandbox.cli.app import Engine, app, connect, make_host
from sandbox.cli.completion import Names
from sandbox.cli.verb import Verb

if TYPE_CHECKING:
    pass


@app.command(cls=Verb)
def stop(names: Names = None, engine: Engine = None) -> None:
    """Stop kept or detached sandboxes; their files stay.

    \b
    sandbox stop brave-otter
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.commands.stop import stop as stopped

    host = make_host(engine=engine)
    with connect(host, tidy=True) as found:
        for box in stopped(found, host.owner, names or ()):
            typer.echo(f"stopped {box.name}" if box.state == "running" else f"{box.name} was stopped already")
