"""The verb list: the sandboxes on the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from sandbox.cli.app import connect, make_host, show_json, show_table
from sandbox.cli.on_fargate import refuse_with_on
from sandbox.cli.verb import verb
from sandbox.core.human import names, size, span
from sandbox.errors import Advice
from sandbox.report.advice import advice_text

if TYPE_CHECKING:
    from sandbox.lifecycle.listing import SandboxInfo


@verb("list")
def list_(
    every: bool = False,
    as_json: bool = False,
    engine: str | None = None,
    on: str | None = None,
) -> None:
    """Run `sandbox list`."""
    if on is not None:
        refuse_with_on(on, (("--engine", engine),))
        _list_fargate(every=every, as_json=as_json)
        return
    from msgspec import to_builtins

    from sandbox.commands.list import list_ as listed

    host = make_host(engine=engine)
    with connect(host, tidy=True) as found:
        rows = listed(found, host.owner, every=every)
    if as_json:
        show_json([to_builtins(box) for box in rows])
    elif rows:
        others = not all(box.is_ours for box in rows)  # the owner matters only on a shared engine
        header = ("name", "distro", "packages", "state", "age", "size", *["owner"] * others)
        show_table(header, [_row(box)[: len(header)] for box in rows])
    else:
        others_too = Advice.sandbox("list", "-a", before="no sandbox is running; ", after=" lists stopped ones too")
        typer.echo("there are no sandboxes" if every else advice_text(others_too), err=True)


def _list_fargate(*, every: bool, as_json: bool) -> None:
    from msgspec import to_builtins

    from sandbox.commands.list import list_fargate

    rows = list_fargate(make_host(), every=every)
    if as_json:
        show_json([to_builtins(row) for row in rows])
        return
    if not rows:
        nothing = "nothing of yours is on Fargate; "
        others_too = Advice.sandbox("list", "--on", "fargate", "-a", before=nothing, after=" lists that of others")
        typer.echo("nothing of sandbox is on Fargate" if every else advice_text(others_too), err=True)
        return
    others = any(row.owner != "you" for row in rows)
    header = ("session", "state", "tasks", "definitions", "log streams", "images", *["owner"] * others)
    words = [
        (
            *(row.name.rpartition("-")[2], row.state),
            *map(str, (row.tasks, row.definitions, row.log_streams, row.images)),
            row.owner,
        )[: len(header)]
        for row in rows
    ]
    show_table(header, words)
    if any(row.state == "left behind" for row in rows):
        typer.echo(
            advice_text(Advice.sandbox("clean", "--on", "fargate", after=" removes what is left behind")), err=True
        )


def _row(box: SandboxInfo) -> tuple[str, ...]:
    return box.name, box.distro, names(box.packages, 4) or "-", box.state, span(box.age), size(box.size), box.owner
