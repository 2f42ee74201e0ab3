"""Starts the new services one after the other, sees where they listen, and ends them."""

from __future__ import annotations

import select
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.container.box import ROOT
from sandbox.container.processes import (
    Running,
    has_begun,
    is_busy,
    is_over,
    new,
    ports_by_choice,
    running_processes,
    without_starters,
)
from sandbox.container.services import HOLD, worth_starting
from sandbox.container.snapshot import readable
from sandbox.core.human import count, names
from sandbox.core.programs import program
from sandbox.core.tasks import wait_until
from sandbox.engine.protocol import ExecSpec
from sandbox.inspect.boot import FOLDERS
from sandbox.inspect.findings import ServiceStart
from sandbox.inspect.locations import enabling_link, service_name
from sandbox.provision.detach import service

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from sandbox.container.box import Box
    from sandbox.container.services import Service
    from sandbox.container.snapshot import Snapshot
    from sandbox.container.sockets import ListeningPort
    from sandbox.core.progress import Reporter
    from sandbox.inspect.file_changes import FileDiff
    from sandbox.managers.protocol import Manager
    from sandbox.provision.run import Provisioned

START_LIMIT: Final = 4.0
"""Seconds for a service to listen; after that it counts as listening nowhere, unless it is still at work."""
BUSY_LIMIT: Final = 20.0
"""Seconds for a service that is still at work: at a load of 20 on two cores redis-server needed more than 4."""
SETTLED: Final = 0.4
"""Seconds without a new port after which no more are expected."""
END_LIMIT: Final = 3.0
"""Seconds for a service to end by itself."""
ROOM: Final = 12.0
"""Seconds after which no further service is started."""
MOST: Final = 8
"""Most services to start."""
SILENT: Final = 'echo; exec sh -c "$1" </dev/null >/dev/null 2>&1'
"""Prints a line once it runs: a busy engine says that an exec runs before its program does."""


def services_of(
    after: Snapshot, difference: FileDiff, own: Collection[str], *, wanted: Sequence[str], without: Collection[str] = ()
) -> tuple[Service, ...]:
    """Return the services that came and are to be started; `own` are the files of the packages asked for, by real path.

    Those that files `without` describe are not. What a unit says is read of the snapshot: nothing is asked for it.
    """
    came = [path for path in (*difference.added, *difference.changed) if after.real(path) not in without]
    came = [path for path in came if not _is_hidden(path, after)]
    texts = {path: after.contents[path].decode(errors="replace") for path in came if path in after.contents}
    at_boot = {name.removesuffix(".service") for path in difference.added if (name := enabling_link(path))}
    texts = {
        path: text
        for path, text in texts.items()
        if service_name(path).removesuffix(".service") in at_boot or not _has_socket(path, after)
    }
    found = worth_starting(texts, [path for path in texts if after.real(path) in own], wanted=wanted, at_boot=at_boot)
    return tuple(replace(one, lasts=one.lasts and not _is_called(one, after)) for one in found)


def _is_hidden(path: str, after: Snapshot) -> bool:
    """Return whether an init script has the name of a link among units: an alias of one, or masked."""
    units = (after.entries.get(f"{folder}{service_name(path)}.service") for folder in FOLDERS)
    return not path.endswith(".service") and any(unit is not None and unit.kind == "l" for unit in units)


def _has_socket(path: str, after: Snapshot) -> bool:
    """Return whether a socket unit has its name: without what that gives it, it listens elsewhere, or ends."""
    name = service_name(path).removesuffix(".service")
    return path.endswith(".service") and any(f"{folder}{name}.socket" in after.entries for folder in FOLDERS)


def _is_called(found: Service, after: Snapshot) -> bool:
    """Return whether a timer or path unit starts it: then it does its work and ends."""
    stem = found.path.removesuffix(".service")
    return any(f"{stem}.{kind}" in after.entries for kind in ("timer", "path"))


def start_each(
    box: Box, services: Sequence[Service], *, reporter: Reporter, before: Running
) -> Iterator[tuple[ServiceStart, Running]]:
    """Yield each service with the ports it opened while it ran alone, as many services as the limits allow."""
    if services:
        box.exec(("sh", "-c", program(__package__, "boot_folders.sh")), seconds=END_LIMIT)
    began = time.monotonic()
    for one in services[:MOST]:
        if time.monotonic() - began > ROOM:
            return
        yield _start_service(box, one, reporter=reporter, before=before)


