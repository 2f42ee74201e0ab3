"""The verbs of a life: list, enter, stop, rm, logs, cp."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from sandbox.cli import invocation
from sandbox.cli.app import Engine, Json, app, connect, make_host, show_json, show_table
from sandbox.core.human import ago, count, names, size

if TYPE_CHECKING:
    from sandbox.commands.cp import Copied
    from sandbox.engine.protocol import Engine as AnyEngine
    from sandbox.lifecycle.journal import Record
    from sandbox.lifecycle.listing import SandboxInfo
    from sandbox.provision.context import Context


MOST_ROWS = 20
"""Lines of what was left out that are shown."""


def box_names() -> list[str]:
    """Return the names of our sandboxes, for completion; none where no engine answers."""
    from sandbox.errors import SandboxError
    from sandbox.lifecycle.listing import list_sandboxes

    host = make_host()
    try:
        with connect(host) as engine:
            return [box.name for box in list_sandboxes(engine, host.owner) if box.is_ours]
    except SandboxError:
        return []


def box_places() -> list[str]:
    """Return the begin of a path in each of our sandboxes, for completion; a shell adds files of its own."""
    return [f"{name}:" for name in box_names()]


Name = Annotated[str, typer.Argument(help="A sandbox's name.", metavar="NAME", autocompletion=box_names)]
Names = Annotated[
    list[str] | None,
    typer.Argument(help="Sandboxes by name.", metavar="NAME...", autocompletion=box_names, show_default=False),
]


@app.command("list")
def list_(
    every: Annotated[bool, typer.Option("--all", "-a", help="Those that are kept or stopped, too.")] = False,
    as_json: Json = False,
    engine: Engine = None,
) -> None:
    """List the sandboxes that run, or all that are there.

    \b
    sandbox list
    sandbox list -a
    """  # noqa: D301 - \b keeps the lines apart (click)
    from msgspec import to_builtins

    from sandbox.lifecycle.listing import list_sandboxes

    host = make_host(engine=engine)
    with connect(host, tidy=True) as found:
        rows = [box for box in list_sandboxes(found, host.owner, sizes=True) if every or box.state == "running"]
    if as_json:
        show_json([to_builtins(box) for box in rows])
    elif rows:
        others = not all(box.is_ours for box in rows)  # whose they are is of interest on a shared engine alone
        header = ("name", "distro", "packages", "state", "age", "size", *["owner"] * others)
        show_table(header, [_row(box)[: len(header)] for box in rows])
    else:
        typer.echo(f"no sandbox {'is here' if every else 'runs; sandbox list -a shows those that are kept'}", err=True)


def _row(box: SandboxInfo) -> tuple[str, ...]:
    age = ago(box.age).removesuffix(" ago")
    return box.name, box.distro, names(box.packages, 4) or "-", box.state, age, size(box.size), box.owner


@app.command()
def enter(name: Name, engine: Engine = None) -> None:
    """Open a terminal in a sandbox, or run a command in it; start it first if it is stopped.

    \b
    sandbox enter brave-otter
    sandbox enter brave-otter -- redis-cli ping
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.commands.enter import enter as entered
    from sandbox.core.signals import trap_termination
    from sandbox.engine import tty
    from sandbox.lifecycle.listing import find_sandbox
    from sandbox.report.terminal import TerminalReporter

    host, command, is_at_terminal = make_host(engine=engine), tuple(invocation.command or ()), tty.is_terminal()
    if not command:
        tty.check_shell()
    with trap_termination() as guard, connect(host, tidy=True) as found:
        box = find_sandbox(found, host.owner, name)
        left = entered(found, host, box, command=command, terminal=is_at_terminal, guard=guard)
    invocation.finished = True
    if is_at_terminal:
        after = "stopped, and kept" if left.state == "stopped" else left.state
        rows = [(box.name, after if left.state == "gone" else f"{after}; sandbox rm {box.name} removes it")]
        if left.record is not None and (done := _by_hand(left.record)):
            rows.append(("by hand", f"{done}; sandbox promote {box.name} makes a script of it"))
        TerminalReporter(os.environ).rows(rows)
    raise typer.Exit(left.status)


def _by_hand(record: Record) -> str:
    """Say what of a sandbox that can be promoted was done by hand."""
    added = [row.full_name for row in record.packages if row.origin == "by-hand"]
    return names((*added, *(row.name for row in record.settings), *record.services), 4)


