"""The verb new: a spec to start from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sandbox.cli.app import app, working_folder
from sandbox.cli.verb import Verb
from sandbox.errors import Advice
from sandbox.report.advice import advice_text

if TYPE_CHECKING:
    pass


@app.command(cls=Verb)
def new(
    name: Annotated[str, typer.Argument(help="Name of the spec, as web-tools, or its path, as ./web.yaml.")],
    packages: Annotated[
        list[str] | None, typer.Argument(help="Packages to put into it.", metavar="PACKAGE", show_default=False)
    ] = None,
    distro: Annotated[
        str | None,
        typer.Option("--distro", "-d", help="Distro of the spec, as debian or debian:trixie.", metavar="DISTRO"),
    ] = None,
    description: Annotated[
        str | None, typer.Option(help="What the spec is for, in a sentence.", metavar="TEXT")
    ] = None,
) -> None:
    """Write a new spec, with every key explained.

    \b
    sandbox new web-tools
    sandbox new web-tools curl jq --distro debian:bookworm
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.commands.new import new as written

    made = written(name, cwd=working_folder(), packages=packages or (), distro=distro, description=description)
    hint = Advice.sandbox("try", "--spec", made.reference, before=f"wrote {made.path}; ", after=" tries it")
    typer.echo(advice_text(hint))
