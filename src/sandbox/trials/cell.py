"""One cell of a matrix: its sandbox, its checks, and a shell in it."""

from __future__ import annotations

import time
from contextlib import nullcontext
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sandbox.errors import SandboxError
from sandbox.provision.launch import launched
from sandbox.specs.model import PortCheck
from sandbox.trials.results import CellResult, Held

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from sandbox.core.progress import Reporter
    from sandbox.lifecycle.session import Session
    from sandbox.provision.context import Context
    from sandbox.provision.image import ResolvedImage
    from sandbox.provision.launch import Launch
    from sandbox.provision.run import Provisioned
    from sandbox.trials.base_looks import BaseLooks
    from sandbox.trials.results import CheckResult
    from sandbox.trials.runner import MatrixEntry


def launched_cell(
    entry: MatrixEntry,
    host: Context,
    *,
    session: Session,
    reporter: Reporter,
    turn: AbstractContextManager[object],
) -> AbstractContextManager[Launch]:
    """Return the context of a cell's sandbox, as `launched` does; `turn` is held while the base is pulled or built."""
    return launched(entry.request, host, session=session, reporter=reporter, adapt=_without_ports, turn=turn)


def _without_ports(found: ResolvedImage) -> ResolvedImage:
    """Return it without published ports: checks run inside, and two cells can't share a host port."""
    return replace(found, plan=replace(found.plan, spec=replace(found.plan.spec, ports=())))


def run_cell(launch: Launch, entry: MatrixEntry, *, began: float, look: bool, bases: BaseLooks) -> CellResult:
    """Provision and check, and return what came of it, since it `began`; raise what provisioning does.

    `bases` are what the matrix knows of its bases. With `look`, what the sandbox holds at the end is in the result.
    """
    try:
        state = _provision(launch, bases)
        install = time.monotonic() - began
        checks = _check(launch, state)
        held = _holdings(launch) if look else None
    except SandboxError:
        launch.disk.end()
        raise
    launch.disk.end()
    return CellResult(
        cell=entry.cell,
        status="passed" if all(check.holds for check in checks) else "failed",
        seconds=round(time.monotonic() - began, 3),
        install=round(install, 3),
        checks=checks,
        engine=launch.engine.url,
        held=held,
    )


def open_shell(launch: Launch) -> None:
    """Open a shell in the sandbox at this terminal. Raises if the sandbox has ended."""
    from sandbox.container.shell import shell_spec
    from sandbox.engine import tty

    tty.await_foreground(launch.reporter)
    spec = shell_spec((), launch.plan.shells, env=launch.env, terminal=tty.size(), is_asked=False)
    process = launch.box.open(spec)
    tty.flush_standard_streams()
    try:
        tty.interact(process)
    finally:
        process.stream.close()
    launch.box.exit_status(process)


def _provision(launch: Launch, bases: BaseLooks) -> Provisioned:
    from sandbox.provision.index_choice import index_use

    index = index_use(launch.box, launch.found, launch.context)
    work = launch.provisioning(goes=not launch.plan.cached, index=index)
    state = work.run(path=launch.path, share=lambda read: bases.of(launch, read), looks_at_once=True)
    if launch.plan.spec.copies:
        from sandbox.provision.copies import copy_all

        copy_all(launch.box, launch.plan.spec.copies, launch.reporter)
    if launch.plan.spec.network == "offline":
        launch.box.disconnect()
    return state


def _check(launch: Launch, state: Provisioned) -> tuple[CheckResult, ...]:
    from sandbox.trials.checks import run_checks

    with _service_for_checks(launch, state):
        return run_checks(launch.box, launch.plan.spec.checks, launch.reporter, env=launch.env)


def _service_for_checks(launch: Launch, state: Provisioned) -> AbstractContextManager[None]:
    """Run the packages' service for a port check if nothing listens there yet."""
    from sandbox.container.sockets import tcp_ports
    from sandbox.inspect.service_trial import running_service

    ports = {check.port for check in launch.plan.spec.checks if isinstance(check, PortCheck)}
    if not ports or ports <= {*tcp_ports(launch.box)}:
        return nullcontext()
    return running_service(launch.box, launch.manager, state, reporter=launch.reporter)


def _holdings(launch: Launch) -> Held:
    """Return the final packages and commands."""
    from sandbox.container.languages import language_packages, languages_with
    from sandbox.container.survey import survey

    seen = survey(launch.box, launch.manager, path=launch.path)
    others = language_packages(launch.box, languages_with(seen.commands))
    packages: dict[str, str] = {}
    for package in (*seen.probe.packages, *others):
        before = packages.get(package.full_name)
        packages[package.full_name] = f"{before}, {package.version}" if before else package.version
    return Held(packages=packages, commands=tuple(sorted(seen.commands)))
