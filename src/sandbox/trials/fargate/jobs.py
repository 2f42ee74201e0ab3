"""The tasks of one run on Fargate: made, watched and heard by ECS and CloudWatch Logs, and removed again."""

from __future__ import annotations

import hashlib
import os
import random
import time
from collections.abc import Callable  # noqa: TC003 - a struct has it in a field
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.errors import Advice, EngineError
from sandbox.lifecycle.removal import Removal
from sandbox.provision.base_image import find_present
from sandbox.trials.fargate import answers
from sandbox.trials.fargate.api import Aws, Conflicting
from sandbox.trials.fargate.definition import stream_of, task_definition
from sandbox.trials.fargate.facts import FARGATE
from sandbox.trials.fargate.images import Push, needed_pushes, public_name, push_image, push_refusal
from sandbox.trials.fargate.leftovers import describe_tasks, remove_names, remove_session, stop_task, sweep
from sandbox.trials.fargate.names import session_name
from sandbox.trials.fargate.place import find_place
from sandbox.trials.fargate.refusals import architecture, unsupported_options
from sandbox.trials.fargate.retries import is_crowded, pause
from sandbox.trials.fargate.sizes import task_size
from sandbox.trials.fargate.states import STOPPED, attempt_of, unknown_attempt
from sandbox.trials.fargate.tasklog import TaskLog
from sandbox.trials.fargate.usage import Usage, hours_of, worst_hours
from sandbox.trials.jobs.protocol import Crowded, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sandbox.engine.labels import Owner
    from sandbox.engine.protocol import Engine, Image
    from sandbox.engine.swarm import Attempt, Node
    from sandbox.errors import Row
    from sandbox.provision.plan import Plan
    from sandbox.specs.model import Spec
    from sandbox.specs.privileges import Trust
    from sandbox.specs.settings import FargateSettings
    from sandbox.trials.fargate.place import Place
    from sandbox.trials.fargate.sizes import TaskSize
    from sandbox.trials.jobs.protocol import Job

TTL: Final = 4 * 3600
"""Seconds after which a task ends by itself, whatever becomes of this program."""
MOST_TASKS: Final = 20


class Agreement(Struct, frozen=True, kw_only=True):
    """What was agreed to: `ttl` seconds of a task, most cells, most vCPU-hours (None: no bound), pushes of images.

    `ask_push` returns whether an image may be pushed, where that was not agreed to and somebody can be asked.
    """

    ttl: int = TTL
    max_tasks: int = MOST_TASKS
    max_vcpu_hours: float | None = None
    pushes: bool = False
    ask_push: Callable[[Push], bool] | None = None


class Tracked(Struct, kw_only=True):
    """A task that RunTask made at `moment` (monotonic seconds), and its last known state."""

    moment: float
    size: TaskSize
    state: answers.TaskState | None = None


class Order(Struct, kw_only=True):
    """A job that is to be created: its definition, and how often AWS has answered that it has no room."""

    definition: str
    answers: int = 0


