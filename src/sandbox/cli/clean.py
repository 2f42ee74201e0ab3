"""The verb clean: what dead sessions left, and what may go besides."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sandbox.cli.app import Engine, app, connect, make_host
from sandbox.cli.verb import Verb
from sandbox.core.human import size

if TYPE_CHECKING:
    pass


NOUNS: Final = {"built": "built image", "files": "file"}


@app.command(cls=Verb)
def clean(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be removed.")] = False,
    cache: Annotated[bool, typer.Option("--cache", help="Remove the installed states of --cache too.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Remove kept and detached sandboxes too.")] = False,
    images: Annotated[bool, typer.Option("--images", help="Remove base images that sandbox pulled too.")] = False,
    engine: Engine = None,
) -> None:
    """Remove what killed sessions left behind.

    \b
    sandbox clean --dry-run
    sandbox clean --cache
    sandbox clean --images
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.commands.clean import clean as cleaning
    from sandbox.errors import RemovalFailed
    from sandbox.report.terminal import TerminalReporter

    host = make_host(engine=engine)
    with connect(host) as found:
        done = cleaning(found, host, cache=cache, images=images, staying=everything, dry_run=dry_run)
    verb = "would remove" if dry_run else "removed"
    for item in done.items:
        noun, extra = NOUNS.get(item.kind, item.kind), f" ({size(item.size)})" if item.size else ""
        typer.echo(f"{verb} {noun} {item.name}{extra}: {item.why}")
    if not done.items and not done.failures:
        typer.echo("nothing to remove")
    for failure in done.failures:
        TerminalReporter(os.environ).warn(failure)
    raise typer.Exit(RemovalFailed.exit_code if done.failures else 0)
