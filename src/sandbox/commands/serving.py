"""Starts the service that came, to see where it listens, and ends it again."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sandbox.commands.detach import service
from sandbox.engine.base import ExecSpec
from sandbox.evaluate.findings import Started
from sandbox.evaluate.running import Running, look
from sandbox.evaluate.snapshot import readable
from sandbox.inside import run
from sandbox.task import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.engine.base import Engine
    from sandbox.managers.base import Manager
    from sandbox.provision import Provisioned
    from sandbox.report.base import Reporter

START_LIMIT: Final = 4.0
"""Seconds in which a service has to listen; one that does not by then is one that listens nowhere."""
SETTLED: Final = 0.4
"""Seconds for which nothing new listens until that is all."""
END_LIMIT: Final = 3.0
"""Seconds that it has to end by itself."""
SILENT: Final = 'exec sh -c "$1" </dev/null >/dev/null 2>&1'


def served(
    engine: Engine, container: str, manager: Manager, state: Provisioned, *, reporter: Reporter, before: Running
) -> tuple[Started | None, Running]:
    """Return the service of the packages that came and what listened while it ran; None where they have none."""
    found = service(engine, container, manager, state)
    if found is None:
        return None, before
    with reporter.step("service", found.name) as step:
        process = engine.open(container, ExecSpec(argv=("sh", "-c", SILENT, "sh", found.script), user="0"))
        try:
            now = _settled(engine, container, before)
            runs = bool(_new(now, before))
            _end(engine, container, before)
        finally:
            process.stream.close()
        ports = sorted({f"{port.number}/{port.protocol}" for port in now.ports - before.ports})
        step.title(f"{found.name}: {', '.join(ports) or 'listens nowhere' if runs else 'ended at once'}")
    return Started(name=readable(found.name), path=readable(found.path), runs=runs), now


@contextmanager
def serving(
    engine: Engine, container: str, manager: Manager, state: Provisioned, *, reporter: Reporter
) -> Iterator[None]:
    """Let the service of the packages run while the block does; where they have none, or it runs, nothing happens."""
    found = service(engine, container, manager, state)
    if found is None:
        yield
        return
    with reporter.step("service", found.name):
        process = engine.open(container, ExecSpec(argv=("sh", "-c", SILENT, "sh", found.script), user="0"))
    try:
        yield
    finally:
        process.stream.close()


def _new(now: Running, before: Running) -> tuple[int, ...]:
    known = {process.pid for process in before.processes}
    return tuple(process.pid for process in now.processes if process.pid not in known)


def _settled(engine: Engine, container: str, before: Running) -> Running:
    """Return what runs once the ports no longer change, or nothing of it runs any more."""
    began = changed = time.monotonic()
    now = before
    while True:
        last, now = now, look(engine, container)
        moment = time.monotonic()
        changed = moment if now.ports != last.ports else changed
        has_ended = moment - began > SETTLED and not _new(now, before)
        is_settled = now.ports != before.ports and moment - changed > SETTLED
        if has_ended or is_settled or moment - began > START_LIMIT:
            return now
        time.sleep(0.1)


def _end(engine: Engine, container: str, before: Running) -> None:
    """End what runs now and did not before."""

    def over() -> bool:
        return not _new(look(engine, container), before)

    for signal in ("TERM", "KILL"):
        pids = _new(look(engine, container), before)
        if not pids:
            return
        argv = ("sh", "-c", 'kill "$@" 2>/dev/null; :', "sh", f"-{signal}", *map(str, pids))
        run(engine, container, ExecSpec(argv=argv, user="0"))
        if wait_until(over, END_LIMIT, step=0.1):
            return
