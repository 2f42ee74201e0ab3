"""Runs a matrix on engines: cells in parallel, each in its own sandbox, spread over the engines."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sandbox.core.plaintext import plain_line
from sandbox.core.tasks import Background, sandboxes_at_once
from sandbox.errors import EngineError, SandboxDied, SandboxError
from sandbox.lifecycle.session import left_images
from sandbox.trials.base_looks import BaseLooks
from sandbox.trials.cell import launched_cell, open_shell, run_cell
from sandbox.trials.logs import log_path
from sandbox.trials.matrix import differences
from sandbox.trials.results import CellResult
from sandbox.trials.scheduler import Scheduler, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sandbox.core.progress import Reporter
    from sandbox.engine.protocol import Engine
    from sandbox.errors import Row
    from sandbox.lifecycle.removal import Removal
    from sandbox.lifecycle.session import Session
    from sandbox.provision.context import Context
    from sandbox.provision.launch import Launch
    from sandbox.trials.results import Cell, Status
    from sandbox.trials.runner import MatrixEntry, Watcher

ENGINE_TRIES: Final = 3
BETWEEN_TRIES: Final = 1.0
"""Seconds between attempts to reach an engine after a failure: it may only be restarting."""


class RunOptions(Struct, frozen=True, kw_only=True):
    """How to run cells: `retries` after a failure, each `twice`, the first failed sandbox `kept`.

    `for_fargate`: the options that were given and mean something there alone.
    """

    jobs: int | None = None
    retries: int = 0
    twice: bool = False
    keep_failed: bool = False
    for_fargate: tuple[str, ...] = ()


class Log(Struct, frozen=True, kw_only=True):
    """A cell's log: a reporter, a function that writes a line of output, and one that closes it."""

    reporter: Reporter
    line: Callable[[str], None]
    close: Callable[[], None]


class QueuedCell(Struct, frozen=True, kw_only=True):
    """A waiting entry, and the engines that were lost under it."""

    entry: MatrixEntry
    lost: tuple[str, ...] = ()


class HeldCell(Struct, frozen=True, kw_only=True):
    """A failed cell with its sandbox, which runs until `close`."""

    entry: MatrixEntry
    launch: Launch
    close: Callable[[], None]

    def shell(self) -> None:
        """Open a shell in it. Raises what `open_shell` raises."""
        open_shell(self.launch)


def slots_of(engine: Engine, jobs: int | None) -> int:
    """Return how many cells an engine runs at a time: as many as requested, else by its cores."""
    return jobs or sandboxes_at_once(engine.about().cpus)


