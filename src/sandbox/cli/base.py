"""The verbs of `sandbox base`: bases where no registry can be reached, or that no registry has."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from sandbox.cli.app import Engine, Json, Rows, app, connect, make_host, show_json, show_table
from sandbox.cli.verb import Verb
from sandbox.core.human import ago, size
from sandbox.errors import Advice
from sandbox.report.advice import advice_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.core.progress import StepReport
    from sandbox.distros.model import Target
    from sandbox.engine.protocol import Engine as AnyEngine
    from sandbox.provision.context import Context

base_app = typer.Typer(
    name="base", no_args_is_help=True, rich_markup_mode=None, help="Build, import, list and remove base images."
)
app.add_typer(base_app)

DistroArgument = Annotated[str, typer.Argument(help="Distro, as debian or debian:bookworm.")]


@base_app.command(cls=Verb)
def build(distro: DistroArgument, distros: Rows = None, engine: Engine = None) -> None:
    """Build a distro's base from its package mirror, with mmdebstrap.

    \b
    sandbox base build debian:bookworm
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.commands import base

    host = make_host(engine=engine, distros=distros)
    target = _target(distro, host)
    with _step("build", target.label, host) as (found, step):
        made = base.build(found, target, version=host.version, on_line=step.now)
        step.note(f"{made.reference}, {size(made.size)}")


@base_app.command("import", cls=Verb)
def import_(
    source: Annotated[
        str, typer.Argument(help="Root file system: .tar, .tar.gz, .tar.xz or .tar.zst; a path or a URL.")
    ],
    name: Annotated[str, typer.Option("--as", help="Name of the base, as alpine:3.23.", metavar="NAME")],
    sha256: Annotated[str | None, typer.Option(help="SHA-256 that the file must have.", metavar="HEX")] = None,
    engine: Engine = None,
) -> None:
    """Make a base from a distro's root tarball.

    \b
    sandbox base import rootfs.tar.xz --as debian:bookworm --sha256 9f86d081...
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.commands import base

    host = make_host(engine=engine)
    with _step("import", name, host) as (found, step):
        made = base.import_(
            found,
            source,
            name,
            version=host.version,
            sha256=sha256,
            on_bytes=lambda done, total: step.now(f"{size(done)} of {size(total)}" if total else size(done)),
        )
        step.note(f"{made.reference}, {size(made.size)}")


@base_app.command("list", cls=Verb)
def list_(as_json: Json = False, engine: Engine = None) -> None:
    """List the bases made on this machine.

    \b
    sandbox base list
    """  # noqa: D301 - \b keeps the lines apart (click)
    from msgspec import to_builtins

    from sandbox.commands import base

    with connect(make_host(engine=engine), tidy=True) as found:
        rows = base.list_(found)
    if as_json:
        show_json([to_builtins(row) for row in rows])
    elif not rows:
        hint = Advice.sandbox("base", "build", "debian:bookworm", before="no base was made here; ", after=" makes one")
        typer.echo(advice_text(hint), err=True)
    else:
        table = [(row.reference, size(row.size), ago(time.time() - row.created), row.origin) for row in rows]
        show_table(("base", "size", "made", "from"), table)


@base_app.command("rm", cls=Verb)
def remove(
    names: Annotated[list[str], typer.Argument(help="Names of bases, as debian:bookworm.", metavar="NAME...")],
    engine: Engine = None,
) -> None:
    """Remove bases made on this machine.

    \b
    sandbox base rm debian:bookworm
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.commands import base

    with connect(make_host(engine=engine), tidy=True) as found:
        for name in names:
            typer.echo(f"removed {base.remove(found, name)}")


@base_app.command(cls=Verb)
def ensure(distro: DistroArgument, distros: Rows = None, engine: Engine = None) -> None:
    """Pull a distro's base, or build it, unless it is there.

    \b
    sandbox base ensure debian:bookworm
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.commands import base
    from sandbox.provision.base_image import progress_reporter

    host = make_host(engine=engine, distros=distros)
    target = _target(distro, host)
    with _step("base", target.label, host) as (found, step):
        done = base.ensure(
            found,
            target,
            version=host.version,
            folder=host.state_folder,
            on_pull=progress_reporter(step),
            on_line=step.now,
        )
        step.note(f"{done.how}: {done.reference}, {size(done.image.size)}")


@contextmanager
def _step(kind: str, title: str, host: Context) -> Iterator[tuple[AnyEngine, StepReport]]:
    """Yield the engine, and the line of the one step that a verb is."""
    from sandbox.core.signals import trap_termination
    from sandbox.report.terminal import TerminalReporter

    reporter = TerminalReporter(os.environ)
    with trap_termination(), connect(host, tidy=True) as engine, reporter.step(kind, title) as step:
        yield engine, step


def _target(text: str, host: Context) -> Target:
    """Return the target of DISTRO or DISTRO:RELEASE with the user's own mirror in it."""
    from msgspec.structs import replace

    from sandbox.distros.lookup import find_target

    target = find_target(text, host.rows())
    mirror = host.settings.mirrors.get(target.distro.name)
    return replace(target, distro=replace(target.distro, mirror=mirror)) if mirror else target
