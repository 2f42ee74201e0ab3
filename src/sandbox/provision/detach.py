"""What a detached sandbox runs, and whether its published ports answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.container.services import Service, service_files, service_of
from sandbox.container.sockets import tcp_ports
from sandbox.core.tasks import wait_until
from sandbox.errors import EngineError, SandboxDied
from sandbox.lifecycle.lifetimes import start_script
from sandbox.provision.container import image_folder, present_folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.container.box import Box
    from sandbox.errors import Row
    from sandbox.managers.protocol import Manager, PackageRef
    from sandbox.provision.launch import Launch
    from sandbox.provision.run import Provisioned

UNIT_LIMIT: Final = 200_000
PORT_LIMIT: Final = 15.0
"""Seconds that a service has to listen on a published port."""
EARLY: Final = 0.5
"""Seconds after which a command that can't run has ended."""


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


def run_by_itself(launch: Launch, state: Provisioned) -> Detached:
    """Start the user's command, or else the packages' service; return what runs and which ports answer."""
    box, plan = launch.box, launch.plan
    found = None if plan.command else service(box, launch.manager, state)
    if plan.command:
        script = start_script(plan.command, launch.env, present_folder(box, image_folder(plan.spec, launch.image)))
    else:
        script = found.script if found else ""
    launch.session.detach_lifetime(script)
    answers: Mapping[int, bool | None] = {}
    if script and not _ends_early(box):
        published = [port.container for port in plan.spec.ports if port.protocol == "tcp"]
        answers = wait_for_ports(box, published)
    last = box.container()
    return Detached(
        command=plan.command,
        service=found,
        ports=last.ports if last else (),
        answers=answers,
        has_ended=last is None or last.state != "running",
    )


def _ends_early(box: Box) -> bool:
    """Return whether it ended soon after its start, like a command that does not exist."""
    return wait_until(lambda: not box.is_running(), EARLY, step=0.1)


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
