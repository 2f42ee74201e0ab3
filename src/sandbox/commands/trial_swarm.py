"""A matrix on Docker Swarm: every cell a job of its own, which the swarm places, limits and restarts."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from sandbox import labels
from sandbox.commands.base_image import base_for
from sandbox.commands.trial_logs import log_path
from sandbox.commands.trial_words import problem_result, told
from sandbox.engine.jobs import JobSpec
from sandbox.errors import EngineError, RemovalFailed, SandboxError
from sandbox.hostnet import host_network
from sandbox.inside import search_path, shell_environment
from sandbox.jobs.fit import check_fit
from sandbox.jobs.heard import Heard, heard
from sandbox.jobs.script import script_for
from sandbox.session import Removal
from sandbox.task import side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sandbox.commands.host import Host
    from sandbox.commands.trial_engines import Log
    from sandbox.commands.trial_values import Entry, Watcher
    from sandbox.engine.base import Engine, Image
    from sandbox.engine.jobs import Attempt
    from sandbox.jobs.script import Script
    from sandbox.plan import Plan
    from sandbox.trials.values import Cell, CellResult

INSTALL_LIMIT: Final = 1800
"""Seconds that the steps of a cell may take; its checks have limits of their own."""
POLL: Final = 0.5
PATIENCE: Final = 60.0
"""Seconds beyond a script's own limit, and those that a manager may be silent for."""
UNPLACED: Final = 90.0
"""Seconds after which nothing runs any more and no node takes what is left: it is given up."""
SETTLED: Final = 8.0
"""Seconds in which a swarm starts a failed task anew, or has given it up."""
LOG_TRIES: Final = 3
MOST_JOBS: Final = 3
"""Jobs that a cell gets where the results of one were lost with its node."""
LARGEST_LOG: Final = 8_000_000
QUIET_ROUNDS: Final = 2
REMOVAL_LIMIT: Final = 30.0


class Running(Struct, kw_only=True):
    """A cell on its way: its job, and what is known of it. Times are of the monotonic clock."""

    entry: Entry
    plan: Plan
    image: str
    script: Script
    log: Log
    path: Path
    began: float
    job: str = ""
    jobs: int = 0
    attempts: int = 1
    log_tries: int = 0
    node: str = ""
    running_since: float | None = None
    failed_since: float | None = None
    moved: list[str] = field(default_factory=list)


