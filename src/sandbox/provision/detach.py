"""What a detached sandbox runs, and whether its published ports answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.container.processes import is_busy, new, running_processes
from sandbox.container.services import Service, service_files, service_of
from sandbox.container.sockets import tcp_ports
from sandbox.core.tasks import wait_until
from sandbox.errors import EngineError, SandboxDied
from sandbox.lifecycle.lifetimes import start_script
from sandbox.provision.container import image_folder, present_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.container.box import Box
    from sandbox.container.processes import Running
    from sandbox.errors import Row
    from sandbox.managers.protocol import Manager, PackageRef
    from sandbox.provision.launch import Launch
    from sandbox.provision.run import Provisioned

UNIT_LIMIT: Final = 200_000
PORT_LIMIT: Final = 15.0
"""Seconds that a service has to listen on a published port."""
EARLY: Final = 0.5
"""Seconds of a processor in which a command that can't run has ended."""
LOOK_STEP: Final = 0.1
BEGIN_LIMIT: Final = 60.0
"""Seconds to watch a start, on a machine that is busy with others."""
UNSEEN_LIMIT: Final = 10.0
"""Seconds until the first process of a start is seen: a runtime may show none."""


def service(box: Box, manager: Manager, state: Provisioned) -> Service | None:
    """Return the service of the requested packages, or else of their dependencies."""
    wanted = [package.name for package in state.asked if not package.source]
    for group in (wanted, [name for name in state.came if name not in wanted]):
        for path in service_files(_files(box, manager, group), wanted):
            content = box.read_file(path, limit=UNIT_LIMIT)
            found = service_of(path, content.decode(errors="replace")) if content else None
            if found is not None:
                return found
    return None


def _files(box: Box, manager: Manager, names: Sequence[str]) -> tuple[str, ...]:
    from sandbox.managers.protocol import PackageRef

    if not names:
        return ()
    refs: list[PackageRef] = [PackageRef(name=name) for name in names]
    query = manager.files(refs)
    return query.parse(box.exec(query.argv, env=manager.environment).stdout)


class Detached(Struct, frozen=True, kw_only=True):
    """What a detached sandbox runs: a command of the user's, else a service of its packages, else nothing.

    `ports` are those that are published, each with its place on this host. `answers` says of each TCP port that was
    asked for whether it answers from outside, only on the loopback (False), or not at all (None).
    """

    command: tuple[str, ...]
    service: Service | None
    ports: tuple[Row, ...]
    answers: Mapping[int, bool | None]
    has_ended: bool
    status: int | None = None
    """Exit status of what has ended; None where the engine does not say."""


def run_by_itself(launch: Launch, state: Provisioned) -> Detached:
    """Start the user's command, or else the packages' service; return what runs and which ports answer."""
    box, plan = launch.box, launch.plan
    found = None if plan.command else service(box, launch.manager, state)
    if plan.command:
        script = start_script(plan.command, launch.env, present_folder(box, image_folder(plan.spec, launch.image)))
    else:
        script = found.script if found else ""
    before = _look(box) if script else None
    launch.session.detach_lifetime(script)
    answers: Mapping[int, bool | None] = {}
    if script and not _ends_early(box, before):
        published = [port.container for port in plan.spec.ports if port.protocol == "tcp"]
        answers = wait_for_ports(box, published)
    last = box.container()
    has_ended = last is None or last.state != "running"
    return Detached(
        command=plan.command,
        service=found,
        ports=last.ports if last else (),
        answers=answers,
        has_ended=has_ended,
        status=_status(box) if has_ended else None,
    )


def _status(box: Box) -> int | None:
    """Return the exit status of what has ended, as far as the engine says it."""
    try:
        return box.ending().status
    except EngineError:
        return None


def _ends_early(box: Box, before: Running | None) -> bool:
    """Return whether what was started ends before it has come to rest, like a command that does not exist.

    It rests where at two looks in a row all its processes wait for something, and have done nothing in between, as a
    server that waits for its clients; what works on has begun, too. `before`: what ran before the start. On a busy
    machine a start takes many times as long.
    """
    if before is None:
        return wait_until(lambda: not box.is_running(), EARLY, step=LOOK_STEP)
    seen: list[dict[int, float]] = [{}]
    late = time.monotonic() + UNSEEN_LIMIT

    def is_decided() -> bool:
        now = _look(box)
        if now is None:
            return not box.is_running()
        work = {process.pid: now.work[process.pid] for process in new(now, before)}
        seen.append({} if is_busy(now, before) else work)
        if not work:
            return not any(seen) and time.monotonic() > late
        return seen[-1] == seen[-2] == work or sum(work.values()) >= EARLY

    wait_until(is_decided, BEGIN_LIMIT, step=LOOK_STEP)
    return not box.is_running()


def _look(box: Box) -> Running | None:
    """Return what runs; None where that can't be seen, as of a sandbox that has ended."""
    try:
        return running_processes(box)
    except (EngineError, SandboxDied):
        return None


def wait_for_ports(box: Box, ports: Sequence[int]) -> dict[int, bool | None]:
    """Return for each port whether it answers from outside, only on the loopback (False), or not at all (None)."""
    found: dict[int, bool] = {}

    def listen() -> bool:
        try:
            found.update(tcp_ports(box))
        except (EngineError, SandboxDied):  # its row already says that it ended
            return True
        return all(port in found for port in ports)

    if ports:
        wait_until(listen, PORT_LIMIT, step=0.1)
    return {port: found.get(port) for port in ports}
