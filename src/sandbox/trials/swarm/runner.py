"""A matrix on Docker Swarm: every cell a job of its own, which the swarm places, limits and restarts."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from sandbox.container.shell import search_path, shell_environment
from sandbox.core.tasks import parallel_map
from sandbox.engine.references import own_digest
from sandbox.errors import Advice, EngineError, UsageError
from sandbox.provision.base_image import base_for
from sandbox.provision.network import INSIDE, host_network
from sandbox.specs.model import FileCheck
from sandbox.trials.logs import log_path
from sandbox.trials.swarm.cell import RunningCell
from sandbox.trials.swarm.decisions import PATIENCE, decide, lost_nodes
from sandbox.trials.swarm.limits import clamp_limits, unsupported_options
from sandbox.trials.swarm.log_parser import parse_log
from sandbox.trials.swarm.resources import PAUSE, SwarmResources, swarm_of
from sandbox.trials.swarm.results import cell_result, problem_result
from sandbox.trials.swarm.script import script_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sandbox.engine.protocol import Engine, Image
    from sandbox.engine.swarm import Attempt, Node, Swarm
    from sandbox.lifecycle.removal import Removal
    from sandbox.provision.context import Context
    from sandbox.provision.network import HostNetwork
    from sandbox.trials.engine_runner import Log
    from sandbox.trials.results import CellResult
    from sandbox.trials.runner import MatrixEntry, Watcher

INSTALL_LIMIT: Final = 1800
"""Seconds that the steps of a cell may take; its checks have limits of their own."""
POLL: Final = 0.5
"""Seconds between two looks at the swarm."""
LOG_PATIENCE: Final = 10.0
"""Seconds in which the log of a finished task can be had, or the cell is run again: a manager may be new."""
MOST_JOBS: Final = 3
"""Jobs that a cell gets where the results of one were lost with its node."""
LARGEST_LOG: Final = 8_000_000


class SwarmRunner:
    """Runs a matrix on a swarm, by one of its managers; `close` removes all that it made there."""

    held: None = None

    def __init__(
        self,
        host: Context,
        *,
        connect: Callable[[], Engine],
        folder: Path,
        log: Callable[[Path, Callable[[str], None]], Log],
        retries: int = 0,
        poll: float = POLL,
        patience: float = LOG_PATIENCE,
    ) -> None:
        self._host = host
        self._connect = connect
        self._folder = folder
        self._log = log
        self._retries = retries
        self._poll = poll
        self._patience = patience
        self._holdings = SwarmResources(host, pause=min(poll, PAUSE))
        self._nodes: Mapping[str, Node] = {}
        self._client: tuple[str, ...] = ("docker",)
        self._lacking: set[tuple[str, str]] = set()
        self.removals: list[Removal] = []

    @property
    def warnings(self) -> tuple[EngineError, ...]:
        """The nodes that were left out, and why."""
        hints = (
            Advice.say("push it to a registry that the nodes can reach"),
            Advice.program(*self._client, "save", "IMAGE", after=" | ssh NODE docker load"),
        )
        texts = [f"node {node} has no image {image} and can't pull it" for image, node in sorted(self._lacking)]
        return tuple(EngineError(text, hints=hints) for text in texts)

    def check(self, entries: Sequence[MatrixEntry]) -> None:
        """Raise UsageError for what a swarm can't do, EngineError where the engine manages none."""
        check_fit(entries)
        with self._connect() as engine:
            swarm = swarm_of(engine)
            self._client = swarm.client
            self._nodes = {node.id: node for node in swarm.nodes()}

    def run(self, entries: Sequence[MatrixEntry], watcher: Watcher) -> tuple[CellResult, ...]:
        """Run all, which `check` has let through, and return what came of each."""
        network = host_network(self._host.environ, ca=self._host.settings.ca)
        with self._connect() as engine:
            ready = [self._ready(entry, network, engine, watcher) for entry in entries]
            swarm = swarm_of(engine)
            waiting = [cell for cell in ready if isinstance(cell, RunningCell)]
            # As a config, since a bundle of certificates is longer than one argument may be (128 KiB, MAX_ARG_STRLEN).
            if waiting and network.bundle is not None:
                self._holdings.bring(swarm, network.bundle, INSIDE)
            for cell in waiting:
                watcher.began(cell.entry.cell, f"the swarm at {engine.url}")
            self._follow(waiting, swarm, watcher)
        found = {result.cell: result for result in ready if not isinstance(result, RunningCell)}
        found |= {cell.entry.cell: cell.result for cell in waiting if cell.result is not None}
        return tuple(found[entry.cell] for entry in entries)

    def close(self) -> None:
        """Remove all of this run, and prove by the swarm's answer that nothing is left."""
        self.removals.append(self._holdings.removal(self._connect))

    def _ready(
        self, entry: MatrixEntry, network: HostNetwork, engine: Engine, watcher: Watcher
    ) -> RunningCell | CellResult:
        """Return a cell that can be begun, of an image that the manager has; its result where that can't be had."""
        plan, began = entry.request.plan, time.monotonic()
        assert plan is not None  # noqa: S101 - `check` has refused it
        path = log_path(self._folder, entry.cell)
        log = self._log(path, lambda text: watcher.now(entry.cell, text))
        log.reporter.heading(f"{entry.cell.title} on the swarm at {engine.url}")
        try:
            reference, image = base_for(plan, engine, self._host, log.reporter)
        except EngineError as error:
            log.reporter.warn(error)
            log.close()
            result = problem_result(entry, began, error)
            watcher.end(result)
            return result
        env = shell_environment({}, search_path(image, plan.target.distro.path), plan.spec.env)
        timeouts = (check.timeout for check in plan.spec.checks if not isinstance(check, FileCheck))
        limit = INSTALL_LIMIT + int(sum(timeouts))
        script = script_for(plan, env=env, network=network, mark=os.urandom(16).hex(), limit=limit)
        named = pinned_image(reference, image)
        return RunningCell(entry=entry, plan=plan, image=named, script=script, log=log, path=path, began=began)

    def _follow(self, cells: Sequence[RunningCell], swarm: Swarm, watcher: Watcher) -> None:
        """Follow the cells until each has its result; a manager may be silent for a while."""
        answered, waiting = time.monotonic(), list(cells)
        while waiting:
            try:
                self._round(waiting, swarm, watcher)
                answered = time.monotonic()
            except EngineError as error:
                if time.monotonic() - answered > PATIENCE:
                    for cell in waiting:
                        self._end_cell(cell, problem_result(cell.entry, cell.began, error, cell), swarm, watcher)
            waiting = [cell for cell in waiting if cell.result is None]
            time.sleep(self._poll if waiting else 0)

    def _round(self, cells: Sequence[RunningCell], swarm: Swarm, watcher: Watcher) -> None:
        """Look at every cell once; raise EngineError, behind the last, for one at which the swarm gave no answer."""
        for cell in cells:
            if not cell.job:
                self._begin(cell, swarm)
        tasks = self._holdings.tasks(swarm)

        def look(cell: RunningCell) -> EngineError | None:
            mine = [task for task in tasks if task.job == cell.job]
            try:
                self._end_cell(cell, self._look(cell, mine, swarm, watcher), swarm, watcher)
            except EngineError as error:
                return error
            return None

        for error in parallel_map(look, cells):
            if error is not None:
                raise error

    def _end_cell(self, cell: RunningCell, result: CellResult | None, swarm: Swarm, watcher: Watcher) -> None:
        """Take note of a result, where there is one, and remove its job."""
        if result is None or cell.result is not None:
            return
        cell.result = result
        cell.log.close()
        watcher.end(result)
        with suppress(EngineError):  # `close` meets it again, and says so
            self._holdings.drop(swarm, cell.job)

    def _begin(self, cell: RunningCell, swarm: Swarm) -> None:
        """Create the next job of a cell."""
        trust, avoid = cell.entry.request.trust, sorted(cell.avoid)
        limits = clamp_limits(cell.plan.limits, self._nodes.values())
        cell.job = self._holdings.job(swarm, limits, trust, cell.script, image=cell.image, avoid=avoid)
        cell.since, cell.unheard = None, 0.0

    def _look(self, cell: RunningCell, tasks: Sequence[Attempt], swarm: Swarm, watcher: Watcher) -> CellResult | None:
        """Return what came of a cell where that is known; go on with it where it is not."""
        for node in lost_nodes(tasks):
            self._note_loss(cell, node)
        move = decide(tasks, cell.since, time.monotonic(), limit=cell.script.limit)
        cell.since = move.since
        cell.node = self._title(move.task.node) if move.task and move.task.node else ""
        watcher.now(cell.entry.cell, move.words)
        if move.kind == "wait" or move.task is None:
            return None if move.kind == "wait" else self._over(cell, move.words)
        if move.kind == "read":
            return self._read(cell, move.task, swarm)
        if move.kind == "elsewhere":
            return self._elsewhere(cell, move.task, swarm)
        return self._over(cell, move.words, move.task, swarm)

    def _note_loss(self, cell: RunningCell, node: str) -> None:
        title = f"node {self._title(node)}"
        if title not in cell.moved:
            cell.moved.append(title)
            cell.log.reporter.heading(f"lost {title} while the cell ran on it; another attempt")

    def _title(self, node: str) -> str:
        return self._nodes[node].title if node in self._nodes else node[:12]

    def _read(self, cell: RunningCell, task: Attempt, swarm: Swarm) -> CellResult | None:
        """Return what a finished task's log says; begin anew where it was lost with its node."""
        try:
            found = parse_log(swarm.attempt_log(task.id, limit=LARGEST_LOG), cell.script)
        except EngineError as error:
            return self._unheard(cell, task, error.brief, swarm)
        if not found.is_over:
            return self._unheard(cell, task, "its log is incomplete", swarm)
        result = cell_result(cell, found)
        if result.status == "passed" or cell.attempts > self._retries:
            return result
        cell.attempts += 1
        self._again(cell, swarm)
        return None

    def _unheard(self, cell: RunningCell, task: Attempt, reason: str, swarm: Swarm) -> CellResult | None:
        """Ask for a log again, then for the whole cell, whose result was lost with its node."""
        now = time.monotonic()
        cell.unheard = cell.unheard or now
        if now - cell.unheard < self._patience:
            return None
        if cell.lost >= MOST_JOBS - 1:
            return self._over(cell, f"could not get its result: {reason}", task)
        cell.lost += 1
        self._note_loss(cell, task.node)
        self._again(cell, swarm)
        return None

    def _elsewhere(self, cell: RunningCell, task: Attempt, swarm: Swarm) -> CellResult | None:
        """Leave out a node that has not got the image, while there are others."""
        cell.avoid.add(task.node)
        self._lacking.add((cell.image, cell.node))
        cell.log.reporter.heading(f"node {cell.node} has no image {cell.image} and can't pull it")
        if {node.id for node in swarm.nodes() if node.is_up} <= cell.avoid:
            return self._over(cell, f"no node of the swarm has the image {cell.image} or can pull it", task)
        self._again(cell, swarm)
        return None

    def _again(self, cell: RunningCell, swarm: Swarm) -> None:
        """Remove the job of a cell; the next round creates another."""
        job, cell.job = cell.job, ""
        self._holdings.drop(swarm, job)

    def _over(
        self, cell: RunningCell, problem: str, task: Attempt | None = None, swarm: Swarm | None = None
    ) -> CellResult:
        """Return the result of a cell that has none of its own, with what the swarm says and what its log holds."""
        details = [("the swarm said", task.problem)] if task and task.problem else []
        details += [("node", cell.node)] if cell.node else []
        if task and swarm:
            try:
                cell_result(cell, parse_log(swarm.attempt_log(task.id, limit=LARGEST_LOG), cell.script))
            except EngineError:
                details.append(("log", "could not be read"))
        return problem_result(cell.entry, cell.began, EngineError(problem, details=details), cell)


def check_fit(entries: Sequence[MatrixEntry]) -> None:
    """Raise UsageError with everything that trials ask for and a swarm can't give."""
    rows = [
        (f"{entry.cell.spec}: {name}", why)
        for entry in entries
        for name, why in unsupported_options(entry.request.spec, entry.request.plan, entry.request.trust)
    ]
    if rows:
        brief = "a swarm does not support this"
        raise UsageError(
            brief, details=dict.fromkeys(rows), hints=[Advice.without("--on", "swarm", after=", or with --engine URL")]
        )


def pinned_image(reference: str, image: Image) -> str:
    """Return the image by its digest too, where a registry gave one, so that every node runs the same."""
    digest = own_digest(reference, image.digests)
    return f"{reference}@{digest}" if digest and "@" not in reference else reference
