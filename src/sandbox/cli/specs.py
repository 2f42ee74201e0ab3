"""The verb specs: those that can be used by name."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sandbox.cli.app import Json, app, show_json, show_table, working_folder
from sandbox.cli.verb import Verb
from sandbox.core.human import names

if TYPE_CHECKING:
    pass


@app.command(cls=Verb)
def specs(as_json: Json = False) -> None:
    """List the specs that have a name: of this folder, your own, and those that ship.

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
