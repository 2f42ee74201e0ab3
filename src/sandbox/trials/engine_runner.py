"""A matrix on engines: its cells side by side, each in a sandbox of its own, spread over the engines that there are."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sandbox.core.plaintext import plain_line
from sandbox.core.tasks import Background
from sandbox.errors import EngineError, SandboxDied, SandboxError
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
    from sandbox.lifecycle.removal import Removal
    from sandbox.lifecycle.session import Session
    from sandbox.provision.context import Context
    from sandbox.provision.launch import Launch
    from sandbox.trials.results import Cell, Status
    from sandbox.trials.runner import MatrixEntry, Watcher

MOST: Final = 8
"""Cells at a time on one engine, however many cores it has: mirrors are other people's."""
ENGINE_TRIES: Final = 3
BETWEEN_TRIES: Final = 1.0
"""Seconds between the questions to an engine under which a cell failed: one that restarts is not lost."""


class RunOptions(Struct, frozen=True, kw_only=True):
    """How cells are run: `retries` of one that does not pass, each one `twice`, the first failed one's box `kept`."""

    jobs: int | None = None
    retries: int = 0
    twice: bool = False
    keep_failed: bool = False


class Log(Struct, frozen=True, kw_only=True):
    """Where a cell's run is written down: a reporter, what writes a line of output into it, and what closes it."""

    reporter: Reporter
    line: Callable[[str], None]
    close: Callable[[], None]


class QueuedCell(Struct, frozen=True, kw_only=True):
    """An entry that waits, and the engines that were lost under it."""

    entry: MatrixEntry
    lost: tuple[str, ...] = ()


class HeldCell(Struct, frozen=True, kw_only=True):
    """A cell that did not pass, with its sandbox, which still runs until `close`."""

    entry: MatrixEntry
    launch: Launch
    close: Callable[[], None]

    def shell(self) -> None:
        """Open a shell in it; raise as `open_shell` does."""
        open_shell(self.launch)


def slots_of(engine: Engine, jobs: int | None) -> int:
    """Return how many cells an engine is given at a time: as many as asked for, else as it has cores."""
    return jobs or max(1, min(engine.about().cpus, MOST))


class EngineRunner:
    """Runs a matrix on engines; `close` removes what is left of it, from another thread too."""

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
        self._is_over = False
        self.removals: list[Removal] = []
        self.held: HeldCell | None = None
        """The sandbox of the first cell that did not pass, where it was to be kept."""

    @property
    def warnings(self) -> tuple[EngineError, ...]:
        """The engines that were lost, and why."""
        lost = [place for place in self._places if place.lost]
        return tuple(EngineError(f"lost the engine at {place.url}: {place.lost}") for place in lost)

    def run(self, entries: Sequence[MatrixEntry], watcher: Watcher) -> tuple[CellResult, ...]:
        """Run all and return what came of each, in their order."""
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
        """Remove what is still there: of cells that were cut off, and of the one that was kept."""
        with self._lock:
            self._is_over = True
            begun, self._begun = self._begun, []
        for session in begun:
            session.close()
        self.removals += [session.finish() for session in begun]
        if self.held is not None:
            self.held.close()

    def _work(self, spread: Scheduler[QueuedCell], found: dict[Cell, CellResult], watcher: Watcher) -> None:
        """Run what waits, one after the other, until nothing does."""
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
        """Return what came of a cell, after the tries that it has; raise EngineError where its engine is lost."""
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
        """Run a cell once, or twice where what differs is wanted."""
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
        """Run a cell in a sandbox that is gone afterwards, unless it is to be looked at; raise for an engine lost."""
        began = time.monotonic()
        engine = self._connect[place.url]()
        session = self._host.session(engine)
        with ExitStack() as stack:
            stack.enter_context(engine)
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
                result = run_cell(launch, entry, began=began, look=self._wanted.twice)
            except SandboxError as error:
                result = self._failure(entry, place, error, reporter, began)
            if keep and result.status != "passed":
                self._keep_first(entry, launch, stack)
        return replace(result, engine=place.url)

    def _turn(self, entry: MatrixEntry, place: Worker) -> AbstractContextManager[object]:
        """Return what is held by the one cell that makes sure of a base on an engine."""
        plan = entry.request.plan
        return self._alone[place.url, plan.images[0] if plan and plan.images else entry.request.title]

    def _failure(
        self, entry: MatrixEntry, place: Worker, error: SandboxError, reporter: Reporter, began: float
    ) -> CellResult:
        """Return the result of a cell that could not be run; raise EngineError where the engine is lost."""
        reporter.warn(error)
        if isinstance(error, EngineError | SandboxDied):
            self._check_engine(place, error)
        return replace(_failure(entry, error, time.monotonic() - began), engine=place.url)

    def _keep_first(self, entry: MatrixEntry, launch: Launch, stack: ExitStack) -> None:
        """Keep the sandbox of the first cell that does not pass, where that is wanted and it still runs."""
        with self._lock:
            if self._wanted.keep_failed and self.held is None and not self._is_over and _is_up(launch):
                self.held = HeldCell(entry=entry, launch=launch, close=stack.pop_all().close)

    def _end(self, session: Session) -> None:
        """Note what became of a cell's sandbox, unless `close` does."""
        removal = session.finish()
        with self._lock:
            if session in self._begun:
                self._begun.remove(session)
                self.removals.append(removal)

    def _check_engine(self, place: Worker, error: SandboxError) -> None:
        """Raise EngineError where the engine under a failed cell no longer answers."""
        for number in range(ENGINE_TRIES):
            try:
                self._connect[place.url]().__exit__(None, None, None)
                return
            except EngineError as silent:
                if number == ENGINE_TRIES - 1:
                    raise EngineError(f"{silent.brief}; {plain_line(error.brief, 100)}") from error
                time.sleep(self._pause)


def _is_up(launch: Launch) -> bool:
    """Return whether a sandbox runs that can be looked into."""
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
