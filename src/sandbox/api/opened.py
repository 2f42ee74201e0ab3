"""A `Sandbox` while it is open: from its request to its removal, also where nobody closes it."""

from __future__ import annotations

import atexit
import os
import threading
import warnings
import weakref
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from sandbox import __version__
from sandbox.api.arguments import request_of
from sandbox.core.signals import Guard
from sandbox.core.tasks import Background
from sandbox.errors import RemovalFailed, SandboxError
from sandbox.lifecycle.cleanup import Sweep
from sandbox.lifecycle.scratch import SCRATCH
from sandbox.promote.manual_changes import mark_handoff
from sandbox.promote.record import record_of_launch
from sandbox.provision.container import image_folder, present_folder
from sandbox.provision.context import host_context
from sandbox.provision.launch import launched
from sandbox.provision.prepare import go_offline, prepare, with_cache
from sandbox.report.logger import LoggingReporter

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sandbox.api.arguments import Wanted
    from sandbox.inspect.findings import Inspection
    from sandbox.lifecycle.journal import Record
    from sandbox.provision.launch import Launch
    from sandbox.provision.run import Provisioned
    from sandbox.provision.run_states import StateImages


def open_sandbox(wanted: Wanted, starts: StateImages | None = None) -> Opened:
    """Start a sandbox and install its packages, unless `starts` has their state, which gets it else.

    Raises what `sandbox try` ends with; then nothing of it is left.
    """
    host = host_context(os.environ, version=__version__, engine=wanted.engine, cache=wanted.cache, journal=False)
    request = request_of(wanted, host)
    with ExitStack() as stack:
        engine = stack.enter_context(host.connect())
        session = host.session(engine, name=wanted.name)
        sweep = Sweep(engine, host.owner, host.state_folder)
        adapt = partial(starts.adapt, engine) if starts else partial(with_cache, host, engine)
        launch = stack.enter_context(launched(request, host, session=session, reporter=LoggingReporter(), adapt=adapt))
        state = prepare(launch, request, beside_steps=sweep.begin, is_saved=starts is not None)
        if starts is not None and launch.state is None:
            starts.keep(launch, state)
        record = record_of_launch(launch, state)
        go_offline(launch)
        folder = present_folder(launch.box, image_folder(request.spec, launch.image))
        return Opened(stack.pop_all(), wanted=wanted, launch=launch, state=state, record=record, folder=folder)


class Opened:
    """An open sandbox. `folder`: where its commands start, empty for the engine's choice."""

    def __init__(
        self, stack: ExitStack, *, wanted: Wanted, launch: Launch, state: Provisioned, record: Record, folder: str
    ) -> None:
        self.launch = launch
        self.folder = folder
        self.process = os.getpid()
        self._stack = stack
        self._wanted = wanted
        self._state = state
        self._record = record
        self._begun = Background(partial(mark_handoff, launch.box, launch.plan.target.manager, SCRATCH))

    @property
    def is_own(self) -> bool:
        """Whether it is of this process: a forked child has a copy of what its parent knows, and no more."""
        return os.getpid() == self.process

    @contextmanager
    def usable(self) -> Iterator[None]:
        """Use it in the block. If that fails because the engine's disk is nearly full, raise that instead."""
        try:
            self._begun.result()
            yield
        except SandboxError:
            self.launch.disk.explain()
            raise

    def close(self, *, is_raising: bool) -> None:
        """Remove it. Raises RemovalFailed if something is left, unless another error `is_raising`."""
        self._stack.close()
        removal = self.launch.session.finish()
        if removal.left and not is_raising:
            left = ", ".join(f"{one.kind} {one.name}" for one in removal.left)
            raise next(
                (error for error in removal.failures if isinstance(error, RemovalFailed)),
                RemovalFailed(f"could not remove {left}"),
            )

    def end_with(self, box: object) -> weakref.finalize[..., object]:
        """Let it end with `box`, if that is dropped, or with the program, if that ends first."""
        end = weakref.finalize(box, self._abandon)
        end.atexit = False
        atexit.register(end)  # not weakref's own: it has to come before the end of the engine's tunnel
        return end

    def forget(self, end: weakref.finalize[..., object]) -> None:
        """Undo `end_with`."""
        end.detach()
        atexit.unregister(end)

    def _abandon(self) -> None:
        if not self.is_own:
            return
        if not threading.main_thread().is_alive():  # the interpreter ends, and waits for us
            self._stack.close()
            return
        Background(self._stack.close)
        message = f"the sandbox {self.launch.session.name} was dropped without being closed"
        warnings.warn(message, ResourceWarning, stacklevel=2)

    def warn_of(self, left_out: Sequence[str]) -> None:
        """Warn of what was not copied."""
        for text in left_out:
            self.launch.reporter.warn(SandboxError(f"not copied: {text}"))

    def record(self) -> Record:
        """Return what is in it now, with what was added by hand. Raises SandboxError where it can't be read."""
        from sandbox.promote.capture import ManualChangesCapture

        launch = self.launch
        back = ManualChangesCapture(self._record, self._state, launch.plan.target, box=launch.box, is_watched=True)
        found = back.complete_record()
        if found.lost:
            if not launch.box.is_running():
                raise launch.box.death_error()
            message = "what was added by hand can't be read: the package manager's database does not answer"
            raise SandboxError(message)
        return found

    def inspect(self) -> Inspection:
        """Return the measurement of its packages in a sandbox of its own."""
        from sandbox.commands.inspect import inspect

        host = self.launch.context
        by_hand = [row.full_name for row in self.record().packages if row.origin == "by-hand"]
        packages = tuple(dict.fromkeys((*self._wanted.packages, *by_hand)))
        alone = replace(self._wanted, packages=packages, setup=(), env={}, network=None, name=None)
        request = request_of(replace(alone, distro=alone.distro or self.launch.plan.target.option), host)
        session, reporter = host.session(self.launch.engine), self.launch.reporter
        return inspect(request, host, session=session, reporter=reporter, guard=Guard()).inspection

    def promote(self, name: str, *, verify: bool) -> str:
        """Return its promotion in a format, proven."""
        from sandbox.commands.promote import verify_and_record
        from sandbox.promote.promotion import chosen_formats, promotion_of

        (form,) = chosen_formats((name,))
        launch = self.launch
        promotion = promotion_of(self.record(), launch.context.rows())
        form.render(promotion)  # what can't be written is said before a proof takes its time
        if verify:
            promotion = verify_and_record(
                promotion, None, host=launch.context, engine=launch.engine, reporter=launch.reporter
            )
        return form.render(promotion)
