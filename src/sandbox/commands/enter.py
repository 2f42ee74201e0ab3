"""`sandbox enter`: a terminal, or a command, in a sandbox that is there."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sandbox.distros.lookup import find_target
from sandbox.engine.base import Image
from sandbox.errors import NotFound, SandboxDied, UsageError
from sandbox.session import STOP_LIMIT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.commands.boxes import Box
    from sandbox.commands.host import Host
    from sandbox.engine.base import Engine, Exec
    from sandbox.signals import Guard

SHELLS = ("bash", "sh")


def enter(
    engine: Engine, host: Host, box: Box, *, command: Sequence[str], terminal: bool, guard: Guard
) -> tuple[int, bool]:
    """Return the shell's or the command's exit status, and whether the sandbox was stopped on leaving.

    One that is stopped is started first. One that was kept stops when the last terminal in it is left.
    """
    from sandbox.engine import tty
    from sandbox.inside import ended, search_path, shell_environment, shell_spec
    from sandbox.terminals import Watch

    if box.state != "running":
        engine.start(box.id)
    shells, extra = _of_distro(box, host)
    path = search_path(engine.image(box.image) or Image(id=box.image), extra)
    window = tty.size() if terminal else None
    env = shell_environment(host.environ, path, {})
    spec = shell_spec(tuple(command), shells, env=env, terminal=window, is_asked=False)
    guard.check()
    watch = Watch(engine, box.id, box.life)
    process = engine.open(box.id, watch.watched(spec))
    tty.flush_standard_streams()
    left = False
    try:
        if terminal:
            tty.interact(process)
        else:
            tty.filter_streams(process)
        status = ended(engine, box.id, process)
        left = True
    except SandboxDied as error:
        message = f"{box.name} ended while it was in use: it was stopped or removed, or ran out of memory"
        raise SandboxDied(message, hints=["sandbox list -a"]) from error
    finally:
        process.stream.close()
        guard.cleaning = True
        watch.over(left=left)
        stopped = _stopped(engine, box, process)
    return status, stopped


def _of_distro(box: Box, host: Host) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the shells and the folders of the PATH of a box's distro, where it is one that is known."""
    try:
        distro = find_target(box.distro, host.rows()).distro
    except UsageError:
        return SHELLS, ()
    return distro.shell, distro.path


def _stopped(engine: Engine, box: Box, left: Exec) -> bool:
    """Stop a kept sandbox that nobody is in any more; return whether it is stopped."""
    if box.life != "kept" or engine.is_in_use(box.id, besides=left):
        return False
    with suppress(NotFound):  # it was removed meanwhile
        engine.stop(box.id, limit=STOP_LIMIT)
    return True
