"""The verb specs: lists the specs that have a name."""

from __future__ import annotations

import os

from sandbox.cli.app import show_json, show_table, working_folder
from sandbox.cli.verb import verb
from sandbox.core.human import names


@verb("specs")
def specs(as_json: bool = False) -> None:
    """Run `sandbox specs`."""
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
    show_table(("spec", "from", "packages", "description"), table)
