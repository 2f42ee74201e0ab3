"""A session of one command on Fargate: it is checked, prepared, run and recorded, and all of it is removed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.core.human import size
from sandbox.errors import Advice, EngineError
from sandbox.lifecycle.journal import JournalWriter
from sandbox.trials.fargate.command import CommandRun, check_command, prepare_command
from sandbox.trials.fargate.jobs import FargateJobs
from sandbox.trials.fargate.sizes import rounding_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.core.progress import Reporter
    from sandbox.core.signals import Guard
    from sandbox.engine.protocol import Engine
    from sandbox.errors import Row
    from sandbox.lifecycle.journal import Record
    from sandbox.lifecycle.removal import Removal
    from sandbox.provision.context import Context
    from sandbox.provision.plan import Plan
    from sandbox.provision.request import TryRequest
    from sandbox.trials.fargate.command import CommandEnd, Prepared
    from sandbox.trials.fargate.jobs import Agreement
    from sandbox.trials.jobs.live import Said


class FargateResult(Struct, frozen=True, kw_only=True):
    """How a command ended on Fargate, what AWS says is left there, what was used, and whether there is a record."""

    status: int
    removal: Removal
    used: str
    recorded: bool


def try_on_fargate(
    request: TryRequest,
    host: Context,
    agreement: Agreement,
    *,
    connect: Callable[[], Engine],
    reporter: Reporter,
    guard: Guard,
    write: Callable[[Said], None],
    record: Callable[[Prepared, CommandEnd], Record],
) -> FargateResult:
    """Run the request's command as a task and remove all of it; `write` gets its output as it comes.

    `record` makes the journal's record of it. Raises UsageError for what a task can't have, StepFailed for a step
    before the command.
    """
    jobs = FargateJobs(host.settings.fargate, host.owner, connect, agreement)
    plan, journal = check_command(request, jobs), JournalWriter(host.journal, reporter)
    try:
        with jobs.open():
            jobs.agree([plan])
            reporter.rows(_size_rows(plan))
            with connect() as engine:
                prepared = prepare_command(plan, jobs, engine, host, limit=agreement.ttl, reporter=reporter)
            end = CommandRun(jobs, prepared, request, write).run(reporter)
            for stream, length in end.cut:
                reporter.warn(cut_warning(stream, length))
            journal.write(record(prepared, end))
    finally:
        guard.cleaning = True
        removal = jobs.removal()
        for failure in removal.failures:
            reporter.warn(failure)
    return FargateResult(status=end.status, removal=removal, used=jobs.usage.title, recorded=journal.is_recorded)


def cut_warning(stream: str, length: int) -> EngineError:
    """Return what the user has to know of a command that printed more than a log carries."""
    hint = Advice.say("a command that prints less, such as sh -c 'CMD | tail'")
    return EngineError(f"only the first {size(length)} of the command's {stream} came; it ran to its end", hints=[hint])


def _size_rows(plan: Plan) -> tuple[Row, ...]:
    text = rounding_text(plan.limits)
    return (("size", f"{text}, the next size that Fargate has"),) if text else ()
