"""The verb cp: files and folders out of a sandbox and into it."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from sandbox.cli.app import connect, make_host
from sandbox.cli.verb import verb
from sandbox.core.human import count, size
from sandbox.errors import Advice

if TYPE_CHECKING:
    from sandbox.commands.cp import Copied
    from sandbox.engine.protocol import Engine as AnyEngine
    from sandbox.provision.context import Context


MOST_ROWS = 20
"""Most skipped files to list."""


@verb("cp")
def cp(
    source: str,
    target: str,
    engine: str | None = None,
) -> None:
    """Run `sandbox cp`."""
    from sandbox.commands.cp import copy, inside
    from sandbox.report.terminal import TerminalReporter

    host, out, into = make_host(engine=engine), inside(source), inside(target)
    with connect(host) as found:
        if target == "-" and out:
            return _archive_out(found, host, *out)
        done = _archive_in(found, host, *into) if source == "-" and into else copy(found, host.owner, source, target)
    reporter = TerminalReporter(os.environ)
    reporter.rows([("not copied", line) for line in done.left_out[:MOST_ROWS]])
    if (more := len(done.left_out) - MOST_ROWS) > 0:
        reporter.rows([("not copied", f"and {count(more, 'more', 'more')}")])
    what = "" if done.files is None else f" ({size(done.size)}, {count(done.files, 'file')})"
    reporter.rows([("copied", f"{done.place}{what}")])
    return None


def _archive_out(found: AnyEngine, host: Context, name: str, path: str) -> None:
    """Write a tar archive to standard output."""
    from sandbox.commands.cp import archive_of
    from sandbox.errors import UsageError

    if sys.stdout.isatty():
        message = "cp can't write a tar archive to a terminal"
        raise UsageError(
            message,
            hints=[
                Advice.sandbox("cp", f"{name}:{path}", "-", after=" | tar -tv"),
                Advice.sandbox("cp", f"{name}:{path}", "."),
            ],
        )
    for piece in archive_of(found, host.owner, name, path):
        sys.stdout.buffer.write(piece)


def _archive_in(found: AnyEngine, host: Context, name: str, path: str) -> Copied:
    """Unpack the tar archive on standard input."""
    from sandbox.commands.cp import unpack_into
    from sandbox.errors import UsageError

    if sys.stdin is None or sys.stdin.isatty():
        message = "cp expects a tar archive on standard input, not a terminal"
        raise UsageError(message, hints=[Advice.sandbox("cp", "-", f"{name}:{path}", before="tar -c FILE... | ")])
    return unpack_into(found, host.owner, iter(lambda: sys.stdin.buffer.read(1 << 16), b""), name, path)
