"""One command as a task: its plan is provisioned there, its output comes as it runs, its status is ours."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.container.languages import listing_text
from sandbox.container.languages import parse as parse_languages
from sandbox.container.shell import search_path, shell_environment
from sandbox.container.survey import parse as parse_survey
from sandbox.container.survey import survey_argv
from sandbox.errors import EngineError, SandboxError, UsageError
from sandbox.managers.registry import manager_of
from sandbox.provision.base_image import base_for
from sandbox.trials.fargate.facts import FARGATE
from sandbox.trials.jobs.decisions import CROWDED, decide
from sandbox.trials.jobs.live import cut_streams, has_begun, live_lines, look_output, output_of
from sandbox.trials.jobs.log_parser import parse_log
from sandbox.trials.jobs.protocol import Crowded, Job
from sandbox.trials.jobs.results import step_failure
from sandbox.trials.jobs.runner import LARGEST_LOG, MOST_JOBS
from sandbox.trials.jobs.script import command_script

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.core.progress import Reporter, StepReport
    from sandbox.engine.protocol import Argv, Engine, Image
    from sandbox.engine.swarm import Attempt
    from sandbox.managers.protocol import Package
    from sandbox.provision.context import Context
    from sandbox.provision.plan import Plan
    from sandbox.provision.request import TryRequest
    from sandbox.trials.fargate.jobs import FargateJobs
    from sandbox.trials.jobs.decisions import Decision, PhaseSince
    from sandbox.trials.jobs.live import Said
    from sandbox.trials.jobs.log_parser import ScriptLog
    from sandbox.trials.jobs.script import Script

POLL: Final = 1.0


class Prepared(Struct, frozen=True, kw_only=True):
    """A command that can be run as a task: the job without its key, and the base that it is of."""

    plan: Plan
    reference: str
    base: Image
    image: str
    script: Script


class CommandEnd(Struct, frozen=True, kw_only=True):
    """How a command ended, and what the looks before it printed: the packages, and those of languages.

    `cut`: the streams of which only the first part came, as `output` and `errors`, with its bytes.
    """

    status: int
    packages: bytes | None
    languages: bytes | None
    cut: tuple[tuple[str, int], ...] = ()


def check_command(request: TryRequest, jobs: FargateJobs) -> Plan:
    """Return the plan of a request. Raises UsageError with all that a task can't have."""
    rows = [*jobs.refusals(request.spec, request.plan, request.trust)]
    rows += [("port", "nothing of this host leads to a task")] if request.spec.ports else []
    rows += [("checks", "a trial runs them")] if request.spec.checks else []
    if rows or request.plan is None:
        raise UsageError("Fargate does not support this", details=rows)
    return request.plan


def prepare_command(
    plan: Plan, jobs: FargateJobs, engine: Engine, host: Context, *, limit: int, reporter: Reporter
) -> Prepared:
    """Return a command that can be run; its image is one that Fargate can pull. Raises UsageError, EngineError."""
    reference, base = base_for(plan, engine, host, reporter)
    env = shell_environment({}, search_path(base, plan.target.distro.path), plan.spec.env)
    looks: list[Argv] = [survey_argv(manager_of(plan.target.manager), path="")]
    if plan.languages:
        looks.append(("sh", "-c", listing_text(plan.languages)))
    script = command_script(plan, looks, env=env, mark=os.urandom(16).hex(), limit=limit, facts=FARGATE)
    return Prepared(plan=plan, reference=reference, base=base, image=jobs.image(reference, base), script=script)


def packages_of_task(plan: Plan, end: CommandEnd) -> tuple[Package, ...]:
    """Return the packages that a task had when its command began, as far as its log tells."""
    found: tuple[Package, ...] = ()
    if end.packages is not None and b"\0" in end.packages:
        found = manager_of(plan.target.manager).parse_packages(parse_survey(end.packages)[1])
    if end.languages is not None:
        found += parse_languages(end.languages.decode(errors="replace"))
    return found