class FargateJobs:
    """The tasks of one run, found by the name of its session."""

    facts = FARGATE

    def __init__(
        self, settings: FargateSettings, owner: Owner, connect: Callable[[], Engine], agreement: Agreement
    ) -> None:
        self._settings = settings
        self._owner = owner
        self._connect = connect
        self._agreement = agreement
        self._session = session_name(owner, os.urandom(8).hex())
        self._aws: Aws | None = None
        self._place: Place | None = None
        self._tasks: dict[str, Tracked] = {}
        self._orders: dict[str, Order] = {}
        self._architectures: dict[str, str] = {}
        self._logs: dict[str, TaskLog] = {}
        self._agreed: set[str] = set()
        self._pushed: dict[str, str] = {}
        self._not_before = 0.0
        self._refusals = 0
        self._has_doubt = False

    @property
    def title(self) -> str:
        """Fargate, with region and cluster once it is open."""
        return self._place.title if self._place else "Fargate"

    @property
    def usage(self) -> Usage:
        """What all tasks have used, as far as it is known."""
        return hours_of(tracked.state for tracked in self._tasks.values() if tracked.state)

    def refusals(self, spec: Spec, plan: Plan | None, trust: Trust) -> Iterable[Row]:
        """Return (option, reason) for what Fargate can't do."""
        return unsupported_options(spec, plan, trust)

    @contextmanager
    def open(self) -> Iterator[None]:
        """Find where tasks run, and remove what dead sessions left there. Raises UsageError with what is missing."""
        if self._place is None:
            self._aws = Aws(self._settings.region)
            self._place = find_place(self._aws, self._settings)
            sweep(self._aws, self._place, self._owner)
            if self._place.repository:
                with self._connect() as engine:
                    remove_names(engine, self._owner)
        yield

    @property
    def _there(self) -> tuple[Aws, Place]:
        assert self._aws and self._place  # noqa: S101, PT018 - it is open
        return self._aws, self._place

    def nodes(self) -> Mapping[str, Node]:
        """Return no nodes: Fargate shows none."""
        return {}

    def agree(self, plans: Iterable[Plan]) -> None:
        """Ask about each image here that has to be pushed for these plans. Raises EngineError for one that may not be.

        Where nobody can be asked, `image` refuses it.
        """
        place, ask = self._there[1], self._agreement.ask_push
        if ask is None or self._agreement.pushes or not place.repository:
            return
        with self._connect() as engine:
            found = [find_present(engine, plan.images, platform=plan.spec.platform) for plan in plans]
        needed = needed_pushes(filter(None, found), repository=place.repository, region=place.region)
        for ident, push in needed.items():
            if ident not in self._agreed and not ask(push):
                raise push_refusal(push.reference, push.size, place.repository)
            self._agreed.add(ident)

    def image(self, reference: str, image: Image) -> str:
        """Return the image by a digest that Fargate can pull; it is pushed where it has to be and may be."""
        place = self._there[1]
        processor = architecture(image.platform)
        if processor is None:
            raise EngineError(f"Fargate has no machines for the image {reference}: it is for {image.platform}")
        name = public_name(reference, image, repository=place.repository) or self._push(reference, image)
        self._architectures[name] = processor
        return name

    def _push(self, reference: str, image: Image) -> str:
        """Return the name by digest of an image that this run has pushed, once, if it may."""
        aws, place = self._there
        if not (self._agreement.pushes or image.id in self._agreed):
            raise push_refusal(reference, image.size, place.repository)
        if image.id not in self._pushed:
            with self._connect() as engine:
                self._pushed[image.id] = push_image(engine, aws, place, reference, image, session=self._session)
        return self._pushed[image.id]

    def give(self, content: bytes, path: str) -> None:
        """Refuse: the certificates of this machine stay here."""
        raise Refused(f"Fargate has no files for tasks: {path}, {len(content)} bytes")

    def create(self, job: Job) -> str:
        """Run a job as a task and return its ARN. The same job twice is one task, whatever got lost between."""
        if time.monotonic() < self._not_before:
            raise Crowded("Fargate has no room now")
        size = task_size(job.limits)
        self._check_budget(size)
        order = self._orders.get(job.key) or self._register(job, size)
        try:
            arn = self._run(job, order)
        except Crowded:
            order.answers += 1
            self._wait()
            raise
        except Refused:
            raise
        except EngineError:
            self._has_doubt = True
            raise
        self._refusals = 0
        self._tasks[arn] = Tracked(moment=time.monotonic(), size=size)
        return arn

    def _register(self, job: Job, size: TaskSize) -> Order:
        aws, place = self._there
        family = f"{self._session}-{len(self._orders) + 1}"
        parameters = task_definition(
            job,
            family,
            session=self._session,
            size=size,
            architecture=self._architectures.get(job.image, "X86_64"),
            place=place,
        )
        self._has_doubt = True  # until removal has looked for it
        found = aws.call("ecs", "RegisterTaskDefinition", answers.Registered, **parameters)
        self._orders[job.key] = Order(definition=found.task_definition.task_definition_arn)
        return self._orders[job.key]

    def _run(self, job: Job, order: Order) -> str:
        """Return the ARN of a job's task: of that which exists, if its token was used before."""
        aws, place = self._there
        try:
            found = aws.call(
                "ecs",
                "RunTask",
                answers.Tasks,
                cluster=place.cluster,
                taskDefinition=order.definition,
                launchType="FARGATE",
                count=1,
                startedBy=self._session,
                clientToken=token_of(job.key, order.answers),
                networkConfiguration=place.network,
            )
        except Conflicting as error:
            if error.existing:
                return error.existing[0]
            raise
        if found.tasks:
            return found.tasks[0].task_arn
        raise run_failure(found.failures)

    def _wait(self) -> None:
        """Ask for no task for a while: all cells would meet the same answer."""
        self._refusals += 1
        self._not_before = time.monotonic() + pause(self._refusals, random.random)

    def _check_budget(self, size: TaskSize) -> None:
        """Raise Refused for a task that could use more than was agreed, Crowded where others have to end before."""
        most = self._agreement.max_vcpu_hours
        if most is None:
            return
        rows = self._tasks.values()
        bound = sum(worst_hours(row.size, row.state, self._agreement.ttl) for row in rows)
        if bound + worst_hours(size, None, self._agreement.ttl) <= most:
            return
        if any(row.state is None or row.state.last_status != STOPPED for row in rows):
            raise Crowded("other tasks have to end before, by --max-vcpu-hours")
        hint = Advice.again("--max-vcpu-hours", "N", after=", or a shorter --ttl")
        raise Refused(f"a task of {size.title} could use more than {most:g} vCPU-hours", hints=[hint])

    def attempts(self) -> tuple[Attempt, ...]:
        """Return the tasks of all jobs, oldest first."""
        aws, place = self._there
        running = [arn for arn, row in self._tasks.items() if row.state is None or row.state.last_status != STOPPED]
        unknown: list[str] = []
        for answer in describe_tasks(aws, place, running):
            for state in answer.tasks:
                if state.task_arn in self._tasks:
                    self._tasks[state.task_arn].state = state
            unknown += [failure.arn for failure in answer.failures]
        return tuple(self._attempt(arn, row, is_unknown=arn in unknown) for arn, row in self._tasks.items())

    def _attempt(self, arn: str, row: Tracked, *, is_unknown: bool) -> Attempt:
        if row.state is not None and not is_unknown:
            return attempt_of(row.state)
        return unknown_attempt(arn, time.monotonic() - row.moment, was_seen=row.state is not None)

    def log(self, attempt: str, *, limit: int) -> bytes:
        """Return the start of a task's log. Raises EngineError where CloudWatch has none yet."""
        aws, place = self._there
        if attempt not in self._logs:
            self._logs[attempt] = TaskLog(aws, group=place.log_group, stream=stream_of(self._session, attempt))
        known, row = self._logs[attempt], self._tasks.get(attempt)
        has_stopped = row is not None and row.state is not None and row.state.last_status == STOPPED
        return known.read(limit=limit, anew=known.is_still and has_stopped)

    def drop(self, job: str) -> None:
        """Stop a task that has not stopped; `removal` takes its definition and log."""
        row = self._tasks.get(job)
        if row is not None and (row.state is None or row.state.last_status != STOPPED):
            stop_task(*self._there, job)

    def removal(self) -> Removal:
        """Remove everything, wait for the tasks to stop, and return what AWS says then."""
        if self._aws is None or self._place is None:
            return Removal(removed=(), left=(), failures=())
        running = [arn for arn, row in self._tasks.items() if row.state is None or row.state.last_status != STOPPED]
        done = remove_session(self._aws, self._place, self._session, tasks=running, quiet=2 if self._has_doubt else 1)
        self._note_ends(running)
        return done

    def _note_ends(self, arns: list[str]) -> None:
        """Look once more at tasks that were stopped, for what they used."""
        try:
            for answer in describe_tasks(*self._there, arns):
                for state in answer.tasks:
                    self._tasks[state.task_arn].state = state
        except EngineError:
            return  # what was used is said as far as it is known


def token_of(key: str, number: int) -> str:
    """Return the clientToken (64 characters at most) of a job that was answered `number` times with no room.

    It stays the same as long as nobody knows whether a task came of it: AWS gives the same task for it.
    """
    return hashlib.sha256(f"{key}-{number}".encode()).hexdigest()[:32]


def run_failure(failures: Iterable[answers.Failure]) -> EngineError:
    """Return the error for an answer of RunTask without a task."""
    found = next(iter(failures), answers.Failure(reason="no reason given"))
    text = " ".join(word for word in (found.reason, found.detail) if word)
    if is_crowded(text):
        return Crowded(f"Fargate has no room now: {text}")
    return Refused(f"Fargate does not run the task: {text}")
