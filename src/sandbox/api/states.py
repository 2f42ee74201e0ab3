"""Provisioned states of one run of tests: each is made once, every box starts from one, and all go with the run."""

from __future__ import annotations

import hashlib
import os
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sandbox import __version__
from sandbox.api.box import Sandbox
from sandbox.api.opened import open_sandbox
from sandbox.core.statefile import lock_file
from sandbox.engine import labels
from sandbox.errors import SandboxError
from sandbox.lifecycle.owner import current_owner, start_time
from sandbox.provision.cache import STATE, plan_reference, state_of, state_text
from sandbox.provision.context import host_context

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.api.arguments import Wanted
    from sandbox.api.opened import Opened
    from sandbox.engine.protocol import Engine
    from sandbox.provision.context import Context
    from sandbox.provision.image import ResolvedImage
    from sandbox.provision.launch import Launch
    from sandbox.provision.run import Provisioned


class RunStates:
    """The states of one run, whose processes share a `folder`; `leader` is the process that begins and ends the run.

    They are images of the engine. The last process that has done with them removes them; where all were killed, the
    next command of sandbox does, since their owner, the leader, is dead.
    """

    def __init__(self, folder: Path, *, leader: int) -> None:
        self._folder = folder / "sandbox-states"
        self._owner = replace(current_owner(), pid=leader, started=start_time(leader) or 0)
        self._run = hashlib.sha256(f"{self._owner} {self._folder}".encode()).hexdigest()[:16]
        with lock_file(self._folder / "users"):
            self._seat(os.getpid()).touch()

    def _seat(self, pid: int) -> Path:
        return self._folder / f"user-{pid}"

    def check_engine(self) -> None:
        """Raise NoEngine where no engine answers."""
        with host_context(os.environ, version=__version__).connect():
            pass

    def box(self, *args: Any, **kwargs: Any) -> StateSandbox:
        """Return a Sandbox of these arguments that starts from their state; the first one of the run makes it."""
        return StateSandbox(self, *args, **kwargs)

    def open(self, wanted: Wanted) -> Opened:
        """Open a sandbox; one of several processes makes its state while the others wait for it."""
        made = self._folder / f"{hashlib.sha256(repr(wanted).encode()).hexdigest()[:16]}.made"
        with ExitStack() as stack:
            if not made.exists():
                stack.enter_context(lock_file(made))
            opened = open_sandbox(wanted, self)
            made.touch()
            return opened

    def adapt(self, _host: Context, engine: Engine, found: ResolvedImage) -> ResolvedImage:
        """Return the plan with its state, if this run has made it."""
        image = engine.image(self._reference(found))
        state = state_of(image.labels.get(STATE, "")) if image else None
        if image is None or state is None or image.labels.get(labels.SESSION) != self._run:
            return found
        return replace(found, start=image, state=state)

    def keep(self, launch: Launch, state: Provisioned) -> None:
        """Keep the state of a sandbox in which nothing has been run yet; without it, the next one is as slow."""
        own = labels.session_labels(self._owner, session=self._run, name="", version=__version__)
        extra = {**dict.fromkeys(labels.OWNED, ""), **own, STATE: state_text(state)}
        try:
            launch.box.commit(self._reference(launch.found), extra)
        except SandboxError as error:
            launch.reporter.warn(error)

    def _reference(self, found: ResolvedImage) -> str:
        return f"sandbox-session/{self._run}:{plan_reference(found.plan, found.image).rpartition(':')[2]}"

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
                for image in engine.images([f"{labels.SESSION}={self._run}"]):
                    engine.remove_image(image.id)


class StateSandbox(Sandbox):
    """A Sandbox that starts from a state of a run."""

    def __init__(self, states: RunStates, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._states = states

    def _open(self) -> Opened:
        return self._states.open(self._wanted)
