"""Runs an installer for a user who goes on in the sandbox afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.engine import tty
from sandbox.errors import StepFailed
from sandbox.provision.installer import InstallerRoom, answers_hint
from sandbox.provision.network import host_network

if TYPE_CHECKING:
    from sandbox.provision.installer import Installer
    from sandbox.provision.launch import Launch

SIGNALLED: Final = 128
"""An exit status above it is that of a signal."""


def run_for_user(launch: Launch, installer: Installer, *, at_terminal: bool) -> None:
    """Run it: at the user's terminal if there is one and no answers are given, so that they answer.

    Where it fails, the shell opens all the same, so that the user can look; without one StepFailed is raised.
    """
    room = _room_of(launch, installer)
    with launch.reporter.step("copy", installer.name):
        room.prepare()
    by_user = at_terminal and not installer.replies
    error = _failure_at_terminal(launch, room) if by_user else _failure_in_step(launch, room)
    if error is not None:
        error.details = (*error.details, *(("note", note) for note in installer.notes))
    if error is not None and not at_terminal:
        raise error
    if error is not None:
        launch.reporter.warn(error)


def _room_of(launch: Launch, installer: Installer) -> InstallerRoom:
    network = host_network(launch.context.environ, ca=launch.context.settings.ca)
    env = {**launch.manager.environment, **launch.env}
    return InstallerRoom(launch.box, installer, env=env, network=network)


def _failure_at_terminal(launch: Launch, room: InstallerRoom) -> StepFailed | None:
    """Join the user to the installer until it ends; return why it failed, None where it did not."""
    process = launch.box.open(room.spec())
    try:
        tty.interact(process)
    finally:
        process.stream.close()
    status = launch.box.exit_status(process)
    if status > SIGNALLED:
        launch.reporter.blank()  # its question and the echo of Ctrl-C stand on the line
    return StepFailed(f"{room.installer.name} ended with status {status}", cause="script") if status else None


def _failure_in_step(launch: Launch, room: InstallerRoom) -> StepFailed | None:
    """Run the installer by the answers that it is given; return why it failed, None where it did not."""
    one = room.installer
    with launch.reporter.step("run", one.line) as step:
        ended = room.run(step.line)
    failure = ended.failure(one.name, one.limit)
    hints = [answers_hint(ended.question)] if ended.question else []
    return StepFailed(failure, cause="script", hints=hints) if failure else None
