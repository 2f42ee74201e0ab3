"""Work in threads."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from sandbox.core.signals import leave_signals_to_main

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Item = TypeVar("Item")
Result = TypeVar("Result")

THREADS: Final = 8
"""Requests to send to an engine at a time: it makes more of them wait."""
MOST_SANDBOXES: Final = 8
"""Sandboxes at a time where nobody says how many: more don't make an engine faster, and load other people's mirrors."""
PARALLEL_FROM: Final = 3
"""Number of items from which threads pay off."""


class Background(Generic[Result]):
    """Work in a thread; its result or error is raised where it is needed.

    Where no thread can be started, as while the interpreter ends (CPython 3.12), the work is done at once.
    """

    def __init__(self, work: Callable[[], Result]) -> None:
        self._work = work
        self._result: Result | None = None
        self._error: BaseException | None = None
        self._over = threading.Event()  # an interrupted join marks a live thread as ended (CPython 3.10 to 3.12)
        try:
            with leave_signals_to_main():
                threading.Thread(target=self._run, daemon=True).start()
        except RuntimeError:
            self._run()

    def _run(self) -> None:
        try:
            self._result = self._work()
        except BaseException as error:  # noqa: BLE001 - it is raised again where the result is wanted
            self._error = error
        finally:
            del self._work  # what it was given may be large
            self._over.set()

    def wait(self, limit: float) -> bool:
        """Return whether it ended within `limit` seconds."""
        return self._over.wait(limit)

    def result(self) -> Result:
        """Wait for the result; signals interrupt the wait. Raises what the work raised."""
        self._over.wait()
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]  # set, since the work ended without an error


class Deferred(Generic[Result]):
    """Work in a thread that starts when asked to, or when its result is needed."""

    def __init__(self, work: Callable[[], Result]) -> None:
        self._work = work
        self._task: Background[Result] | None = None
        self._turn = threading.Lock()

    def begin(self) -> Background[Result]:
        """Start it, once, whichever threads ask for that."""
        with self._turn:
            if self._task is None:
                self._task = Background(self._work)
            return self._task

    def result(self) -> Result:
        """Wait for the result; raise what the work raised."""
        return self.begin().result()


def parallel_map(work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Return `work(item)` of each item, in order, from a few threads. Raises the first error."""
    if len(items) < PARALLEL_FROM:
        return [work(item) for item in items]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(THREADS) as pool:
        with leave_signals_to_main():
            results = pool.map(work, items)
        return list(results)


def sandboxes_at_once(cores: int) -> int:
    """Return how many sandboxes are worked on at a time, on so many cores of an engine, where nobody says how many.

    Two more than the cores, since each waits for the engine and the network at times: on 2 cores, 32 cells of a matrix
    took 24.6 s one at a time, 17.0 s two, 13.6 s three and 13.4 s four at a time; four inspections 15.3, 11.4, 10.8 and
    10.4 s.
    """
    return min(max(cores, 1) + 2, MOST_SANDBOXES)


def wait_until(condition: Callable[[], bool], limit: float, step: float = 0.02) -> bool:
    """Return whether the condition became true within `limit` seconds."""
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(step)
    return True
