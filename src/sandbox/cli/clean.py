"""The verb clean: removes what dead sessions left, and on request more."""

from __future__ import annotations

import os
from typing import Final

import typer

from sandbox.cli.app import connect, make_host
from sandbox.cli.on_fargate import refuse_with_on
from sandbox.cli.verb import verb
from sandbox.core.human import size

NOUNS: Final = {"built": "built image", "files": "file"}


@verb("clean")
def clean(
    dry_run: bool = False,
    cache: bool = False,
    everything: bool = False,
    images: bool = False,
    engine: str | None = None,
    on: str | None = None,
) -> None:
    """Run `sandbox clean`."""
    from sandbox.commands.clean import clean as cleaning
    from sandbox.commands.clean import clean_fargate
    from sandbox.errors import RemovalFailed
    from sandbox.report.terminal import TerminalReporter

    host = make_host(engine=engine)
    if on is not None:
        others = (("--cache", cache), ("--all", everything), ("--images", images), ("--engine", engine))
        refuse_with_on(on, others)
        done = clean_fargate(host, lambda: connect(host), dry_run=dry_run)
    else:
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
