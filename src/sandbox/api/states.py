"""The states of one run of tests: each is made once, every box starts from one, and all go with the run."""

from __future__ import annotations

import hashlib
import os
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sandbox import __version__
from sandbox.api.opened import open_sandbox
from sandbox.core.statefile import lock_file
from sandbox.errors import SandboxError
from sandbox.lifecycle.owner import current_owner
from sandbox.lifecycle.process import start_time
from sandbox.provision.context import host_context
from sandbox.provision.run_states import StateImages

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.api.arguments import Wanted
    from sandbox.api.opened import Opened


class RunStates:
    """The states of one run, whose processes share a `folder`; `leader` is the process that begins and ends the run.

    The last process that has done with them removes them. Where all were killed, the next command of sandbox does,
    since their owner, the leader, is dead.
    """

    def __init__(self, folder: Path, *, leader: int) -> None:
        self._folder = folder / "sandbox-states"
        owner = replace(current_owner(), pid=leader, started=start_time(leader) or 0)
        name = hashlib.sha256(f"{owner} {self._folder}".encode()).hexdigest()[:16]
        self._images = StateImages(name=name, owner=owner, version=__version__)
        with lock_file(self._folder / "users"):
            self._seat(os.getpid()).touch()

    def _seat(self, pid: int) -> Path:
        return self._folder / f"user-{pid}"

    def check_engine(self) -> None:
        """Raise NoEngine where no engine answers."""
        with host_context(os.environ, version=__version__).connect():
            pass

    def open(self, wanted: Wanted) -> Opened:
        """Open a sandbox from its state; one of several processes makes that while the others wait for it."""
        made = self._folder / f"{hashlib.sha256(repr(wanted).encode()).hexdigest()[:16]}.made"
        with ExitStack() as stack:
            if not made.exists():
                stack.enter_context(lock_file(made))
            opened = open_sandbox(wanted, self._images)
            made.touch()
            return opened

    def close(self) -> None:
        """Remove the states, unless another process of the run still uses them."""
        with lock_file(self._folder / "users"):
            self._seat(os.getpid()).unlink(missing_ok=True)
            pids = (path.name.rpartition("-")[2] for path in self._folder.glob("user-*"))
            if any(start_time(int(pid)) is not None for pid in pids):
                return
            for made in self._folder.glob("*.made"):
                made.unlink()
            with suppress(SandboxError), host_context(os.environ, version=__version__).connect() as engine:
                self._images.remove(engine)
