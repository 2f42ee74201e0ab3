"""What was done by hand in a sandbox that is there, told by a process that need not have made it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, cast

import msgspec.json
from msgspec import Struct

from sandbox import labels
from sandbox.archives import one_file
from sandbox.commands.recording import looked_back
from sandbox.distros.lookup import find_target
from sandbox.engine.base import FileStamp  # noqa: TC001 - msgspec reads the annotation when it decodes
from sandbox.errors import SandboxError
from sandbox.evaluate.by_hand import begin
from sandbox.identity import is_ours
from sandbox.lives import LIVES
from sandbox.managers.base import Package  # noqa: TC001 - as above
from sandbox.provision import Provisioned
from sandbox.scratch import KNOWN
from sandbox.session import STOP_LIMIT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.commands.host import Host
    from sandbox.engine.base import Container, Engine
    from sandbox.journal import Record
    from sandbox.lives import Life
    from sandbox.managers import ManagerName

LARGEST: Final = 4_000_000
"""Bytes of KNOWN: tens of thousands of packages."""


class Known(Struct, frozen=True, kw_only=True):
    """What KNOWN holds: of Provisioned, what a look back compares with. It comes from a sandbox: it is data."""

    asked: tuple[Package, ...]
    explicit: frozenset[str]
    stamps: dict[str, FileStamp | None]
    present: dict[str, str]
    languages: tuple[str, ...]


def note(engine: Engine, container: str, state: Provisioned, manager: ManagerName, life: Life) -> None:
    """Write into a sandbox what is known of it as it is handed over.

    A shell of `try` notes its own begin in a throwaway one; in one that stays it is noted here.
    """
    known = Known(
        asked=state.asked,
        explicit=state.explicit,
        stamps=dict(state.stamps),
        present=dict(state.present),
        languages=state.languages,
    )
    engine.copy_in(container, "/", [one_file(KNOWN.lstrip("/"), msgspec.json.encode(known))])
    if life != "session":
        begin(engine, container, manager)


def noted(engine: Engine, container: str) -> Provisioned | None:
    """Return what was known of a sandbox as it was handed over, None where nobody noted it or the note is damaged."""
    content = engine.read_file(container, KNOWN, limit=LARGEST)
    try:
        known = msgspec.json.decode(content or b"", type=Known)
    except (msgspec.MsgspecError, RecursionError):
        return None
    return Provisioned(
        asked=known.asked,
        explicit=known.explicit,
        stamps=known.stamps,
        present=known.present,
        languages=known.languages,
    )


def sandbox_of(record: Record, host: Host, engine: Engine) -> Container | None:
    """Return the sandbox of a session where it is still there."""
    found = engine.containers([f"{labels.SESSION}={record.session}"])
    own = (row for row in found if is_ours(host.owner, row.labels) and row.labels.get(labels.KIND) in LIVES)
    return next((row for row in own if row.name == row.labels.get(labels.NAME)), None)


def revisited(record: Record, box: Container, *, host: Host, engine: Engine, is_watched: bool = True) -> Record:
    """Return the record with what was done in its sandbox up to now, and note it in the journal.

    One that is stopped runs for that moment. The record is as it was where the sandbox can't be asked.
    """
    try:
        target = find_target(f"{record.distro}:{record.release}", host.rows())
        state = noted(engine, box.id)
        if state is None:
            return record
        life = cast("Life", box.labels[labels.KIND])
        with _running(box, engine):
            last = looked_back(record, state, target, engine=engine, container=box.id, is_watched=is_watched, life=life)
        if last.lost or last == record:
            return record
        host.journal.write(last)
    except SandboxError:
        return record
    return last


@contextmanager
def _running(box: Container, engine: Engine) -> Iterator[None]:
    """Let a sandbox run while the block does, where it does not anyway."""
    if box.state == "running":
        yield
        return
    engine.start(box.id)
    try:
        yield
    finally:
        engine.stop(box.id, limit=STOP_LIMIT)