def not_started_note(services: Sequence[Service], started: int) -> str:
    """Return a sentence on services that the limits left out, or ""."""
    if started == len(services):
        return ""
    return f"Of {count(len(services), 'service')}, inspect started only {started} to see where they listen."


def ended_early_note(services: Iterable[Service], started: Iterable[ServiceStart]) -> str:
    """Return a sentence on services that ended here, so that nobody saw where they listen; nothing where none did.

    What they miss may be the sandbox's: systemd, an address of IPv6, a right of the kernel.
    """
    over = {one.name for one in started if not one.runs}
    ended = tuple(name for one in services if one.lasts and (name := readable(one.name)) in over)
    if not ended:
        return ""
    it = "it" if len(ended) == 1 else "they"
    return f"{names(ended, 3)} ended at once in the sandbox, so inspect could not see which ports {it} may open."


def _start_service(box: Box, found: Service, *, reporter: Reporter, before: Running) -> tuple[ServiceStart, Running]:
    with reporter.step("service", readable(found.name)) as step:
        now, runs = _watch(box, found, before)
        if any(now.may_choose(port) for port in now.ports - before.ports):
            again, _ = _watch(box, found, before)
            now = replace(now, ports=ports_by_choice(now, again, before))
        ports = sorted({f"{port.number}/{port.protocol}" for port in now.ports - before.ports})
        said = ", ".join(ports) or "opens no port" if runs else "ended at once"
        step.title(f"{readable(found.name)}: {said}")
    return ServiceStart(name=readable(found.name), path=readable(found.path), runs=runs), now


def _watch(box: Box, found: Service, before: Running) -> tuple[Running, bool]:
    """Start a service, return its processes and ports and whether it keeps running, and end it."""
    process = box.open(ExecSpec(argv=("sh", "-c", SILENT, "sh", found.script), user=ROOT))
    try:
        select.select([] if process.stream.pending else [process.stream], [], [], BUSY_LIMIT)
        holds = found.script.endswith(HOLD)
        now = wait_until_quiet(box, before, holds=holds)
        runs = not is_over(now, before)
        if holds and not has_begun(now, before):
            now = without_starters(now, before)
        _end(box, before)
    finally:
        process.stream.close()
    return now, runs


@contextmanager
def running_service(box: Box, manager: Manager, state: Provisioned, *, reporter: Reporter) -> Iterator[None]:
    """Run the packages' service during the block; nothing happens if there is none or it already runs."""
    found = service(box, manager, state)
    if found is None:
        yield
        return
    with reporter.step("service", found.name):
        process = box.open(ExecSpec(argv=("sh", "-c", SILENT, "sh", found.script), user=ROOT))
    try:
        yield
    finally:
        process.stream.close()


def wait_until_quiet(box: Box, before: Running, *, holds: bool) -> Running:
    """Return what runs once the ports no longer change, or nothing of it runs any more.

    What `holds` the place of a service is waited for: until then a script of root's starts it.
    """
    began = changed = time.monotonic()
    now = before
    while True:
        last, now = now, running_processes(box)
        moment = time.monotonic()
        changed = moment if _lasting_ports(now) != _lasting_ports(last) else changed
        has_ended = moment - began > SETTLED and is_over(now, before)
        # postgresql was reported as root's: root runs its init script until the server has started.
        is_up = not holds or has_begun(now, before)
        # a port for replies comes first: squid's 3128/tcp was missed behind one of UDP
        is_settled = is_up and _lasting_ports(now) != _lasting_ports(before) and moment - changed > SETTLED
        limit = BUSY_LIMIT if is_busy(now, before) else START_LIMIT
        if has_ended or is_settled or moment - began > limit:
            return now
        time.sleep(0.1)


def _lasting_ports(now: Running) -> frozenset[ListeningPort]:
    """Return the ports without UDP ports that a client may use for a moment."""
    return frozenset(port for port in now.ports if port.protocol != "udp" or not now.may_choose(port))


def _end(box: Box, before: Running) -> None:
    """End the processes that started since `before`."""

    def over() -> bool:
        return not new(running_processes(box), before)

    for signal in ("TERM", "KILL"):
        pids = [process.pid for process in new(running_processes(box), before)]
        if not pids:
            return
        argv = ("sh", "-c", 'kill "$@" 2>/dev/null; :', "sh", f"-{signal}", *map(str, pids))
        box.exec(argv)
        if wait_until(over, END_LIMIT, step=0.1):
            return