class OnSwarm:
    """Runs a matrix on a swarm, by one of its managers; `close` removes every job of it, from another thread too."""

    lost: tuple[tuple[str, str], ...] = ()
    held: None = None

    def __init__(
        self,
        host: Host,
        *,
        connect: Callable[[], Engine],
        folder: Path,
        log: Callable[[Path, Callable[[str], None]], Log],
        retries: int = 0,
    ) -> None:
        self._host = host
        self._connect = connect
        self._folder = folder
        self._log = log
        self._retries = retries
        self._session = os.urandom(8).hex()
        self._created = 0
        self._is_over = False
        self.removals: list[Removal] = []

    def run(self, entries: Sequence[Entry], watcher: Watcher) -> tuple[CellResult, ...]:
        """Run all and return what came of each; raise UsageError for what a swarm can't do, EngineError without one."""
        for entry in entries:
            check_fit(entry.request.spec, entry.request.plan, entry.request.trust)
        found: dict[Cell, CellResult] = {}
        with self._connect() as engine:
            waiting = [self._begun(entry, engine, watcher) for entry in entries]
            answered = progressed = time.monotonic()
            tasks: tuple[Attempt, ...] = ()
            while waiting and not self._is_over:
                now = time.monotonic()
                try:
                    tasks = engine.attempts([cell.job for cell in waiting])
                    results = side_by_side(lambda cell: self._looked(cell, tasks, engine, watcher), waiting)  # noqa: B023
                    answered = now
                except EngineError as error:
                    if now - answered > PATIENCE:
                        results = [problem_result(cell.entry, cell.began, error) for cell in waiting]
                    else:
                        time.sleep(POLL)
                        continue
                if any(results) or any(cell.running_since for cell in waiting):
                    progressed = now
                elif now - progressed > UNPLACED:
                    results = [self._unplaced(cell, tasks) for cell in waiting]
                for cell, result in zip(waiting, results, strict=True):
                    if result is not None:
                        found[result.cell] = result
                        self._done(cell, engine)
                        watcher.ended(result)
                waiting = [cell for cell in waiting if cell.entry.cell not in found]
                time.sleep(POLL if waiting else 0)
        return tuple(found[entry.cell] for entry in entries)

    def close(self) -> None:
        """Remove every job of this run, and prove by the swarm's answer that none is left."""
        self._is_over = True
        if not self._created:
            return
        removed = 0
        left: tuple[str, ...] = ()
        failures: tuple[SandboxError, ...] = ()
        try:
            with self._connect() as engine:
                removed = self._removed(engine)
                left = tuple(f"service {job.name}" for job in engine.jobs(self._mine))
        except SandboxError as error:
            by_hand = f"docker service rm $(docker service ls -q --filter label={self._mine[0]})"
            failures = (RemovalFailed("jobs of this trial may be left", details=[("", error.brief)], hints=[by_hand]),)
            left = ("services",)
        self.removals.append(Removal(removed=("services",) * bool(removed), left=left, failures=failures))

    @property
    def _mine(self) -> tuple[str]:
        return (f"{labels.SESSION}={self._session}",)

    def _removed(self, engine: Engine) -> int:
        """Remove what the swarm knows of us until it has been quiet: one may be created while we are told to end."""
        count = quiet = 0
        over = time.monotonic() + REMOVAL_LIMIT
        while quiet < QUIET_ROUNDS and time.monotonic() < over:
            known = engine.jobs(self._mine)
            count += sum(side_by_side(lambda job: engine.remove_job(job.id), known))
            quiet = 0 if known else quiet + 1
            time.sleep(0.2 if quiet < QUIET_ROUNDS else 0)
        return count

    def _begun(self, entry: Entry, engine: Engine, watcher: Watcher) -> Running:
        """Create the first job of a cell, of an image that the manager knows; raise what having that raises."""
        plan, network = entry.request.plan, host_network(self._host.environ, ca=self._host.settings.ca)
        assert plan is not None  # noqa: S101 - check_fit has refused it
        watcher.began(entry.cell, f"the swarm at {engine.url}")
        path = log_path(self._folder, entry.cell)
        log = self._log(path, lambda text: watcher.now(entry.cell, text))
        log.reporter.heading(f"{entry.cell.title} on the swarm at {engine.url}")
        reference, image, _ = base_for(plan, engine, self._host, log.reporter)
        env = shell_environment({}, search_path(image, plan.target.distro.path), plan.spec.env)
        limit = INSTALL_LIMIT + int(sum(check.timeout for check in plan.spec.checks if hasattr(check, "timeout")))
        script = script_for(plan, env=env, network=network, mark=os.urandom(16).hex(), limit=limit)
        cell = Running(
            entry=entry,
            plan=plan,
            image=_pinned(reference, image),
            script=script,
            log=log,
            path=path,
            began=time.monotonic(),
        )
        self._create(cell, engine)
        return cell

    def _create(self, cell: Running, engine: Engine) -> None:
        self._created += 1
        cell.jobs += 1
        name = f"sandbox-{self._session}-{self._created}"
        trust = cell.entry.request.trust
        cell.job = engine.create_job(
            JobSpec(
                name=name,
                image=cell.image,
                argv=cell.script.argv,
                labels=self._labels(name),
                limits=cell.plan.limits,
                cap_drop=trust.cap_drop,
                cap_add=trust.cap_add,
            )
        )
        cell.running_since = cell.failed_since = None
        cell.log_tries = 0

    def _labels(self, name: str) -> Mapping[str, str]:
        return labels.session_labels(
            self._host.owner, session=self._session, name=name, version=self._host.version, kind="job"
        )

    def _looked(self, cell: Running, tasks: Sequence[Attempt], engine: Engine, watcher: Watcher) -> CellResult | None:
        """Return what came of a cell where that is known; go on with it where it is not."""
        mine, now = [task for task in tasks if task.job == cell.job], time.monotonic()
        complete = [task for task in mine if task.phase == "complete"]
        if complete:
            return self._read(cell, complete[-1], engine)
        active = [task for task in mine if task.phase in ("waiting", "running")]
        if not active:
            cell.running_since = None
            cell.failed_since = cell.failed_since or now
            ended = mine and now - cell.failed_since > SETTLED
            return self._over(cell, mine[-1], "its task failed", engine) if ended else None
        task, cell.failed_since = active[-1], None
        watcher.now(cell.entry.cell, f"{task.state} on {task.node[:12]}" if task.node else "waits for a node")
        if task.phase == "running":
            self._note_node(cell, task)
            cell.running_since = cell.running_since or now
            if now - cell.running_since > cell.script.limit + PATIENCE:
                return self._over(cell, task, f"not done after {cell.script.limit} s", engine)
        return None

    def _note_node(self, cell: Running, task: Attempt) -> None:
        """Remember the nodes that a cell was taken from, since they died under it."""
        if cell.node and cell.node != task.node:
            cell.moved.append(f"node {cell.node[:12]}")
            cell.running_since = None
        cell.node = task.node

    def _read(self, cell: Running, task: Attempt, engine: Engine) -> CellResult | None:
        """Return what a finished task's log says; begin anew where it was lost with its node."""
        try:
            found = heard(engine.attempt_log(task.id, limit=LARGEST_LOG), cell.script)
            reason = "" if found.whole or found.late or found.wrong else "its log ends too early"
        except EngineError as error:
            found, reason = Heard(), error.brief
        self._note_node(cell, task)
        if not reason:
            result = told(cell, found)
            if not self._is_tried_again(cell, result):
                return result
            self._again(cell, engine)
            return None
        cell.log_tries += 1
        if cell.log_tries < LOG_TRIES:
            return None
        if cell.jobs >= MOST_JOBS:
            return self._over(cell, task, f"its result could not be had: {reason}", engine)
        cell.log.reporter.heading(f"its result was lost with node {task.node[:12]}: {reason}; once more")
        self._again(cell, engine)
        return None

    def _is_tried_again(self, cell: Running, result: CellResult) -> bool:
        if result.status == "passed" or cell.attempts > self._retries:
            return False
        cell.attempts += 1
        return True

    def _again(self, cell: Running, engine: Engine) -> None:
        engine.remove_job(cell.job)
        self._create(cell, engine)

    def _over(self, cell: Running, task: Attempt, problem: str, engine: Engine) -> CellResult:
        """Return the result of a cell that has none of its own, with what the swarm says and what its log holds."""
        details = [("the swarm said", task.problem)] if task.problem else []
        if task.node:
            details.append(("node", task.node))
        try:
            told(cell, heard(engine.attempt_log(task.id, limit=LARGEST_LOG), cell.script))
        except EngineError:
            details.append(("log", "out of reach"))
        return problem_result(cell.entry, cell.began, EngineError(problem, details=details), cell)

    def _unplaced(self, cell: Running, tasks: Sequence[Attempt]) -> CellResult:
        said = [task.problem for task in tasks if task.job == cell.job and task.problem]
        error = EngineError("no node of the swarm takes it", details=[("the swarm said", text) for text in said[-1:]])
        return problem_result(cell.entry, cell.began, error, cell)

    def _done(self, cell: Running, engine: Engine) -> None:
        cell.log.close()
        try:
            engine.remove_job(cell.job)
        except EngineError:
            return  # `close` meets it again, and says so


def _pinned(reference: str, image: Image) -> str:
    """Return the image by its digest too, where a registry gave one, so that every node runs the same."""
    return f"{reference}@{image.digest}" if image.digest and "@" not in reference else reference
