"""The verb bundle."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sandbox.cli.app import connect, make_host, working_folder
from sandbox.cli.verb import verb
from sandbox.core.human import count, size
from sandbox.errors import RemovalFailed, UsageError

if TYPE_CHECKING:
    from sandbox.specs.model import Spec


@verb("bundle")
def bundle(
    spec: str,
    output: Path,
    distro: str | None = None,
    allow: str | None = None,
    engine: str | None = None,
    verbose: bool = False,
    quiet: bool = False,
) -> None:
    """Run `sandbox bundle`."""
    from sandbox.cli.request import make_request
    from sandbox.cli.try_arguments import TryArguments
    from sandbox.cli.try_options import Bounds, What, Where
    from sandbox.commands.bundle import bundle as pack
    from sandbox.core.files import check_new
    from sandbox.core.signals import trap_termination
    from sandbox.report.terminal import TerminalReporter

    host, folder = make_host(engine=engine), working_folder()
    check_new(output, "-o")
    texts = _texts(spec, folder)
    asked = TryArguments(
        what=What(spec=spec, locked=True), where=Where(distro=distro), bounds=Bounds(allow=allow), resolves=True
    )
    request = make_request(asked, host, folder=folder)
    texts = (_with_keys(texts[0], spec, request.spec, folder), texts[1])
    reporter = TerminalReporter(os.environ, verbose=verbose, quiet=quiet)
    with trap_termination() as guard, connect(host, tidy=True) as found:
        reporter.heading(f"{request.title} on {found.title}")
        done = pack(
            request, host, engine=found, reporter=reporter, guard=guard, file=output, spec=texts[0], lock=texts[1]
        )
    packages = sum(name.startswith("packages/") for name in done.manifest.members)
    typer.echo(f"wrote   {output}: {done.manifest.target}, {count(packages, 'package')}, {size(output.stat().st_size)}")
    raise typer.Exit(RemovalFailed.exit_code if done.removal.left else 0)


def _with_keys(data: bytes, name: str, spec: Spec, folder: Path) -> bytes:
    """Return a spec's text with the keys of its repositories in it: it is read where no file is beside it."""
    if not spec.repositories:
        return data
    from sandbox.specs.find import load_by_name
    from sandbox.specs.inlined_keys import with_inlined_keys

    return with_inlined_keys(data, spec, load_by_name(name, environ=os.environ, cwd=folder).positions)


def _texts(spec: str, folder: Path) -> tuple[bytes, bytes]:
    """Return the exact bytes of a spec and its lock. Raises UsageError if the spec extends another."""
    from sandbox.cli.lock_options import lock_beside
    from sandbox.specs.find import find_spec, load_by_name
    from sandbox.specs.lockfile import lock_path

    loaded = load_by_name(spec, environ=os.environ, cwd=folder)
    if len(loaded.sources) > 1:
        message = f"a bundle can't hold {loaded.source}, because it extends {loaded.sources[0]}"
        raise UsageError(message)
    lock_beside(loaded.file, folder)
    path = loaded.file or folder
    return find_spec(spec, environ=os.environ, cwd=folder).data, lock_path(path.parent, path.stem).read_bytes()
