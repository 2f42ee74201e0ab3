"""The verb stop."""

from __future__ import annotations

import typer

from sandbox.cli.app import connect, make_host
from sandbox.cli.verb import verb


@verb("stop")
def stop(names: list[str] | None = None, engine: str | None = None) -> None:
    """Run `sandbox stop`."""
    from sandbox.commands.stop import stop as stopped

    host = make_host(engine=engine)
    with connect(host, tidy=True) as found:
        for box in stopped(found, host.owner, names or ()):
            typer.echo(f"stopped {box.name}" if box.state == "running" else f"{box.name} was already stopped")
