"""A matrix on AWS Fargate: every cell a task of its own, and nothing of ours beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.core.human import count, span
from sandbox.errors import Advice, UsageError
from sandbox.trials.fargate.jobs import FargateJobs
from sandbox.trials.fargate.sizes import rounding_text
from sandbox.trials.jobs.runner import MatrixRunner, RunPace

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sandbox.engine.protocol import Engine
    from sandbox.errors import Row
    from sandbox.provision.context import Context
    from sandbox.trials.engine_runner import Log
    from sandbox.trials.fargate.jobs import Agreement
    from sandbox.trials.runner import MatrixEntry

POLL: Final = 1.0
"""Seconds between two looks: one call describes a hundred tasks."""


class FargateRunner(MatrixRunner):
    """Runs a matrix on Fargate; `close` removes all that it made there."""

    def __init__(
        self,
        host: Context,
        *,
        connect: Callable[[], Engine],
        folder: Path,
        log: Callable[[Path, Callable[[str], None]], Log],
        agreement: Agreement,
        retries: int = 0,
        most: int | None = None,
    ) -> None:
        self._agreement = agreement
        self._fargate = FargateJobs(host.settings.fargate, host.owner, connect, agreement)
        most = min(most or agreement.max_tasks, agreement.max_tasks)
        pace = RunPace(retries=retries, most=most, longest=agreement.ttl, poll=POLL)
        super().__init__(host, jobs=self._fargate, connect=connect, folder=folder, log=log, pace=pace)

    def check(self, entries: Sequence[MatrixEntry]) -> None:
        """Raise UsageError for what Fargate can't do, for more than was agreed, and for what is missing there."""
        if len(entries) > self._agreement.max_tasks:
            message = (
                f"{count(len(entries), 'cell')} need as many tasks, and --max-tasks is {self._agreement.max_tasks}"
            )
            raise UsageError(message, hints=[Advice.say(f"the same command with --max-tasks {len(entries)}")])
        super().check(entries)
        with self._fargate.open():
            self._fargate.agree([entry.request.plan for entry in entries if entry.request.plan is not None])

    def opening_rows(self, entries: Sequence[MatrixEntry]) -> tuple[Row, ...]:
        """Return what the user has to know before the first task: sizes that are rounded up, and when tasks end."""
        plans = [entry.request.plan for entry in entries]
        sizes = dict.fromkeys(rounding_text(plan.limits) for plan in plans if plan is not None)
        end = f"each task ends after at most {span(self._agreement.ttl)}, also if sandbox is killed"
        return (*(("size", f"{text}, the next size that Fargate has") for text in sizes if text), ("end", end))

    def closing_rows(self) -> tuple[Row, ...]:
        """Return what the tasks used."""
        found = self._fargate.usage
        return (("used", found.title),) if found.tasks else ()
