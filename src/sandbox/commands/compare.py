"""`sandbox compare`: runs several inspections, two more at a time than the machine has cores."""

from __future__ import annotations

import os
import threading
import time
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from sandbox.commands.inspect import inspect
from sandbox.core.human import count
from sandbox.core.plaintext import plain_line
from sandbox.core.signals import Guard
from sandbox.core.tasks import Background, sandboxes_at_once
from sandbox.errors import SandboxError
from sandbox.inspect.baseline import BaselineSnapshots
from sandbox.inspect.comparison import ComparedTarget, Comparison
from sandbox.lifecycle.cleanup import Sweep
from sandbox.lifecycle.session import left_images

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.core.progress import Reporter
    from sandbox.engine.protocol import Engine
    from sandbox.lifecycle.removal import Removal
    from sandbox.lifecycle.session import Session
    from sandbox.provision.context import Context
    from sandbox.provision.request import TryRequest


class Comparing:
    """The inspections of one comparison, each with its own session, on one engine."""

    def __init__(
        self,
        requests: Mapping[str, TryRequest],
        host: Context,
        *,
        connect: Callable[[], Engine],
        reporter: Reporter,
        silent: Reporter,
        guard: Guard,
        jobs: int | None = None,
        listens: bool = False,
    ) -> None:
        self._requests = requests
        self._host = host
        self._connect = connect
        self._reporter = reporter
        self._silent = silent
        self._guard = guard
        self._jobs = min(jobs or sandboxes_at_once(os.cpu_count() or 1), len(requests))
        self._listens = listens
        self._pristine = BaselineSnapshots(host.cache_folder)
        self._lock = threading.Lock()
        self._begun: list[Session] = []
        self._ended: dict[str, str] = {}
        """The names of the sessions that are over, by id."""
        self._is_over = False
        self.removals: list[Removal] = []

    def run(self) -> Comparison:
        """Inspect all and return the results; a failed inspection becomes a candidate with its failure."""
        began = time.monotonic()
        waiting: SimpleQueue[str] = SimpleQueue()
        for name in self._requests:
            waiting.put(name)
        found: dict[str, ComparedTarget] = {}
        self._reporter.rows([(f"  {count(len(self._requests), 'inspection')}", f"{self._jobs} at a time")])
        # One connection for all: Docker runs two programs for each new one, and two for the description that each asks.
        with self._connect() as engine:
            sweep = Sweep(engine, self._host.owner, self._host.state_folder)
            tasks = [Background(lambda: self._work(waiting, found, engine, sweep)) for _ in range(self._jobs)]
            try:
                for task in tasks:
                    task.result()
            finally:
                self._guard.cleaning = True
                self._end(engine)
        candidates = tuple(found[name] for name in self._requests)
        return Comparison(candidates=candidates, seconds=round(time.monotonic() - began, 2))

    def _work(self, waiting: SimpleQueue[str], found: dict[str, ComparedTarget], engine: Engine, sweep: Sweep) -> None:
        """Inspect the waiting candidates one after the other."""
        while not self._is_over:
            try:
                name = waiting.get_nowait()
            except Empty:
                return
            found[name] = self._inspect(name, engine, sweep)

    def _inspect(self, name: str, engine: Engine, sweep: Sweep) -> ComparedTarget:
        began, note = time.monotonic(), "interrupted"
        session = self._host.session(engine)
        session.is_one_of_many = True
        with self._lock:
            self._begun.append(session)
            if self._is_over:
                session.close()  # start nothing more in it
        try:
            result = inspect(
                self._requests[name],
                self._host,
                session=session,
                reporter=self._silent,
                guard=Guard(),
                listens=self._listens,
                pristine=self._pristine,
                sweep=sweep,
            )
            note = ""
        except SandboxError as error:
            note = note if self._is_over else "failed"
            return ComparedTarget(name=name, failure=plain_line(error.brief, 200))
        finally:
            with self._lock:
                self._begun.remove(session)
                self._ended[session.id] = session.name
            self.removals.append(session.finish())
            self._reporter.rows([(f"  {name:<24}", f"{time.monotonic() - began:.1f} s    {note}".rstrip())])
        return ComparedTarget(name=name, inspection=result.inspection)

    def _end(self, engine: Engine) -> None:
        """Remove what interrupted inspections have created, and ask once which images are left of all."""
        self._is_over = True
        with self._lock:
            begun = tuple(self._begun)
        # All begin to close before the first is awaited: one after the other, 25 of 544 ends under load took over 2 s.
        for session in begun:
            session.close()
        for session in begun:
            session.finish()
        with self._lock:
            ended = {**self._ended, **{session.id: session.name for session in begun}}
        images = left_images(engine, ended)
        self.removals.append(images)
        for failure in images.failures:
            self._silent.warn(failure)
