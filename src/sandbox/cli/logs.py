"""The verb logs."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from sandbox.cli.app import Engine, app, connect, make_host
from sandbox.cli.completion import Name
from sandbox.cli.verb import Verb

if TYPE_CHECKING:
    pass


@app.command(cls=Verb)
def logs(
    name: Name,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Follow the output until it ends.")] = False,
    tail: Annotated[int | None, typer.Option(min=0, help="Show only the last N lines.", metavar="N")] = None,
    engine: Engine = None,
) -> None:
    """Show the output of a detached sandbox's command or service.

    \b
    sandbox logs brave-otter
    sandbox logs brave-otter -f --tail 20
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.commands.logs import logs as output

    host = make_host(engine=engine)
    has_printed = False
    with connect(host) as found:
        for piece in output(found, host.owner, name, follow=follow, tail=tail, plain=sys.stdout.isatty()):
            has_printed = has_printed or bool(piece)
            sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
    if not has_printed and tail != 0:
        from sandbox.errors import Advice
        from sandbox.report.advice import advice_text

        look = advice_text(Advice.sandbox("enter", name, "--", "ls", "-l", "/var/log"))
        typer.echo(f"{name} has printed nothing; a service may log to files: {look}", err=True)
