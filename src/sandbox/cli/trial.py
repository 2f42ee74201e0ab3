"""The verb trial: specs on distros, side by side, with a verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sandbox.cli.app import Rows, app, at_terminal, make_host, working_folder
from sandbox.cli.completion import spec_names
from sandbox.errors import Advice, CheckFailed, RemovalFailed, UsageError


@app.command(epilog="See also: sandbox specs, sandbox schema --doc checks.")
def trial(
    specs: Annotated[
        list[str] | None,
        typer.Argument(help="Specs by name or path (default: all in ./sandboxes).", autocompletion=spec_names),
    ] = None,
    distro: Annotated[
        str | None, typer.Option("--distro", "-d", help="On each of these (default: the spec's).", metavar="DISTRO,...")
    ] = None,
    jobs: Annotated[
        int | None, typer.Option("--jobs", "-j", min=1, max=64, help="At a time (default: as many as cores).")
    ] = None,
    locked: Annotated[bool, typer.Option("--locked", help="Take exactly what each spec's lock says.")] = False,
    hardened: Annotated[
        bool, typer.Option("--hardened", help="Take every privilege that an install can do without.")
    ] = False,
    retries: Annotated[int, typer.Option(min=0, max=10, help="Try what does not pass again.")] = 0,
    twice: Annotated[bool, typer.Option("--twice", help="Run each twice; what differs fails.")] = False,
    shell_on_fail: Annotated[
        bool, typer.Option("--shell-on-fail", help="Open a shell in the first one that fails.")
    ] = False,
    allow: Annotated[
        str | None, typer.Option(help="Grant what a spec asks for: mounts, ports, build ...", metavar="KIND,...")
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit XML there.", metavar="FILE")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    engine: Annotated[
        list[str] | None,
        typer.Option(help="An engine's URL, ssh://HOST or docker context; several share the work.", metavar="URL"),
    ] = None,
    on: Annotated[
        str | None, typer.Option("--on", help="swarm: Docker Swarm places, limits and restarts them.", metavar="swarm")
    ] = None,
    distros: Rows = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Run specs on distros side by side: install, run their checks, say which hold.

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
    from sandbox.cli.trial_run import TrialOutput, run
    from sandbox.core.files import check_replaceable
    from sandbox.trials.engine_runner import RunOptions

    if shell_on_fail and not at_terminal():
        message = "--shell-on-fail needs a terminal to open a shell at"
        raise UsageError(message, hints=[Advice.without("--shell-on-fail", after="; the logs are kept")])
    if junit is not None:
        check_replaceable(junit, "--junit")  # what it is about may take an hour
    host = make_host(distros=distros)
    folder = working_folder()
    asked = {"--allow": allow, "--distros": distros}
    entries = entries_for(specs or [], distro, asked, host, folder=folder, locked=locked, hardened=hardened)
    wanted = RunOptions(jobs=jobs, retries=retries, twice=twice, keep_failed=shell_on_fail)
    output = TrialOutput(as_json=as_json, junit=junit, quiet=quiet)
    result, is_left = run(entries, host, engines=engine or [], wanted=wanted, output=output, on=on)
    status = CheckFailed.exit_code if result.failed else RemovalFailed.exit_code if is_left else 0
    raise typer.Exit(status)
