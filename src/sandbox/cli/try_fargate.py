"""The verb try with --on fargate: one command, as a task."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING

from sandbox.cli import invocation
from sandbox.cli.app import connect
from sandbox.core.human import count, names
from sandbox.errors import Advice, RemovalFailed, UsageError
from sandbox.report.advice import advice_text

if TYPE_CHECKING:
    from sandbox.cli.try_options import Ending, Reach, What, Where
    from sandbox.errors import Row
    from sandbox.lifecycle.journal import Record
    from sandbox.provision.context import Context
    from sandbox.provision.request import TryRequest
    from sandbox.report.terminal import TerminalReporter
    from sandbox.trials.fargate.command import CommandEnd, Prepared
    from sandbox.trials.fargate.session import FargateResult
    from sandbox.trials.jobs.live import Said


def check_options(what: What, where: Where, reach: Reach, ending: Ending, *, has_command: bool) -> int:
    """Return the seconds of --ttl. Raises UsageError for what a command on Fargate does not have, by name."""
    from sandbox.core.human import whole_seconds
    from sandbox.trials.fargate.jobs import TTL

    if where.on != "fargate":
        message = f"there is no --on {where.on} here" if where.on else "--push is for --on fargate"
        raise UsageError(message, hints=[Advice.again("--on", "fargate")])
    given = (
        ("--bundle", what.bundle),
        ("--run", what.run),
        ("--shell", what.shell),
        ("--like-host", where.like_host),
        ("--proxy-in-shell", reach.proxy_in_shell),
        ("--screen", reach.screen),
        ("--name", ending.name),
        ("--promote", ending.promote),
        ("--cache", ending.cache),
        ("--keep", ending.keep),
        ("--detach", ending.detach),
        ("--no-trace", ending.no_trace),
        ("--dry-run", ending.dry_run),
    )
    refused = [option for option, value in given if value]
    if refused:
        raise UsageError(f"Fargate does not support {names(tuple(refused))}", hints=[Advice.without("--on", "fargate")])
    if not has_command:
        message = "an interactive shell on Fargate is not supported yet; a command is"
        raise UsageError(message, hints=[Advice.sandbox("try", "htop", "--on", "fargate", "--", "htop", "--version")])
    return whole_seconds(ending.ttl, "--ttl") if ending.ttl else TTL


def run_on_fargate(request: TryRequest, host: Context, reporter: TerminalReporter, *, ttl: int, pushes: bool) -> int:
    """Run the command and show what it prints; return its status."""
    from sandbox.core.signals import trap_termination
    from sandbox.trials.fargate.jobs import Agreement
    from sandbox.trials.fargate.session import try_on_fargate

    with trap_termination() as guard:
        reporter.heading(f"{request.title} on Fargate")
        result = try_on_fargate(
            request,
            host,
            Agreement(ttl=ttl, pushes=pushes),
            connect=lambda: connect(host),
            reporter=reporter,
            guard=guard,
            write=write,
            record=partial(_record_of_task, version=host.version),
        )
        invocation.finished = True
        reporter.rows(closing_rows(result))
    return result.status or (RemovalFailed.exit_code if result.removal.left else 0)


def _record_of_task(prepared: Prepared, end: CommandEnd, *, version: str) -> Record:
    """Return the record of a session whose packages a task has told."""
    from sandbox.promote.record import record_of_listing
    from sandbox.trials.fargate.command import packages_of_task

    return record_of_listing(
        packages_of_task(prepared.plan, end),
        plan=prepared.plan,
        base=prepared.base,
        reference=prepared.reference,
        version=version,
    )


def write(piece: Said) -> None:
    """Write a piece of a command's output where it belongs, at once."""
    stream = sys.stderr if piece.is_error else sys.stdout
    stream.buffer.write(piece.text.encode(errors="surrogateescape"))
    stream.flush()


def closing_rows(result: FargateResult) -> tuple[Row, ...]:
    """Return what was removed, what stays, and what was used, from AWS's answers."""
    kinds = [row.kind for row in result.removal.removed]
    gone = names(tuple(count(kinds.count(kind), kind) for kind in dict.fromkeys(kinds)))
    stays = advice_text(Advice.sandbox("history", before="one line in ")) if result.recorded else "nothing"
    return (("removed", gone or "nothing was left"), ("used", result.used), ("stays", stays))
