"""The verb trial: runs specs on distros, with a verdict."""

from __future__ import annotations

import typer

from sandbox.cli.app import at_terminal, make_host, working_folder
from sandbox.cli.trial_options import Cells, Output, Work
from sandbox.cli.verb import verb
from sandbox.errors import Advice, CheckFailed, RemovalFailed, UsageError


@verb("trial")
def trial(cells: Cells, work: Work, output: Output) -> None:
    """Run `sandbox trial`."""
    from sandbox.cli.trial_matrix import entries_for
    from sandbox.cli.trial_run import run
    from sandbox.core.files import check_replaceable

    if work.shell_on_fail and not at_terminal():
        message = "--shell-on-fail needs a terminal"
        raise UsageError(message, hints=[Advice.without("--shell-on-fail", after="; the logs are kept")])
    if output.junit is not None:
        check_replaceable(output.junit, "--junit")  # check this first: a trial may take an hour
    host = make_host(distros=cells.distros)
    is_here = not (work.engine or work.on)
    entries = entries_for(cells, host, folder=working_folder(), is_here=is_here)
    result, is_left = run(entries, host, work, output)
    status = CheckFailed.exit_code if result.failed else RemovalFailed.exit_code if is_left else 0
    raise typer.Exit(status)