class EngineRunner:
    """Runs a matrix on engines; `close`, also from another thread, removes what is left."""

    def __init__(
        self,
        host: Context,
        *,
        engines: Mapping[str, tuple[Callable[[], Engine], int]],
        folder: Path,
        log: Callable[[Path, Callable[[str], None]], Log],
        wanted: RunOptions,
        pause: float = BETWEEN_TRIES,
    ) -> None:
        self._host = host
        self._pause = pause
        self._connect = {url: connect for url, (connect, _) in engines.items()}
        self._places = tuple(Worker(url, slots) for url, (_, slots) in engines.items())
        self._folder = folder
        self._log = log
        self._wanted = wanted
        self._lock = threading.Lock()
        self._alone: defaultdict[tuple[str, str], AbstractContextManager[object]] = defaultdict(threading.Lock)
        self._begun: list[Session] = []
        self._connecting = threading.Lock()
        self._shared: dict[str, Engine] = {}
        self._opened: list[Engine] = []
        self._ended: defaultdict[str, dict[str, str]] = defaultdict(dict)
        """The names of the sessions that are over, by engine and id."""
        self._bases = BaseLooks()
        self._is_over = False
        self.removals: list[Removal] = []
        self.held: HeldCell | None = None
        """The sandbox of the first failed cell, if it was to be kept."""

    def opening_rows(self, entries: Sequence[MatrixEntry]) -> tuple[Row, ...]:  # noqa: ARG002 - as other runners
        """Return what the user has to know before it begins: nothing."""
        return ()

    def closing_rows(self) -> tuple[Row, ...]:
        """Return what the user has to know once it is closed: nothing."""
        return ()

    @property
    def warnings(self) -> tuple[EngineError, ...]:
        """The lost engines, and why."""
        lost = [place for place in self._places if place.lost]
        return tuple(EngineError(f"lost the engine at {place.url}: {place.lost}") for place in lost)

    def run(self, entries: Sequence[MatrixEntry], watcher: Watcher) -> tuple[CellResult, ...]:
        """Run all cells and return the results, in their order."""
        most = self._wanted.jobs or sum(place.slots for place in self._places)
        spread = Scheduler([QueuedCell(entry=entry) for entry in entries], self._places, most=most)
        found: dict[Cell, CellResult] = {}
        tasks = [Background(lambda: self._work(spread, found, watcher)) for _ in range(min(most, len(entries)))]
        try:
            for task in tasks:
                task.result()
        finally:
            self._is_over = True
            spread.end()
        return tuple(found[entry.cell] for entry in entries)

    def close(self) -> None:
        """Remove what is left: of interrupted cells, and the kept one."""
        with self._lock:
            self._is_over = True
            begun, self._begun = self._begun, []
        for session in begun:
            session.close()
            self._ended[session.engine.url][session.id] = session.name
        self.removals += [session.finish() for session in begun]
        if self.held is not None:
            self.held.close()
        self._prove_images()
        opened, self._opened = self._opened, []
        for engine in opened:
            engine.__exit__(None, None, None)

    def _prove_images(self) -> None:
        """Ask each engine once which images are left of all cells; one that is lost answers nothing."""
        lost = {place.url for place in self._places if place.lost}
        for url, engine in tuple(self._shared.items()):
            sessions = self._ended.pop(url, {})
            if sessions and url not in lost:
                self.removals.append(left_images(engine, sessions))

    def _engine(self, place: Worker) -> Engine:
        """Return the connection to an engine that all its cells share.

        Docker runs two programs for each new one, and two for the description that each cell asks of it: 16 ms of a
        processor. Raises what connecting raises.
        """
        with self._connecting:
            found = self._shared.get(place.url)
            if found is None:
                found = self._shared[place.url] = self._connect[place.url]()
                self._opened.append(found)
            return found

    def _work(self, spread: Scheduler[QueuedCell], found: dict[Cell, CellResult], watcher: Watcher) -> None:
        """Run the waiting cells one after the other."""
        while (turn := spread.take()) is not None:
            moved, place = turn
            if place is None:
                result = self._unplaced_result(moved)
            else:
                watcher.began(moved.entry.cell, place.url)
                try:
                    result = self._try_cell(moved, place, watcher)
                except EngineError as error:
                    spread.give_back(QueuedCell(entry=moved.entry, lost=(*moved.lost, place.url)), place, error.brief)
                    continue
                except BaseException:
                    spread.end()
                    raise
                spread.finish(place)
            found[result.cell] = replace(result, moved=moved.lost)
            watcher.end(found[result.cell])

    def _unplaced_result(self, moved: QueuedCell) -> CellResult:
        details = [("lost", f"{place.url}: {place.lost}") for place in self._places if place.lost]
        return CellResult(
            cell=moved.entry.cell, status="error", problem="no engine is left to run it", details=tuple(details)
        )

    def _try_cell(self, moved: QueuedCell, place: Worker, watcher: Watcher) -> CellResult:
        """Run a cell with its retries and return the result. Raises EngineError if the engine is lost."""
        cell = moved.entry.cell
        path = log_path(self._folder, cell)
        log = self._log(path, lambda text: watcher.now(cell, text))
        try:
            attempt = 0
            while True:
                attempt += 1
                log.reporter.heading(f"{cell.title} at {place.url}, run {attempt}")
                result = self._pair(moved.entry, place, log.reporter, keep=attempt > self._wanted.retries)
                if result.status == "passed" or attempt > self._wanted.retries:
                    return replace(result, attempts=attempt, log=str(path))
        finally:
            log.close()

    def _pair(self, entry: MatrixEntry, place: Worker, reporter: Reporter, *, keep: bool) -> CellResult:
        """Run a cell once, or twice to compare the runs."""
        first = self._once(entry, place, reporter, keep=keep)
        if not self._wanted.twice or self._is_over:
            return first
        reporter.heading(f"{entry.cell.title}, another attempt")
        second = self._once(entry, place, reporter, keep=keep)
        found = differences(first, second)
        for line in found:
            reporter.rows([("differs", line)])
        worst = min((first, second), key=lambda result: result.status == "passed")
        status: Status = "failed" if found and worst.status == "passed" else worst.status
        return replace(worst, status=status, seconds=round(first.seconds + second.seconds, 3), differences=found)

    def _once(self, entry: MatrixEntry, place: Worker, reporter: Reporter, *, keep: bool) -> CellResult:
        """Run a cell in a sandbox that is then removed, unless it is kept. Raises EngineError for a lost engine."""
        began = time.monotonic()
        session = self._host.session(self._engine(place))
        session.is_one_of_many = True
        with ExitStack() as stack:
            stack.callback(self._end, session)
            with self._lock:
                if self._is_over:
                    return _failure(entry, SandboxError("it was interrupted"), 0.0)
                self._begun.append(session)
            try:
                launch = stack.enter_context(
                    launched_cell(entry, self._host, session=session, reporter=reporter, turn=self._turn(entry, place))
                )
            except SandboxError as error:
                return self._failure(entry, place, error, reporter, began)
            try:
                result = run_cell(launch, entry, began=began, look=self._wanted.twice, bases=self._bases)
            except SandboxError as error:
                result = self._failure(entry, place, error, reporter, began)
            if keep and result.status != "passed":
                self._keep_first(entry, launch, stack)
        return replace(result, engine=place.url)

    def _turn(self, entry: MatrixEntry, place: Worker) -> AbstractContextManager[object]:
        """Return the lock held by the one cell that pulls or builds a base on an engine."""
        plan = entry.request.plan
        return self._alone[place.url, plan.images[0] if plan and plan.images else entry.request.title]

    def _failure(
        self, entry: MatrixEntry, place: Worker, error: SandboxError, reporter: Reporter, began: float
    ) -> CellResult:
        """Return the result of a cell that could not run. Raises EngineError if the engine is lost."""
        reporter.warn(error)
        if isinstance(error, EngineError | SandboxDied):
            self._check_engine(place, error)
        return replace(_failure(entry, error, time.monotonic() - began), engine=place.url)

    def _keep_first(self, entry: MatrixEntry, launch: Launch, stack: ExitStack) -> None:
        """Keep the sandbox of the first failed cell, if wanted and still running."""
        with self._lock:
            if self._wanted.keep_failed and self.held is None and not self._is_over and _is_up(launch):
                self.held = HeldCell(entry=entry, launch=launch, close=stack.pop_all().close)

    def _end(self, session: Session) -> None:
        """Record the removal of a cell's sandbox, unless `close` does."""
        removal = session.finish()
        with self._lock:
            self._ended[session.engine.url][session.id] = session.name
            if session in self._begun:
                self._begun.remove(session)
                self.removals.append(removal)

    def _check_engine(self, place: Worker, error: SandboxError) -> None:
        """Raise EngineError if the engine of a failed cell no longer answers."""
        for number in range(ENGINE_TRIES):
            try:
                again = self._connect[place.url]()
            except EngineError as silent:
                if number == ENGINE_TRIES - 1:
                    raise EngineError(f"{silent.brief}; {plain_line(error.brief, 100)}") from error
                time.sleep(self._pause)
            else:
                with self._connecting:  # it may have been started anew, and be another version now
                    self._shared[place.url] = again
                    self._opened.append(again)
                return


def _is_up(launch: Launch) -> bool:
    """Return whether a sandbox still runs, so that a shell can open in it."""
    try:
        return launch.box.is_running()
    except SandboxError:
        return False


def _failure(entry: MatrixEntry, error: SandboxError, seconds: float) -> CellResult:
    return CellResult(
        cell=entry.cell,
        status="error",
        seconds=round(seconds, 3),
        problem=plain_line(error.brief, 200),
        details=error.details,
    )
