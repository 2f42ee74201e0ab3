"""The verb schema: the JSON Schema of specs and answers, and what a key means."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sandbox.cli.app import app, show_json
from sandbox.cli.verb import Verb

if TYPE_CHECKING:
    pass


@app.command(cls=Verb)
def schema(
    doc: Annotated[str | None, typer.Option(help="Explain a key of the spec instead.", metavar="KEY")] = None,
    distros: Annotated[bool, typer.Option("--distros", help="Print the schema of distros.yaml.")] = False,
    of: Annotated[
        str | None,
        typer.Option(
            help="Print the schema of a command's JSON: inspect, compare, promote, trial, or list.", metavar="VERB"
        ),
    ] = None,
) -> None:
    """Print the JSON Schema of specs, of distro files, or of a command's JSON.

    \b
    sandbox schema > spec.schema.json
    sandbox schema --distros > distros.schema.json
    sandbox schema --of inspect        what inspect --json prints; also compare, promote, trial, list
    sandbox schema --doc limits
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.commands.schema import answer_schema, documentation, rows_schema
    from sandbox.commands.schema import schema as json_schema

    if distros:
        show_json(rows_schema())
        return
    if of is not None:
        show_json(answer_schema(of))
        return
    if doc is None:
        show_json(json_schema())
        return
    for key in documentation(doc):
        for line in key.lines():
            typer.echo(line)
