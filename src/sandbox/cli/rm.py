"""The verb rm."""

from __future__ import annotations

import typer

from sandbox.cli.app import connect, make_host
from sandbox.cli.verb import verb


@verb("rm")
def rm(
    names: list[str] | None = None,
    every: bool = False,
    engine: str | None = None,
) -> None:
    """Run `sandbox rm`."""
    from sandbox.commands.rm import remove

    host = make_host(engine=engine)
    with connect(host, tidy=True) as found:
        gone = remove(found, host.owner, names or (), every=every)
    for box in gone:
        typer.echo(f"removed {box.name}")
    if not gone:
        typer.echo("nothing to remove")
