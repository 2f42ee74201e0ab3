"""The verb enter: a terminal or a command in an existing sandbox."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import typer
from msgspec.structs import replace

from sandbox.cli import invocation
from sandbox.cli.app import connect, make_host
from sandbox.cli.verb import verb
from sandbox.core.human import names
from sandbox.errors import Advice
from sandbox.report.advice import advice_text

if TYPE_CHECKING:
    from sandbox.lifecycle.journal import Record


@verb("enter")
def enter(name: str, *, as_user: bool = False, no_stdin: bool = False, engine: str | None = None) -> None:
    """Run `sandbox enter`."""
    if no_stdin:
        from sandbox.cli.streams import close_input

        close_input(is_of_use=bool(invocation.command))
    from sandbox.commands.enter import enter as entered
    from sandbox.core.signals import trap_termination
    from sandbox.engine import tty
    from sandbox.lifecycle.listing import find_sandbox
    from sandbox.report.terminal import TerminalReporter
    from sandbox.specs.options import parse_option
    from sandbox.specs.values import WHO

    user = parse_option("--user", WHO, invocation.user or "new") if as_user else ""
    host, command, is_at_terminal = make_host(engine=engine), tuple(invocation.command or ()), tty.is_terminal()
    if not command:
        tty.check_shell()
    with trap_termination() as guard, connect(host, tidy=True) as found:
        box = find_sandbox(found, host.owner, name)
        box = replace(box, user=user or box.user)
        warn = TerminalReporter(os.environ).warn
        left = entered(found, host, box, command=command, terminal=is_at_terminal, guard=guard, warn=warn)
    invocation.finished = True
    if is_at_terminal:
        after = "stopped, and kept" if left.state == "stopped" else left.state
        removes = Advice.sandbox("rm", box.name, before=f"{after}; ", after=" removes it")
        rows = [(box.name, after if left.state == "gone" else advice_text(removes))]
        if left.record is not None and (done := _by_hand(left.record)):
            promotes = Advice.sandbox("promote", box.name, before=f"{done}; ", after=" writes an install script")
            rows.append(("added by hand", advice_text(promotes)))
        TerminalReporter(os.environ).rows(rows)
    raise typer.Exit(left.status)


def _by_hand(record: Record) -> str:
    """Return what was added by hand and can be promoted."""
    added = [row.full_name for row in record.packages if row.origin == "by-hand"]
    settings = (*(row.name for row in record.settings), *(step.name for step in record.steps))
    return names((*added, *settings, *record.services), 4)
