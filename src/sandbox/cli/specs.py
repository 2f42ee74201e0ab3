"""The verbs new, validate, specs and schema: writing specs and checking them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from sandbox.cli.app import Json, Rows, app, make_host, show_json, show_table, standard_input, working_folder
from sandbox.cli.completion import spec_names
from sandbox.core.human import count, names

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.provision.context import Context
    from sandbox.specs.load import LoadedSpec

STDIN_LIMIT = 1_000_000
"""Bytes of a spec that are read from standard input; far more than a spec may have."""


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The spec's name, as web-tools, or its path, as ./web.yaml.")],
    packages: Annotated[list[str] | None, typer.Argument(help="Packages to begin with.", show_default=False)] = None,
    distro: Annotated[str | None, typer.Option("--distro", "-d", help="DISTRO or DISTRO:RELEASE.")] = None,
    description: Annotated[str | None, typer.Option(help="What it is for, in a sentence.")] = None,
) -> None:
    """Write a spec to start from, with every key explained.

    \b
    sandbox new web-tools
    sandbox new web-tools curl jq --distro debian:bookworm
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.commands.new import new as written

    made = written(name, cwd=working_folder(), packages=packages or (), distro=distro, description=description)
    typer.echo(f"wrote {made.path}; sandbox try --spec {made.reference} tries it")


@app.command()
def validate(
    files: Annotated[
        list[str], typer.Argument(help="Specs by path or name; - for standard input.", autocompletion=spec_names)
    ],
    distros: Rows = None,
) -> None:
    """Check specs; every problem is shown with its place.

    \b
    sandbox validate web-tools.yaml
    sandbox validate sandboxes/*.yaml
    """  # noqa: D301 - \b keeps the lines apart (click)
    from functools import partial

    from sandbox.commands.validate import validate as validated
    from sandbox.distros.lookup import find_target
    from sandbox.errors import UsageError
    from sandbox.report.terminal import TerminalReporter

    read = partial(standard_input, STDIN_LIMIT)
    host = make_host(distros=distros)
    known, inspect = partial(find_target, rows=host.rows()), _planned(host)
    results = validated(files, environ=os.environ, cwd=working_folder(), stdin=read, known=known, inspect=inspect)
    for result in results:
        if result.error is not None:
            TerminalReporter(os.environ).problem("error", result.error)
        elif result.spec is not None:
            typer.echo(f"ok   {result.source}: {count(len(result.spec.packages), 'package')}")
    raise typer.Exit(UsageError.exit_code if any(not result.is_ok for result in results) else 0)


def _planned(host: Context) -> Callable[[LoadedSpec], object]:
    """Return what makes a plan of a spec, since only a distro's manager knows what a package's name may be."""
    from sandbox.cli.request import plan_of

    return lambda loaded: plan_of(loaded.spec, host, loaded.positions)


@app.command()
def specs(as_json: Json = False) -> None:
    """List the specs that can be used by name: those here, yours and those that ship.

    \b
    sandbox specs
    sandbox try --spec web-tools
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.commands.specs import specs as known

    rows = known(environ=os.environ, cwd=working_folder())
    if as_json:
        show_json(
            [
                {
                    "name": row.name,
                    "from": row.origin,
                    "path": str(row.path),
                    "description": row.description,
                    "distro": row.distro,
                    "packages": list(row.packages),
                }
                for row in rows
            ]
        )
        return
    table = [
        (row.name, row.origin, names(row.packages, 4), row.description if not row.problems else "has problems")
        for row in rows
    ]
    show_table(("spec", "from", "packages", "what it is for"), table)


@app.command()
def schema(
    doc: Annotated[str | None, typer.Option(help="Say what a key means, instead.", metavar="KEY")] = None,
    distros: Annotated[bool, typer.Option("--distros", help="Of a file of distros, distros.yaml.")] = False,
    of: Annotated[str | None, typer.Option(help="Of what a verb prints as JSON.", metavar="VERB")] = None,
) -> None:
    """Print the JSON Schema of a spec, for editors, or of an answer, for programs.

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
