"""The verb schema: JSON Schemas, and explanations of keys."""

from __future__ import annotations

import typer

from sandbox.cli.app import show_json
from sandbox.cli.verb import verb


@verb("schema")
def schema(
    doc: str | None = None,
    distros: bool = False,
    of: str | None = None,
) -> None:
    """Run `sandbox schema`."""
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
