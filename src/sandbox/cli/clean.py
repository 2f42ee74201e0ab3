"""The verb clean: removes what dead sessions left, and on request more."""

from __future__ import annotations

import os
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

import typer

from sandbox.cli.app import connect, make_host
from sandbox.cli.on_fargate import refuse_with_on
from sandbox.cli.verb import verb
from sandbox.core.human import size

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.commands.clean import Removable

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
    for line in removal_lines(done.items):
        typer.echo(f"{verb} {line}")
    if not done.items and not done.failures:
        typer.echo("nothing to remove")
    for failure in done.failures:
        TerminalReporter(os.environ).warn(failure)
    raise typer.Exit(RemovalFailed.exit_code if done.failures else 0)


def removal_lines(items: Sequence[Removable]) -> Iterator[str]:
    """Yield a line for each item, and a single one for the files of one folder that go for the same reason."""
    rows: dict[tuple[str, ...], list[Removable]] = {}
    for item in items:
        key = (item.why, str(PurePath(item.name).parent)) if item.kind == "files" else (item.kind, item.ident)
        rows.setdefault(key, []).append(item)
    for row in rows.values():
        total = sum(item.size for item in row)
        noun = NOUNS.get(row[0].kind, row[0].kind)
        what = f"{noun} {row[0].name}" if len(row) == 1 else f"{len(row)} files in {PurePath(row[0].name).parent}"
        yield f"{what}{f' ({size(total)})' if total else ''}: {row[0].why}"
