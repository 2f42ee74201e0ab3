"""What the shell completes a word of the command line to, and the arguments that are completed so."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from sandbox.cli.app import connect, make_host, working_folder


def spec_names() -> list[str]:
    """Return the names of the specs here, for completion."""
    from sandbox.specs.find import names as known

    return list(known(os.environ, working_folder()))


def box_names() -> list[str]:
    """Return the names of our sandboxes, for completion; none where no engine answers."""
    from sandbox.errors import SandboxError
    from sandbox.lifecycle.listing import list_sandboxes

    host = make_host()
    try:
        with connect(host) as engine:
            return [box.name for box in list_sandboxes(engine, host.owner) if box.is_ours]
    except SandboxError:
        return []


def box_places() -> list[str]:
    """Return the begin of a path in each of our sandboxes, for completion; a shell adds files of its own."""
    return [f"{name}:" for name in box_names()]


Name = Annotated[str, typer.Argument(help="Name of the sandbox.", metavar="NAME", autocompletion=box_names)]
Names = Annotated[
    list[str] | None,
    typer.Argument(help="Names of sandboxes.", metavar="NAME...", autocompletion=box_names, show_default=False),
]
