"""The verb bundle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from sandbox.cli.app import Engine, app, connect, make_host, working_folder
from sandbox.cli.completion import spec_names
from sandbox.cli.verb import Verb
from sandbox.core.human import count, size
from sandbox.errors import RemovalFailed, UsageError


@app.command(cls=Verb, epilog="See also: sandbox lock, sandbox try --bundle.")
def bundle(
    spec: Annotated[str, typer.Argument(help="A locked spec, by name or path.", autocompletion=spec_names)],
    output: Annotated[Path, typer.Option("--output", "-o", help="File to write.", metavar="FILE")],
    distro: Annotated[
        str | None, typer.Option("--distro", "-d", help="Distro of the lock to pack.", metavar="DISTRO")
    ] = None,
    engine: Engine = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show all output of every step.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Pack a locked spec, its base and its packages into one file, for use without a network.

    \b
    sandbox lock ./web-tools.yaml
    sandbox bundle ./web-tools.yaml -o web-tools.sandbox
    sandbox try --bundle web-tools.sandbox -- curl --version
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.cli.request import make_request
    from sandbox.cli.try_arguments import TryArguments
    from sandbox.cli.try_options import What, Where
    from sandbox.commands.bundle import bundle as pack
    from sandbox.core.files import check_new
    from sandbox.core.signals import trap_termination
    from sandbox.report.terminal import TerminalReporter

    host, folder = make_host(engine=engine), working_folder()
    check_new(output, "-o")
    texts = _texts(spec, folder)
    asked = TryArguments(what=What(spec=spec, locked=True), where=Where(distro=distro), resolves=True)
    request = make_request(asked, host, folder=folder)
    reporter = TerminalReporter(os.environ, verbose=verbose, quiet=quiet)
    with trap_termination() as guard, connect(host, tidy=True) as found:
        reporter.heading(f"{request.title} on {found.title}")
        done = pack(
            request, host, engine=found, reporter=reporter, guard=guard, file=output, spec=texts[0], lock=texts[1]
        )
    packages = sum(name.startswith("packages/") for name in done.manifest.members)
    typer.echo(f"wrote   {output}: {done.manifest.target}, {count(packages, 'package')}, {size(output.stat().st_size)}")
    raise typer.Exit(RemovalFailed.exit_code if done.removal.left else 0)


def _texts(spec: str, folder: Path) -> tuple[bytes, bytes]:
    """Return a spec and its lock, to the byte; raise UsageError for one that does not stand alone."""
    from sandbox.cli.lock_options import lock_beside
    from sandbox.specs.find import find_spec, load_by_name
    from sandbox.specs.lockfile import lock_path

    loaded = load_by_name(spec, environ=os.environ, cwd=folder)
    if len(loaded.sources) > 1:
        message = f"{loaded.source} extends {loaded.sources[0]}: a bundle takes a spec that stands alone"
        raise UsageError(message)
    lock_beside(loaded.file, folder)
    path = loaded.file or folder
    return find_spec(spec, environ=os.environ, cwd=folder).data, lock_path(path.parent, path.stem).read_bytes()
