"""What was done by hand in a sandbox that is there, told by a process that need not have made it."""

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
"""Bytes of what is known: tens of thousands of packages."""
LONGEST: Final = 100_000
"""Characters of it that a word of a command may have: the kernel takes 128 KiB (execve(2)), 5000 packages are below."""


class Known(Struct, frozen=True, kw_only=True):
    """What KNOWN holds: of Provisioned, what a look back compares with. It comes from a sandbox: it is data."""

    asked: tuple[Package, ...]
    explicit: frozenset[str]
    stamps: dict[str, FileStamp | None]
    present: dict[str, str]
    languages: tuple[str, ...]


def encode_baseline(state: Provisioned) -> str:
    """Return what is known of a sandbox as it is handed over, for KNOWN."""
    found = Known(
        asked=state.asked,
        explicit=state.explicit,
        stamps=dict(state.stamps),
        present=dict(state.present),
        languages=state.languages,
    )
    return b64encode(zlib.compress(msgspec.json.encode(found))).decode()


def known_word(box: Box, state: Provisioned) -> str:
    """Return what is known of a throwaway sandbox for its shell to note; empty where it had to be noted here."""
    text = encode_baseline(state)
    if len(text) <= LONGEST:
        return text
    argv = ("sh", "-c", f"cat >{SCRATCH}/{KNOWN}")
    box.exec(argv, stdin=text.encode())
    return ""


def save_baseline(box: Box, state: Provisioned, manager: ManagerName) -> None:
    """Write into a sandbox that stays what is known of it, and begin; a shell of `try` does so in a throwaway one."""
    box.copy_in("/", [one_file(f"{NOTES}/{KNOWN}".lstrip("/"), encode_baseline(state).encode())])
    mark_handoff(box, manager)


def load_baseline(box: Box, life: Life) -> Provisioned | None:
    """Return what was known of a sandbox as it was handed over, None where nobody noted it or the note is damaged."""
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
    argv = ("cat", f"{SCRATCH}/{KNOWN}")  # what is mounted there no archive has
    return box.read(argv, limit=LARGEST)[1]


def container_of(record: Record, host: Context, engine: Engine) -> Container | None:
    """Return the sandbox of a session where it is still there."""
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
    """Let a sandbox run while the block does, where it does not anyway."""
    if state == "running":
        yield
        return
    box.start()
    try:
        yield
    finally:
        box.stop(limit=STOP_LIMIT)
