"""The verbs doctor, clean and distros: what is here, what is wrong, what may go."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Final

import typer

from sandbox.cli.app import Engine, Json, Rows, app, connect, make_host, show_json, show_table
from sandbox.core.human import size

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.commands.distros import Listed
    from sandbox.distros.model import Support
    from sandbox.provision.context import Context


@app.command()
def doctor(as_json: Json = False, engine: Engine = None) -> None:
    """Show what is in force here and what to do about what is not well.

    \b
    sandbox doctor
    sandbox doctor --engine unix:///run/podman/podman.sock
    """  # noqa: D301 - \b keeps the lines apart (click)
    from msgspec import to_builtins

    from sandbox.commands.doctor import doctor as findings
    from sandbox.engine import tty

    host = make_host(engine=engine)
    found = findings(lambda: connect(host), host, host.rows(), terminal=tty.is_terminal())
    if as_json:
        show_json([to_builtins(finding) for finding in found])
    else:
        for finding in found:
            advice = f"    next: {finding.next}" if finding.next else ""
            typer.echo(f"{finding.level:<10}{finding.about:<14}{finding.text}{advice}")
    raise typer.Exit(int(any(finding.level == "problem" for finding in found)))


NOUNS: Final = {"built": "built image", "files": "file"}


@app.command()
def clean(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would go.")] = False,
    cache: Annotated[bool, typer.Option("--cache", help="Drop what --cache kept, too.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Remove kept and detached sandboxes, too.")] = False,
    images: Annotated[bool, typer.Option("--images", help="Remove the base images that sandbox pulled, too.")] = False,
    engine: Engine = None,
) -> None:
    """Remove what sessions that died left behind.

    \b
    sandbox clean --dry-run
    sandbox clean --cache
    sandbox clean --images
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.commands.clean import clean as cleaning
    from sandbox.errors import RemovalFailed
    from sandbox.report.terminal import TerminalReporter

    host = make_host(engine=engine)
    with connect(host) as found:
        done = cleaning(found, host, cache=cache, images=images, staying=everything, dry_run=dry_run)
    verb = "would remove" if dry_run else "removed"
    for item in done.items:
        noun, extra = NOUNS.get(item.kind, item.kind), f" ({size(item.size)})" if item.size else ""
        typer.echo(f"{verb} {noun} {item.name}{extra}: {item.why}")
    if not done.items and not done.failures:
        typer.echo("nothing to remove")
    for failure in done.failures:
        TerminalReporter(os.environ).warn(failure)
    raise typer.Exit(RemovalFailed.exit_code if done.failures else 0)


@app.command()
def distros(as_json: Json = False, rows: Rows = None, engine: Engine = None) -> None:
    """List the distros that can be tried, and what their support rests on.

    \b
    sandbox distros
    sandbox try htop --distro debian:trixie
    sandbox distros --distros mine.yaml --json
    """  # noqa: D301 - \b keeps the lines apart (click)
    import time

    from msgspec import to_builtins

    from sandbox.commands.distros import distros as listed

    host = make_host(engine=engine, distros=rows)
    found = listed(host.rows(), today=time.strftime("%Y-%m-%d"), tags=_tags(host))
    if as_json:
        show_json([to_builtins(row) for row in found])
        return
    table = [(f"{row.distro}:{row.release}", row.manager, _until(row), row.here, SUPPORT[row.support]) for row in found]
    show_table(("distro", "manager", "supported until", "image", "support rests on"), table)


SUPPORT: Final[Mapping[Support, str]] = {
    "run": "run: on the genuine distro, by the tests",
    "lab": "lab: its real manager on another userland, by the tests",
    "documented": "documented: not run",
    "yours": "your own row",
}
QUICK: Final = 1.5
"""Seconds in which an engine has to say what it holds, for a list that can do without."""


def _until(row: Listed) -> str:
    if row.until is None:
        return "-"
    return f"{row.until} (ended)" if row.has_ended else row.until


def _tags(host: Context) -> frozenset[str] | None:
    """Return the names of the images that the engine has; None where none answers quickly."""
    from sandbox.core.tasks import Background
    from sandbox.errors import SandboxError

    def ask() -> frozenset[str]:
        with connect(host) as engine:
            return frozenset(tag for image in engine.images() for tag in image.tags)

    task = Background(ask)
    try:
        return task.result() if task.wait(QUICK) else None
    except SandboxError:
        return None
