"""The verb new: a spec to start from."""

from __future__ import annotations

import typer

from sandbox.cli.app import make_host, working_folder
from sandbox.cli.verb import verb
from sandbox.errors import Advice
from sandbox.report.advice import advice_text


@verb("new")
def new(
    name: str,
    packages: list[str] | None = None,
    files: list[str] | None = None,
    distro: str | None = None,
    description: str | None = None,
) -> None:
    """Run `sandbox new`."""
    from sandbox.commands.new import new as written

    if files:
        from sandbox.cli.package_lists import packages_with_lists

        packages = packages_with_lists(packages, files, make_host(), distro=distro, takes_input=False)
    made = written(name, cwd=working_folder(), packages=packages or (), distro=distro, description=description)
    hint = Advice.sandbox("try", "--spec", made.reference, before=f"wrote {made.path}; ", after=" tries it")
    typer.echo(advice_text(hint))
