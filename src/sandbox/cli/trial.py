"""The verb trial: specs on distros, side by side, with a verdict."""

from __future__ import annotations

import typer

from sandbox.cli.app import app, at_terminal, make_host, working_folder
from sandbox.cli.option_groups import expand_groups
from sandbox.cli.trial_options import Cells, Output, Work
from sandbox.cli.verb import Verb
from sandbox.errors import Advice, CheckFailed, RemovalFailed, UsageError


@app.command(cls=Verb, epilog="See also: sandbox specs, sandbox schema --doc checks.")
@expand_groups
def trial(cells: Cells, work: Work, output: Output) -> None:
    """Install specs on several distros, and run their checks.

    \b
    sandbox trial                            all of ./sandboxes, each on its own distro
    sandbox trial web-tools --distro debian,alpine,fedora
    sandbox trial sandboxes/*.yaml --junit trials.xml --retries 1
    sandbox trial web-tools --shell-on-fail  look into the one that fails
    sandbox trial --locked --twice           what sandbox lock wrote down, and the same again
    sandbox trial web-tools --twice          is it the same the second time?
    sandbox trial --engine ssh://build1 --engine ssh://build2
    sandbox trial --on swarm                 the engine is a manager of a Docker Swarm
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.cli.trial_matrix import entries_for
    from sandbox.cli.trial_run import run
    from sandbox.core.files import check_replaceable

    if work.shell_on_fail and not at_terminal():
        message = "--shell-on-fail needs a terminal to open a shell at"
        raise UsageError(message, hints=[Advice.without("--shell-on-fail", after="; the logs are kept")])
    if output.junit is not None:
        check_replaceable(output.junit, "--junit")  # what it is about may take an hour
    host = make_host(distros=cells.distros)
    result, is_left = run(entries_for(cells, host, folder=working_folder()), host, work, output)
    status = CheckFailed.exit_code if result.failed else RemovalFailed.exit_code if is_left else 0
    raise typer.Exit(status)
