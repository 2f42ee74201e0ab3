"""The verb validate: every problem of a spec, with its place."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import typer

from sandbox.cli.app import make_host, standard_input, working_folder
from sandbox.cli.verb import verb
from sandbox.core.human import count

if TYPE_CHECKING:
    from sandbox.errors import Problem
    from sandbox.provision.context import Context
    from sandbox.specs.load import LoadedSpec
    from sandbox.specs.model import Spec


@verb("validate")
def validate(
    files: list[str],
    distros: str | None = None,
) -> None:
    """Run `sandbox validate`."""
    from functools import partial

    from sandbox.cli.hints import all_hints
    from sandbox.cli.request import STDIN_LIMIT
    from sandbox.commands.validate import validate as validated
    from sandbox.distros.lookup import find_target
    from sandbox.errors import UsageError
    from sandbox.report.terminal import TerminalReporter

    read = partial(standard_input, STDIN_LIMIT)
    host = make_host(distros=distros)
    known, inspect = partial(find_target, rows=host.rows()), partial(_look, host)
    results = validated(files, environ=os.environ, cwd=working_folder(), stdin=read, known=known, inspect=inspect)
    for result in results:
        if result.error is not None:
            typed = ["validate", *files, *(["--distros", distros] if distros else [])]
            result.error.hints = all_hints(result.error, typed)
            TerminalReporter(os.environ).problem("error", result.error)
        elif result.spec is not None:
            packages = count(len(result.spec.packages), "package")
            typer.echo(f"ok   {result.source}: {packages}{_needs(result.spec, host)}")
    raise typer.Exit(UsageError.exit_code if any(not result.is_ok for result in results) else 0)


def _look(host: Context, loaded: LoadedSpec) -> None:
    """Raise UsageError for what only a distro's manager knows, a package's name, or only this host: a mount's source.

    All that is wrong with the values of a document is raised as one SpecError.
    """
    from sandbox.cli.request import check_paths
    from sandbox.errors import SpecError
    from sandbox.provision.planning import plan_of

    problems: list[Problem] = []
    for look in (plan_of, check_paths):
        try:
            look(loaded.spec, host=host, positions=loaded.positions)
        except SpecError as error:
            problems += error.problems
    if problems:
        raise SpecError(loaded.source, sorted(problems, key=lambda row: (row.line, row.column)))


def _needs(spec: Spec, host: Context) -> str:
    """Say what a user has to grant before it is tried."""
    from sandbox.core.paths import home
    from sandbox.specs.grants import dangerous, missing_grants

    kinds = sorted({grant for grant, _ in missing_grants(spec, (), host.settings.limits)})
    options = [f"--allow {','.join(kinds)}"] * bool(kinds)
    options += ["--allow-dangerous"] * bool(dangerous(spec.mounts, home(host.environ)))
    return f"; try needs {' '.join(options)}" if options else ""
