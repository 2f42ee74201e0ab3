"""The verb try, as Typer runs it.

Its annotations are no strings, as they are elsewhere: each would be compiled before the prompt.
"""

import typer

from sandbox.cli.try_options import Bounds, Ending, Reach, What, Where
from sandbox.cli.try_run import run_try
from sandbox.cli.verb import verb


@verb("try")
def try_(what: What, where: Where, reach: Reach, bounds: Bounds, ending: Ending) -> None:
    """Run `sandbox try`."""
    raise typer.Exit(run_try(what, where, reach, bounds, ending))
