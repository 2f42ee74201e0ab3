"""A matrix on a service that runs jobs: every cell a job of its own, which the service places, limits and ends."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.container.shell import search_path, shell_environment
from sandbox.core.tasks import parallel_map
from sandbox.errors import Advice, Denied, EngineError, UsageError
from sandbox.provision.base_image import base_for
from sandbox.provision.network import INSIDE, HostNetwork, host_network
from sandbox.specs.model import FileCheck
from sandbox.trials.jobs.cell import RunningCell
from sandbox.trials.jobs.decisions import CROWDED, PATIENCE, decide, lost_nodes
from sandbox.trials.jobs.log_parser import parse_log
from sandbox.trials.jobs.protocol import Crowded, Job, Refused
from sandbox.trials.jobs.results import cell_result, problem_result
from sandbox.trials.jobs.script import script_for
from sandbox.trials.logs import log_path

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sandbox.engine.protocol import Engine
    from sandbox.engine.swarm import Attempt, Node
    from sandbox.errors import Row
    from sandbox.lifecycle.removal import Removal
    from sandbox.provision.context import Context
    from sandbox.trials.engine_runner import Log
    from sandbox.trials.jobs.protocol import JobRunner
    from sandbox.trials.results import CellResult
    from sandbox.trials.runner import MatrixEntry, Watcher

INSTALL_LIMIT: Final = 1800
"""Seconds that the steps of a cell may take; its checks have limits of their own."""
POLL: Final = 0.5
"""Seconds between two looks at the service."""
MOST_JOBS: Final = 3
"""Jobs that a cell gets where the results of one were lost with its node."""
LARGEST_LOG: Final = 8_000_000


class RunPace(Struct, frozen=True, kw_only=True):
    """How a matrix goes on: `retries` of a failed cell, `most` cells at a time, `longest` seconds of a script.

    `poll` is the pause between two looks, `patience` how long the log of a job that has ended may be incomplete.
    """

    retries: int = 0
    most: int | None = None
    longest: int | None = None
    poll: float = POLL
    patience: float | None = None


class MatrixRunner:
    """Runs a matrix as jobs; `close` removes all that it made there."""

    held: None = None

    def __init__(
        self,
        host: Context,
        *,
        jobs: JobRunner,
        connect: Callable[[], Engine],
        folder: Path,
        log: Callable[[Path, Callable[[str], None]], Log],
        pace: RunPace,
    ) -> None:
        self._host = host
        self._jobs = jobs
        self._connect = connect
        self._folder = folder
        self._log = log
        self._pace = pace
        self._nodes: Mapping[str, Node] = {}
        self._lacking: set[tuple[str, str]] = set()
        self.removals: list[Removal] = []

    @property
    def warnings(self) -> tuple[EngineError, ...]:
        """What the user has to know at the end besides the results."""
        return ()

    def check(self, entries: Sequence[MatrixEntry]) -> None:
        """Raise EngineError where the service can't be reached, UsageError for what these ask of it in vain."""
        check_fit(entries, self._jobs)
        with self._jobs.open():
            self._nodes = self._jobs.nodes()

    def run(self, entries: Sequence[MatrixEntry], watcher: Watcher) -> tuple[CellResult, ...]:
        """Run all, which `check` has let through, and return what came of each."""
        network = self._network()
        with self._jobs.open():
            with self._connect() as engine:
                ready = [self._ready(entry, network, engine, watcher) for entry in entries]
            waiting = [cell for cell in ready if isinstance(cell, RunningCell)]
            # As a file of the service, since a bundle of certificates is longer than one argument may be (128 KiB).
            if waiting and network.bundle is not None:
                self._jobs.give(network.bundle, INSIDE)
            for cell in waiting:
                watcher.began(cell.entry.cell, self._jobs.title)
            self._follow(waiting, watcher)
        found = {result.cell: result for result in ready if not isinstance(result, RunningCell)}
        found |= {cell.entry.cell: cell.result for cell in waiting if cell.result is not None}
        return tuple(found[entry.cell] for entry in entries)

    def opening_rows(self, entries: Sequence[MatrixEntry]) -> tuple[Row, ...]:  # noqa: ARG002 - for those who need it
        """Return what the user has to know before it begins."""
        return ()

    def closing_rows(self) -> tuple[Row, ...]:
        """Return what the user has to know once it is closed."""
        return ()

    def close(self) -> None:
        """Remove all of this run, and prove by the service's answer that nothing is left."""
        self.removals.append(self._jobs.removal())

    def _network(self) -> HostNetwork:
        if not self._jobs.facts.is_near:
            return HostNetwork()
        return host_network(self._host.environ, ca=self._host.settings.ca)

    def _ready(
        self, entry: MatrixEntry, network: HostNetwork, engine: Engine, watcher: Watcher
    ) -> RunningCell | CellResult:
        """Return a cell that can be begun, of an image that the engine has; its result where that can't be had."""
        plan, began = entry.request.plan, time.monotonic()
        assert plan is not None  # noqa: S101 - `check` has refused it
        path = log_path(self._folder, entry.cell)
        log = self._log(path, lambda text: watcher.now(entry.cell, text))
        log.reporter.heading(f"{entry.cell.title} on {self._jobs.title}")
        try:
            reference, image = base_for(plan, engine, self._host, log.reporter)
            named = self._jobs.image(reference, image)
        except EngineError as error:
            log.reporter.warn(error)
            log.close()
            result = problem_result(entry, began, error)
            watcher.end(result)
            return result
        return self._cell(entry, network, named, search_path(image, plan.target.distro.path), log=log, began=began)

    def _cell(
        self, entry: MatrixEntry, network: HostNetwork, image: str, path: str, *, log: Log, began: float
    ) -> RunningCell:
        plan = entry.request.plan
        assert plan is not None  # noqa: S101 - `check` has refused it
        env = shell_environment({}, path, plan.spec.env)
        timeouts = (check.timeout for check in plan.spec.checks if not isinstance(check, FileCheck))
        limit = INSTALL_LIMIT + int(sum(timeouts))
        limit = min(limit, self._pace.longest or limit)
        mark, facts = os.urandom(16).hex(), self._jobs.facts
        script = script_for(plan, env=env, network=network, mark=mark, limit=limit, facts=facts)
        where = log_path(self._folder, entry.cell)
        return RunningCell(entry=entry, plan=plan, image=image, script=script, log=log, path=where, began=began)

    def _follow(self, cells: Sequence[RunningCell], watcher: Watcher) -> None:
        """Follow the cells until each has its result; a manager may be silent for a while."""
        answered, waiting = time.monotonic(), list(cells)
        while waiting:
            try:
                self._round(waiting, watcher)
                answered = time.monotonic()
            except EngineError as error:
                if time.monotonic() - answered > PATIENCE:
                    for cell in waiting:
                        self._end_cell(cell, problem_result(cell.entry, cell.began, error, cell), watcher)
            waiting = [cell for cell in waiting if cell.result is None]
            time.sleep(self._pace.poll if waiting else 0)

    def _round(self, cells: Sequence[RunningCell], watcher: Watcher) -> None:
        """Look at every cell once; raise EngineError, behind the last, for one at which the service gave no answer."""
        room = (self._pace.most or len(cells)) - sum(bool(cell.job) for cell in cells)
        for cell in [cell for cell in cells if not cell.job][: max(0, room)]:
            self._begin(cell, watcher)
        tasks = self._jobs.attempts()

        def look(cell: RunningCell) -> EngineError | None:
            mine = [task for task in tasks if task.job == cell.job]
            try:
                self._end_cell(cell, self._look(cell, mine, watcher), watcher)
            except EngineError as error:
                return error
            return None

        for error in parallel_map(look, [cell for cell in cells if cell.job]):
            if error is not None:
                raise error

    def _end_cell(self, cell: RunningCell, result: CellResult | None, watcher: Watcher) -> None:
        """Take note of a result, where there is one, and remove its job."""
        if result is None or cell.result is not None:
            return
        cell.result = result
        cell.log.close()
        watcher.end(result)
        if cell.job:
            with suppress(EngineError):  # `close` meets it again, and says so
                self._jobs.drop(cell.job)

    def _begin(self, cell: RunningCell, watcher: Watcher) -> None:
        """Create the next job of a cell."""
        trust, avoid = cell.entry.request.trust, tuple(sorted(cell.avoid))
        cell.key = cell.key or os.urandom(16).hex()
        limits = cell.plan.limits
        job = Job(key=cell.key, image=cell.image, argv=cell.script.argv, limits=limits, trust=trust, avoid=avoid)
        try:
            cell.job = self._jobs.create(job)
        except Crowded as error:
            self._wait_for_room(cell, error, watcher)
            return
        except (Refused, Denied) as error:  # no later answer will be another
            self._end_cell(cell, problem_result(cell.entry, cell.began, error, cell), watcher)
            return
        cell.since, cell.unheard, cell.key, cell.crowded = None, 0.0, "", 0.0

    def _wait_for_room(self, cell: RunningCell, error: Crowded, watcher: Watcher) -> None:
        """Leave a cell for a later round, for so long as a job may wait."""
        now = time.monotonic()
        cell.crowded = cell.crowded or now
        watcher.now(cell.entry.cell, "waits")
        if now - cell.crowded > CROWDED:
            self._end_cell(cell, problem_result(cell.entry, cell.began, error, cell), watcher)

    def _look(self, cell: RunningCell, tasks: Sequence[Attempt], watcher: Watcher) -> CellResult | None:
        """Return what came of a cell where that is known; go on with it where it is not."""
        for node in lost_nodes(tasks):
            self._note_loss(cell, node)
        facts = self._jobs.facts
        move = decide(tasks, cell.since, time.monotonic(), limit=cell.script.limit, facts=facts)
        cell.since = move.since
        cell.node = self._title(move.task.node) if move.task and move.task.node else ""
        cell.place = f"{facts.node_word} {cell.node}" if cell.node else "" if facts.chooses_node else self._jobs.title
        watcher.now(cell.entry.cell, move.words)
        if move.kind == "wait" or move.task is None:
            return None if move.kind == "wait" else self._over(cell, move.words)
        if move.kind == "read":
            return self._read(cell, move.task)
        if move.kind == "elsewhere":
            return self._elsewhere(cell, move.task)
        if move.kind == "again":
            return self._begin_anew(cell, move.task, move.task.problem)
        return self._over(cell, move.words, move.task, reads=True)

    def _note_loss(self, cell: RunningCell, node: str) -> None:
        title = f"node {self._title(node)}"
        if title not in cell.moved:
            cell.moved.append(title)
            cell.log.reporter.heading(f"lost {title} while the cell ran on it; another attempt")

    def _title(self, node: str) -> str:
        return self._nodes[node].title if node in self._nodes else node[:12]

    def _read(self, cell: RunningCell, task: Attempt) -> CellResult | None:
        """Return what a finished task's log says; begin anew where it was lost with its node."""
        try:
            found = parse_log(self._jobs.log(task.id, limit=LARGEST_LOG), cell.script)
        except EngineError as error:
            return self._unheard(cell, task, error.brief)
        if not found.is_over:
            return self._unheard(cell, task, "its log is incomplete")
        result = cell_result(cell, found)
        if result.status == "passed" or cell.attempts > self._pace.retries:
            return result
        cell.attempts += 1
        self._again(cell)
        return None

    def _unheard(self, cell: RunningCell, task: Attempt, reason: str) -> CellResult | None:
        """Ask for a log again, then for the whole cell, whose result was lost with its node."""
        now, patience = time.monotonic(), self._pace.patience
        cell.unheard = cell.unheard or now
        if now - cell.unheard < (self._jobs.facts.log_follows_end if patience is None else patience):
            return None
        return self._begin_anew(cell, task, reason)

    def _begin_anew(self, cell: RunningCell, task: Attempt, reason: str) -> CellResult | None:
        """Run a cell again whose result was lost, a few times."""
        if cell.lost >= MOST_JOBS - 1:
            return self._over(cell, f"could not get its result: {reason}", task)
        cell.lost += 1
        if task.node:
            self._note_loss(cell, task.node)
        else:
            cell.moved.append(f"a task ({reason})")
            cell.log.reporter.heading(f"lost a task: {reason}; another attempt")
        self._again(cell)
        return None

    def _elsewhere(self, cell: RunningCell, task: Attempt) -> CellResult | None:
        """Leave out a node that has not got the image, while there are others."""
        cell.avoid.add(task.node)
        self._lacking.add((cell.image, cell.node))
        cell.log.reporter.heading(f"node {cell.node} has no image {cell.image} and can't pull it")
        if {node.id for node in self._jobs.nodes().values() if node.is_up} <= cell.avoid:
            return self._over(cell, f"no node of the swarm has the image {cell.image} or can pull it", task)
        self._again(cell)
        return None

    def _again(self, cell: RunningCell) -> None:
        """Remove the job of a cell; the next round creates another."""
        job, cell.job = cell.job, ""
        self._jobs.drop(job)

    def _over(self, cell: RunningCell, problem: str, task: Attempt | None = None, *, reads: bool = False) -> CellResult:
        """Return the result of a cell that has none of its own, with what the service says and what its log holds."""
        details = [(f"{self._jobs.facts.speaker} said", task.problem)] if task and task.problem else []
        details += [("node", cell.node)] if cell.node else []
        if task and reads:
            try:
                cell_result(cell, parse_log(self._jobs.log(task.id, limit=LARGEST_LOG), cell.script))
            except EngineError:
                details.append(("log", "could not be read"))
        return problem_result(cell.entry, cell.began, EngineError(problem, details=details), cell)


def check_fit(entries: Sequence[MatrixEntry], jobs: JobRunner) -> None:
    """Raise UsageError with everything that trials ask for and a service can't give."""
    rows = [
        (f"{entry.cell.spec}: {name}", why)
        for entry in entries
        for name, why in jobs.refusals(entry.request.spec, entry.request.plan, entry.request.trust)
    ]
    if rows:
        hint = Advice.without("--on", jobs.facts.name, after=", or with --engine URL")
        raise UsageError(f"{jobs.facts.title} does not support this", details=dict.fromkeys(rows), hints=[hint])
