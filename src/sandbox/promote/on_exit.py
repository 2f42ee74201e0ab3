"""End of a session: capture manual changes while the prompt is answered, then remove the sandbox."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.core.tasks import Background
from sandbox.errors import SandboxError
from sandbox.promote.capture import ManualChangesCapture

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.lifecycle.journal import Journal, Record
    from sandbox.promote.ready_look import ReadyLook
    from sandbox.provision.launch import Launch
    from sandbox.provision.request import TryRequest
    from sandbox.provision.run import Provisioned


class ExitCapture:
    """What is known of a session once its shell is left; `record` has its packages, `whole` all else, too.

    `marked`: `promote` was typed inside. `close` is called once the sandbox is not needed any more, whatever failed.
    """

    def __init__(
        self, back: ManualChangesCapture, before: Record, *, marked: bool, journal: Journal, close: Callable[[], object]
    ) -> None:
        self.record, self.marked = back.record, marked
        self.failure: SandboxError | None = None
        """Why the journal could not be written."""
        self._back, self._before, self._journal, self._close = back, before, journal, close
        # Beside the question on leaving, which earlier waited 0.2 to 0.8 s for the look at all files.
        self._task = Background(self._complete)

    def whole(self) -> Record:
        """Wait until everything was read, and return it."""
        return self._task.result()

    def wait(self, limit: float) -> bool:
        """Return whether everything was read within `limit` seconds."""
        return self._task.wait(limit)

    def _complete(self) -> Record:
        try:
            last = self._back.complete_record(self._close)
            if last != self._before:
                self._write(last)
            return last
        finally:
            self._back.end()
            self._close()

    def _write(self, record: Record) -> None:
        try:
            self._journal.write(record)
        except SandboxError as error:
            self.failure = error


def leave(
    launch: Launch, request: TryRequest, record: Record, state: Provisioned, ready: ReadyLook | None = None
) -> ExitCapture:
    """Return the record with its packages after the shell ended; the search for other changes starts."""
    session = launch.session
    marked = "promote" in session.pid1_output()
    back = ManualChangesCapture(
        record,
        state,
        launch.plan.target,
        box=launch.box,
        is_watched=request.is_watched,
        life=request.life,
        ready=ready,
    )
    if request.is_watched and back.record.packages:
        session.begin_end()  # behind the first looks, which the engine would let wait for it
    return ExitCapture(back, record, marked=marked, journal=launch.context.journal, close=session.close)