class CommandRun:
    """Runs a prepared command, again where its task was lost before the command had begun."""

    def __init__(
        self, jobs: FargateJobs, prepared: Prepared, request: TryRequest, write: Callable[[Said], None]
    ) -> None:
        self._jobs = jobs
        self._prepared = prepared
        self._request = request
        self._write = write
        self._count = 0
        self._heard: tuple[str, ...] = ()
        self._since: PhaseSince | None = None
        self._stopped_at = 0.0

    def run(self, reporter: Reporter) -> CommandEnd:
        """Return how it ended. Raises StepFailed for a step before it, EngineError where no end can be had."""
        for attempt in range(1, MOST_JOBS + 1):
            with reporter.step("task", f"on {self._jobs.title}") as step:
                task = self._create(step)
                found = self._follow(task, step)
            self._write_new()
            found = found if found is not None else self._follow(task, None)
            if found is not None:
                return self._end(found)
            self._jobs.drop(task)
            if attempt == MOST_JOBS or has_begun(self._heard):
                break
        raise EngineError("the task was lost, and what came of the command")

    def _create(self, step: StepReport) -> str:
        job = Job(
            key=os.urandom(16).hex(),
            image=self._prepared.image,
            argv=self._prepared.script.argv,
            limits=self._prepared.plan.limits,
            trust=self._request.trust,
        )
        over = time.monotonic() + CROWDED
        while True:
            try:
                return self._jobs.create(job)
            except Crowded as error:
                if time.monotonic() > over:
                    raise
                step.now(error.brief)
                time.sleep(POLL)

    def _follow(self, task: str, step: StepReport | None) -> ScriptLog | None:
        """Follow a task until its command begins, where there is a step to show; else to its end, or its loss."""
        self._since, self._stopped_at = self._since if step is None else None, 0.0
        while True:
            move = self._look(task)
            if step is not None:
                step.now(move.words)
            found = self._hear(task) if move.task and move.task.phase != "waiting" else None
            if step is None:
                self._write_new()
            if found is not None and found.is_over:
                return found
            if move.kind == "again" or (step is not None and has_begun(self._heard)):
                return None
            if move.kind in ("read", "over") and self._is_silent(move):
                raise no_end(move.task, move.words)
            time.sleep(POLL)

    def _look(self, task: str) -> Decision:
        tasks = [one for one in self._jobs.attempts() if one.job == task]
        limit = self._prepared.script.limit
        move = decide(tasks, self._since, time.monotonic(), limit=limit, facts=FARGATE)
        self._since = move.since
        return move

    def _hear(self, task: str) -> ScriptLog | None:
        """Read the log, and return it as far as it is known."""
        try:
            log = self._jobs.log(task, limit=LARGEST_LOG)
        except EngineError:
            return None
        self._heard = live_lines(log, self._prepared.script.mark)
        return parse_log(log, self._prepared.script)

    def _write_new(self) -> None:
        """Write what the command has printed since the last time."""
        said = output_of(self._heard)
        for piece in said[self._count :]:
            self._write(piece)
        self._count = max(self._count, len(said))

    def _is_silent(self, move: Decision) -> bool:
        """Return whether a task that has ended had time enough to send the rest of its log."""
        self._stopped_at = self._stopped_at or time.monotonic()
        has_log = move.task is not None and not move.task.lacks_image
        return not has_log or time.monotonic() - self._stopped_at > FARGATE.log_follows_end

    def _end(self, found: ScriptLog) -> CommandEnd:
        plan, steps = self._prepared.plan, len(self._prepared.plan.steps)
        for step, ran in zip(plan.steps, found.ran[:steps], strict=False):
            if ran.status:
                raise step_failure(plan, step, ran)
        if not found.whole:
            killed = f"its script was killed, with status {found.died}" if found.died else found.wrong
            raise SandboxError(f"the command has no end: {killed or 'its time was up, by --ttl'}")
        looks = [look_output(self._heard, number) for number in (1, 2)]
        cut = cut_streams(self._heard)
        return CommandEnd(status=found.ran[-1].status, packages=looks[0], languages=looks[1], cut=cut)


def no_end(task: Attempt | None, words: str) -> EngineError:
    """Return the error for a command of which nobody knows how it ended."""
    details = [("AWS said", task.problem)] if task and task.problem else []
    return EngineError(f"the end of the command is not known: {words}", details=details)