@app.command()
def stop(names: Names = None, engine: Engine = None) -> None:
    """Stop sandboxes that were kept or detached; what is in them stays.

    \b
    sandbox stop brave-otter
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.commands.stop_rm import stop as stopped

    host = make_host(engine=engine)
    with connect(host, tidy=True) as found:
        for box in stopped(found, host.owner, names or ()):
            typer.echo(f"stopped {box.name}" if box.state == "running" else f"{box.name} was stopped already")


@app.command()
def rm(
    names: Names = None,
    every: Annotated[bool, typer.Option("--all", help="All that were kept or detached.")] = False,
    engine: Engine = None,
) -> None:
    """Remove sandboxes with everything in them.

    \b
    sandbox rm brave-otter calm-heron
    sandbox rm --all
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.commands.stop_rm import remove

    host = make_host(engine=engine)
    with connect(host, tidy=True) as found:
        gone = remove(found, host.owner, names or (), every=every)
    for box in gone:
        typer.echo(f"removed {box.name}")
    if not gone:
        typer.echo("nothing to remove")


@app.command()
def logs(
    name: Name,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until it ends.")] = False,
    tail: Annotated[int | None, typer.Option(min=0, help="Only the last lines.", metavar="N")] = None,
    engine: Engine = None,
) -> None:
    """Show what a detached sandbox's command or service has printed.

    \b
    sandbox logs brave-otter
    sandbox logs brave-otter -f --tail 20
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.commands.logs import logs as output

    host = make_host(engine=engine)
    with connect(host) as found:
        for piece in output(found, host.owner, name, follow=follow, tail=tail, plain=sys.stdout.isatty()):
            sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()


@app.command()
def cp(
    source: Annotated[
        str,
        typer.Argument(
            help="NAME:PATH, a path here, or - for a tar archive.", metavar="SOURCE", autocompletion=box_places
        ),
    ],
    target: Annotated[
        str,
        typer.Argument(
            help="A path here, - for a tar archive, or NAME:PATH.", metavar="TARGET", autocompletion=box_places
        ),
    ],
    engine: Engine = None,
) -> None:
    """Copy a file or folder out of a sandbox, or into it.

    \b
    sandbox cp brave-otter:/etc/redis/redis.conf .
    sandbox cp ./data brave-otter:/srv/
    sandbox cp brave-otter:/etc - | tar -t
    """  # noqa: D301 - \b keeps the lines apart (click)
    from sandbox.commands.cp import copy, inside
    from sandbox.report.terminal import TerminalReporter

    host, out, into = make_host(engine=engine), inside(source), inside(target)
    with connect(host) as found:
        if target == "-" and out:
            return _archive_out(found, host, *out)
        done = _archive_in(found, host, *into) if source == "-" and into else copy(found, host.owner, source, target)
    reporter = TerminalReporter(os.environ)
    reporter.rows([("left out", line) for line in done.left_out[:MOST_ROWS]])
    if (more := len(done.left_out) - MOST_ROWS) > 0:
        reporter.rows([("left out", f"and {count(more, 'more', 'more')}")])
    what = "" if done.files is None else f" ({size(done.size)}, {count(done.files, 'file')})"
    reporter.rows([("copied", f"{done.place}{what}")])
    return None


def _archive_out(found: AnyEngine, host: Context, name: str, path: str) -> None:
    """Write a tar archive to standard output."""
    from sandbox.commands.cp import archive_of
    from sandbox.errors import UsageError

    if sys.stdout.isatty():
        message = "a tar archive would go to standard output, and that is a terminal"
        raise UsageError(message, hints=[f"sandbox cp {name}:{path} - | tar -tv", f"sandbox cp {name}:{path} ."])
    for piece in archive_of(found, host.owner, name, path):
        sys.stdout.buffer.write(piece)


def _archive_in(found: AnyEngine, host: Context, name: str, path: str) -> Copied:
    """Unpack the tar archive that standard input is."""
    from sandbox.commands.cp import unpack_into
    from sandbox.errors import UsageError

    if sys.stdin is None or sys.stdin.isatty():
        message = "a tar archive is read from standard input, and that is a terminal"
        raise UsageError(message, hints=[f"tar -c FILE... | sandbox cp - {name}:{path}"])
    return unpack_into(found, host.owner, iter(lambda: sys.stdin.buffer.read(1 << 16), b""), name, path)
