"""The verbs inspect and compare: what packages would do to a host."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from sandbox.cli.app import Engine, Json, app, connect, make_host, show_json, working_folder

Distro = Annotated[
    str | None, typer.Option("--distro", "-d", help="DISTRO or DISTRO:RELEASE (default: this host's).", metavar="DISTRO")
]


@app.command()
def inspect(
    packages: Annotated[list[str], typer.Argument(help="Packages, as NAME or NAME=VERSION.", metavar="PACKAGE...")],
    distro: Distro = None,
    as_json: Json = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show everything that was found.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
    engine: Engine = None,
) -> None:
    """Show what packages would do to a host, measured in a throwaway container.

    \b
    sandbox inspect redis-server
    """  # noqa: D301 - \b keeps the lines apart (click)
    from msgspec import to_builtins

    from sandbox.cli.request import Asked, make_request
    from sandbox.commands.inspect import Inspecting
    from sandbox.evaluate.findings import SCHEMA
    from sandbox.report.inspect_text import screen
    from sandbox.report.terminal import TerminalReporter
    from sandbox.signals import ending_signals
    from sandbox.spec.options import Options

    host = make_host(engine=engine)
    request = make_request(Asked(options=Options(distro=distro, packages=packages)), host, folder=working_folder())
    reporter = TerminalReporter(os.environ, quiet=quiet)
    with ending_signals() as guard, connect(host, tidy=True) as found:
        result = Inspecting(request, host, engine=found, reporter=reporter, guard=guard).run()
    if as_json:
        show_json({"schema": SCHEMA, **to_builtins(result.inspection)})
    else:
        typer.echo(screen(result.inspection, everything=verbose))
