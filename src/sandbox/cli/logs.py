"""The verb logs."""

from __future__ import annotations

import sys

import typer

from sandbox.cli.app import connect, make_host
from sandbox.cli.verb import verb


@verb("logs")
def logs(
    name: str,
    follow: bool = False,
    tail: int | None = None,
    engine: str | None = None,
) -> None:
    """Run `sandbox logs`."""
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
        typer.echo(f"{name} has printed nothing; a service may write log files instead: {look}", err=True)
