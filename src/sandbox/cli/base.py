"""The verbs of `sandbox base`: base images without a registry."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

from sandbox.cli.app import app, connect, make_host, show_json, show_table
from sandbox.cli.registry import Group
from sandbox.cli.verb import verb
from sandbox.core.human import ago, size
from sandbox.errors import Advice
from sandbox.report.advice import advice_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.core.progress import StepReport
    from sandbox.distros.model import Target
    from sandbox.engine.protocol import Engine as AnyEngine
    from sandbox.provision.context import Context

base_app = typer.Typer(name="base", cls=Group, no_args_is_help=True, rich_markup_mode=None)
app.add_typer(base_app)


@verb("base build", base_app)
def build(distro: str, distros: str | None = None, engine: str | None = None) -> None:
    """Run `sandbox base build`."""
    from sandbox.commands import base

    host = make_host(engine=engine, distros=distros)
    target = _target(distro, host)
    with _step("build", target.label, host) as (found, step):
        made = base.build(found, target, version=host.version, on_line=step.now)
        step.note(f"{made.reference}, {size(made.size)}")


@verb("base import", base_app)
def import_(
    source: str,
    name: str,
    sha256: str | None = None,
    engine: str | None = None,
) -> None:
    """Run `sandbox base import`."""
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


@verb("base list", base_app)
def list_(as_json: bool = False, engine: str | None = None) -> None:
    """Run `sandbox base list`."""
    from msgspec import to_builtins

    from sandbox.commands import base

    with connect(make_host(engine=engine), tidy=True) as found:
        rows = base.list_(found)
    if as_json:
        show_json([to_builtins(row) for row in rows])
    elif not rows:
        hint = Advice.sandbox(
            "base", "build", "debian:bookworm", before="no base was built on this machine; ", after=" builds one"
        )
        typer.echo(advice_text(hint), err=True)
    else:
        table = [(row.reference, size(row.size), ago(time.time() - row.created), row.origin) for row in rows]
        show_table(("base", "size", "made", "from"), table)


@verb("base rm", base_app)
def remove(
    names: list[str],
    engine: str | None = None,
) -> None:
    """Run `sandbox base rm`."""
    from sandbox.commands import base

    with connect(make_host(engine=engine), tidy=True) as found:
        for reference in base.remove(found, names):
            typer.echo(f"removed {reference}")


@verb("base ensure", base_app)
def ensure(distro: str, distros: str | None = None, engine: str | None = None) -> None:
    """Run `sandbox base ensure`."""
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
    """Yield the engine and the verb's single step."""
    from sandbox.core.signals import trap_termination
    from sandbox.report.terminal import TerminalReporter

    reporter = TerminalReporter(os.environ)
    with trap_termination(), connect(host, tidy=True) as engine, reporter.step(kind, title) as step:
        yield engine, step


def _target(text: str, host: Context) -> Target:
    """Return the target of DISTRO or DISTRO:RELEASE with the mirror in the user's settings."""
    from msgspec.structs import replace

    from sandbox.distros.lookup import find_target

    target = find_target(text, host.rows())
    mirror = host.settings.mirrors.get(target.distro.name)
    return replace(target, distro=replace(target.distro, mirror=mirror)) if mirror else target
