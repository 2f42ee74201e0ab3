"""Manual changes in a running sandbox, from a process other than the one that created it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from sandbox.container.box import Box, words_before
from sandbox.distros.lookup import find_target
from sandbox.engine import labels
from sandbox.errors import SandboxError
from sandbox.lifecycle.lifetimes import LIVES
from sandbox.lifecycle.owner import is_ours
from sandbox.lifecycle.session import STOP_LIMIT
from sandbox.promote.baseline_note import load_baseline
from sandbox.promote.capture import ManualChangesCapture

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.engine.protocol import Container, Engine, State
    from sandbox.lifecycle.journal import Record
    from sandbox.lifecycle.lifetimes import Life
    from sandbox.provision.context import Context


def container_of(record: Record, host: Context, engine: Engine) -> Container | None:
    """Return the sandbox of a session, if it still exists."""
    found = engine.containers([f"{labels.SESSION}={record.session}"])
    own = (row for row in found if is_ours(host.owner, row.labels) and row.labels.get(labels.KIND) in LIVES)
    return next((row for row in own if row.name == row.labels.get(labels.NAME)), None)


def refresh_record(
    record: Record, found: Container, *, host: Context, engine: Engine, is_watched: bool = True
) -> Record:
    """Return the record with what was done in its sandbox up to now, and note it in the journal.

    One that is stopped runs for that moment. The record is as it was where the sandbox can't be asked.
    """
    try:
        target = find_target(f"{record.distro}:{record.release}", host.rows())
        life = cast("Life", found.labels[labels.KIND])
        box = Box(engine, found.id, words_before(found.labels))
        state = load_baseline(box, life)
        if state is None:
            return record
        with _running(box, found.state):
            back = ManualChangesCapture(record, state, target, box=box, is_watched=is_watched, life=life)
            last = back.complete_record()
        if last.lost or last == record:
            return record
        host.journal.write(last)
    except SandboxError:
        return record
    return last


@contextmanager
def _running(box: Box, state: State) -> Iterator[None]:
    """Start a stopped sandbox for the time of the block."""
    if state == "running":
        yield
        return
    box.start()
    try:
        yield
    finally:
        box.stop(limit=STOP_LIMIT)
