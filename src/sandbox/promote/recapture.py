"""Manual changes in a running sandbox, from a process other than the one that created it."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, cast

import msgspec.json
from msgspec import Struct

from sandbox.container.box import Box
from sandbox.core.tar import one_file
from sandbox.distros.lookup import find_target
from sandbox.engine import labels
from sandbox.engine.protocol import FileStamp  # noqa: TC001 - msgspec reads the annotations
from sandbox.errors import SandboxError
from sandbox.lifecycle.lifetimes import LIVES
from sandbox.lifecycle.owner import is_ours
from sandbox.lifecycle.scratch import KNOWN, NOTES, SCRATCH
from sandbox.lifecycle.session import STOP_LIMIT
from sandbox.managers.protocol import Package  # noqa: TC001 - as above
from sandbox.promote.capture import ManualChangesCapture
from sandbox.promote.manual_changes import mark_handoff
from sandbox.provision.run import Provisioned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.engine.protocol import Container, Engine, State
    from sandbox.lifecycle.journal import Record
    from sandbox.lifecycle.lifetimes import Life
    from sandbox.managers.registry import ManagerName
    from sandbox.provision.context import Context

LARGEST: Final = 4_000_000
"""Most bytes of the state: tens of thousands of packages."""
LONGEST: Final = 100_000
"""Most characters of it in a word of a command: the kernel accepts 128 KiB (execve(2)); 5000 packages need less."""


class Known(Struct, frozen=True, kw_only=True):
    """The content of KNOWN: what of Provisioned is needed to find manual changes.

    It comes from a sandbox: untrusted.
    """

    asked: tuple[Package, ...]
    explicit: frozenset[str]
    stamps: dict[str, FileStamp | None]
    present: dict[str, str]
    languages: tuple[str, ...]


def encode_baseline(state: Provisioned) -> str:
    """Return the state of a sandbox when the user gets it, for KNOWN."""
    found = Known(
        asked=state.asked,
        explicit=state.explicit,
        stamps=dict(state.stamps),
        present=dict(state.present),
        languages=state.languages,
    )
    return b64encode(zlib.compress(msgspec.json.encode(found))).decode()


def known_word(box: Box, state: Provisioned) -> str:
    """Return the state of a throwaway sandbox for its shell to record; empty if it was already recorded."""
    text = encode_baseline(state)
    if len(text) <= LONGEST:
        return text
    argv = ("sh", "-c", f"cat >{SCRATCH}/{KNOWN}")
    box.exec(argv, stdin=text.encode())
    return ""


def save_baseline(box: Box, state: Provisioned, manager: ManagerName) -> None:
    """Write the state into a sandbox that stays, and begin; a throwaway one's shell does this itself."""
    box.copy_in("/", [one_file(f"{NOTES}/{KNOWN}".lstrip("/"), encode_baseline(state).encode())])
    mark_handoff(box, manager)


def load_baseline(box: Box, life: Life) -> Provisioned | None:
    """Return the recorded state of a sandbox, or None if it is missing or damaged."""
    try:
        content = zlib.decompressobj().decompress(b64decode(_note(box, life)), LARGEST)
        found = msgspec.json.decode(content, type=Known)
    except (ValueError, zlib.error, msgspec.MsgspecError, RecursionError):
        return None
    return Provisioned(
        asked=found.asked,
        explicit=found.explicit,
        stamps=found.stamps,
        present=found.present,
        languages=found.languages,
    )


def _note(box: Box, life: Life) -> bytes:
    if life != "session":
        return box.read_file(f"{NOTES}/{KNOWN}", limit=LARGEST) or b""
    argv = ("cat", f"{SCRATCH}/{KNOWN}")  # archives don't contain mounts
    return box.read(argv, limit=LARGEST)[1]


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
        box = Box(engine, found.id)
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
