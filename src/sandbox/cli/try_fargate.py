"""The verb try with --on fargate: one command, as a task."""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Final

from sandbox.cli import invocation
from sandbox.cli.app import connect
from sandbox.cli.streams import has_input
from sandbox.core.human import count, names
from sandbox.errors import Advice, RemovalFailed, UsageError
from sandbox.report.advice import advice_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from msgspec import Struct

    from sandbox.cli.try_options import Bounds, Ending, Reach, What, Where
    from sandbox.errors import Row
    from sandbox.lifecycle.journal import Record
    from sandbox.provision.context import Context
    from sandbox.provision.request import TryRequest
    from sandbox.report.terminal import TerminalReporter
    from sandbox.trials.fargate.command import CommandEnd, Prepared
    from sandbox.trials.fargate.session import FargateResult
    from sandbox.trials.jobs.live import Said


NO_FILES: Final = "a task gets no files of this host"
NO_HOST: Final = "nothing of this host leads to a task"
NO_SHELL: Final = "there is no shell, only the command"
NOTHING_STAYS: Final = "a task and all of it are removed when the command ends"
REFUSED: Final[Mapping[str, str]] = {
    "locked": "sandbox can't compare what a task installs with the lock",
    "bundle": NO_FILES,
    "run": NO_FILES,
    "answers": NO_FILES,
    "shell": NO_SHELL,
    "dockerfile": "build the image, push it, and name it with --image",
    "like_host": NO_FILES,
    "boot": "a task can't boot an init",
    "offline": "a task always has the network of its subnets",
    "port": NO_HOST,
    "mount": NO_HOST,
    "copy": NO_FILES,
    "device": "a task can't have devices",
    "proxy_in_shell": "the proxy of this host stays here",
    "screen": NO_SHELL,
    "open": NO_SHELL,
    "screen_clipboard": NO_SHELL,
    "pids": "Fargate has no limit of processes",
    "shm_size": "a task can't have another size of /dev/shm",
    "hardened": "Fargate has no no-new-privileges and no limit of processes",
    "as_user": "a task is one script, which runs as root",
    "runtime": "a task can't choose its runtime",
    "allow_dangerous": NO_HOST,
    "name": NOTHING_STAYS,
    "promote": "promote the session afterwards: its record has the packages",
    "cache": NOTHING_STAYS,
    "keep": NOTHING_STAYS,
    "detach": NOTHING_STAYS,
    "no_trace": "AWS keeps a record of its own of every task",
    "dry_run": "without --on fargate it shows the same steps",
}
"""The options that a command on Fargate can't have, and why."""


def check_options(what: What, where: Where, reach: Reach, bounds: Bounds, ending: Ending, *, has_command: bool) -> int:
    """Return the seconds of --ttl. Raises UsageError for what a command on Fargate does not have, by name."""
    from sandbox.core.human import whole_seconds
    from sandbox.trials.fargate.jobs import TTL

    if where.on != "fargate":
        message = f"there is no --on {where.on} here" if where.on else "--push is for --on fargate"
        raise UsageError(message, hints=[Advice.again("--on", "fargate")])
    rows = refused_options({**_fields(what), **_fields(where), **_fields(reach), **_fields(bounds), **_fields(ending)})
    if rows:
        given = names(tuple(option for option, _ in rows))
        raise UsageError(f"Fargate does not support {given}", details=rows, hints=[Advice.without("--on", "fargate")])
    if not has_command:
        message = "an interactive shell on Fargate is not supported yet; a command is"
        raise UsageError(message, hints=[Advice.sandbox("try", "htop", "--on", "fargate", "--", "htop", "--version")])
    return whole_seconds(ending.ttl, "--ttl") if ending.ttl else TTL


def refused_options(given: Mapping[str, object]) -> list[Row]:
    """Return (option, reason) for the options, by the names of their fields, that have a value and are refused."""
    from sandbox.cli.table import BY_NAME

    spelling = {param.name: next(iter(param.spellings), "").partition("/")[0] for param in BY_NAME["try"].params}
    return [(spelling[name], reason) for name, reason in REFUSED.items() if given[name] not in (None, False, [])]


def _fields(group: Struct) -> Mapping[str, object]:
    return {name: getattr(group, name) for name in group.__struct_fields__}


def run_on_fargate(
    request: TryRequest, host: Context, reporter: TerminalReporter, *, ttl: int, pushes: bool, has_stdin: bool
) -> int:
    """Run the command and show what it prints; return its status. `has_stdin`: whether input was meant for it."""
    from sandbox.cli.on_fargate import push_question
    from sandbox.core.signals import trap_termination
    from sandbox.trials.fargate.jobs import Agreement
    from sandbox.trials.fargate.session import try_on_fargate

    is_lost = has_stdin and has_input()
    if is_lost:
        reporter.warn(no_input())
    with trap_termination() as guard:
        reporter.heading(f"{request.title} on Fargate")
        result = try_on_fargate(
            request,
            host,
            Agreement(ttl=ttl, pushes=pushes, ask_push=push_question()),
            connect=lambda: connect(host),
            reporter=reporter,
            guard=guard,
            write=write,
            record=partial(_record_of_task, version=host.version),
        )
        invocation.finished = True
        if has_stdin and not is_lost and has_input():  # of a program that began to write later
            reporter.warn(no_input())
        reporter.rows(closing_rows(result))
    return result.status or (RemovalFailed.exit_code if result.removal.left else 0)


def no_input() -> UsageError:
    """Return the warning that what is on standard input is not for the task."""
    hint = Advice.again("-n", after=", which leaves it to others")
    return UsageError("standard input is not sent: a command on Fargate reads nothing", hints=[hint])


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
    stream.buffer.write(piece.data)
    stream.flush()


def closing_rows(result: FargateResult) -> tuple[Row, ...]:
    """Return what was removed, what stays, and what was used, from AWS's answers."""
    kinds = [row.kind for row in result.removal.removed]
    gone = names(tuple(count(kinds.count(kind), kind) for kind in dict.fromkeys(kinds)))
    stays = advice_text(Advice.sandbox("history", before="one line in ")) if result.recorded else "nothing"
    return (("removed", gone or "nothing was left"), ("used", result.used), ("stays", stays))
