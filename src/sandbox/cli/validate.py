"""The verb validate: every problem of a spec, with its place."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import typer

from sandbox.cli.app import make_host, standard_input, working_folder
from sandbox.cli.verb import verb
from sandbox.core.human import count

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.provision.context import Context
    from sandbox.specs.load import LoadedSpec


@verb("validate")
def validate(
    files: list[str],
    distros: str | None = None,
) -> None:
    """Run `sandbox validate`."""
    from functools import partial

    from sandbox.cli.request import STDIN_LIMIT
    from sandbox.commands.validate import validate as validated
    from sandbox.distros.lookup import find_target
    from sandbox.errors import UsageError
    from sandbox.report.terminal import TerminalReporter

    read = partial(standard_input, STDIN_LIMIT)
    host = make_host(distros=distros)
    known, inspect = partial(find_target, rows=host.rows()), _plan_maker(host)
    results = validated(files, environ=os.environ, cwd=working_folder(), stdin=read, known=known, inspect=inspect)
    for result in results:
        if result.error is not None:
            TerminalReporter(os.environ).problem("error", result.error)
        elif result.spec is not None:
            typer.echo(f"ok   {result.source}: {count(len(result.spec.packages), 'package')}")
    raise typer.Exit(UsageError.exit_code if any(not result.is_ok for result in results) else 0)


def _plan_maker(host: Context) -> Callable[[LoadedSpec], object]:
    """Return what makes a plan of a spec, since only a distro's manager knows what a package's name may be."""
    from sandbox.cli.request import plan_of

    return lambda loaded: plan_of(loaded.spec, host, loaded.positions)
