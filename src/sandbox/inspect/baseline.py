"""The file lists of images, each read once for many inspections, in this run of the tool or later ones."""

from __future__ import annotations

import hashlib
import os
import stat
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from msgspec import MsgspecError, Struct, msgpack

from sandbox.container.snapshot import READ, FileEntry, Snapshot
from sandbox.core.statefile import write_private
from sandbox.core.tasks import Background
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SUFFIX: Final = ".files"
KEPT: Final = 8
"""Images whose file lists are kept, most recently used first; a file takes some 200 bytes."""
LARGEST: Final = 32_000_000
"""Most bytes of a kept list: 150 000 files."""
STALE: Final = 3600.0
"""Seconds after which an incomplete file's writer was surely killed."""
DIGEST: Final = hashlib.sha256().digest_size


class SnapshotFile(Struct, frozen=True, kw_only=True):
    """The kept list of an image."""

    entries: dict[str, FileEntry]
    contents: dict[str, bytes]


class BaselineSnapshots:
    """The files of images before an install, by image id; kept in a folder if there is one."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._known: dict[str, Background[Snapshot]] = {}
        self._lock = threading.Lock()

    def of(self, ident: str, read: Callable[[], Snapshot]) -> Background[Snapshot]:
        """Return the files of an image, which `read` reads where nobody has, or whoever did was cut off.

        `ident` names the image, and all else on which it depends what is read of it.
        """
        with self._lock:
            known = self._known.get(ident)
            if known is None:
                self._known[ident] = task = Background(lambda: self._cached_snapshot(ident, read))
                return task
        return Background(lambda: _result_of(known, read))

    def _cached_snapshot(self, ident: str, read: Callable[[], Snapshot]) -> Snapshot:
        if self._folder is None:
            return read()
        name = hashlib.sha256(f"{ident} {READ.pattern}".encode()).hexdigest()
        path = self._folder / f"{name[:32]}{SUFFIX}"
        found = _load(path)
        if found is None:
            found = read()
            _keep(path, found)
        return found


def cached_files(folder: Path) -> dict[Path, os.stat_result]:
    """Return the kept files, most recently used first."""
    found = _files_of(folder, f"[!.]*{SUFFIX}")
    return dict(sorted(found.items(), key=lambda row: -row[1].st_mtime))


def partial_files(folder: Path) -> dict[Path, os.stat_result]:
    """Return the incomplete files of killed writers."""
    found = _files_of(folder, f".*{SUFFIX}.*")
    return {path: status for path, status in found.items() if status.st_mtime < time.time() - STALE}


def _files_of(folder: Path, pattern: str) -> dict[Path, os.stat_result]:
    found: dict[Path, os.stat_result] = {}
    for path in folder.glob(pattern):
        with suppress(OSError):  # other processes may remove them meanwhile
            if not stat.S_ISDIR((status := path.lstat()).st_mode):
                found[path] = status
    return found


def _result_of(known: Background[Snapshot], read: Callable[[], Snapshot]) -> Snapshot:
    try:
        return known.result()
    except SandboxError:
        return read()


def _load(path: Path) -> Snapshot | None:
    """Return a kept list; None if there is none, or it is damaged."""
    try:
        text = _read(path)
        # Without the digest a flipped byte went unnoticed.
        if hashlib.sha256(text[DIGEST:]).digest() != text[:DIGEST]:
            return None
        found = msgpack.decode(text[DIGEST:], type=SnapshotFile)
        path.touch()
    except (OSError, MsgspecError, ValueError):
        return None
    return Snapshot(entries=found.entries, contents=found.contents)


def _read(path: Path) -> bytes:
    """Return the content of our own file; nothing for a link, a pipe, a device or a file that is too large."""
    # A pipe, or a link to /dev/zero, in place of a kept file once blocked an inspection for ever.
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
        status = os.fstat(file.fileno())
        return file.read() if stat.S_ISREG(status.st_mode) and status.st_size <= DIGEST + LARGEST else b""


def _keep(path: Path, files: Snapshot) -> None:
    """Keep an image's files instead of those that were used longest ago; a disk that refuses is no reason to fail.

    An image with names that are no UTF-8 is not kept.
    """
    with suppress(OSError, UnicodeEncodeError):
        text = msgpack.encode(SnapshotFile(entries=dict(files.entries), contents=dict(files.contents)))
        if len(text) <= LARGEST:
            write_private(path, hashlib.sha256(text).digest() + text)
        for old in (*list(cached_files(path.parent))[KEPT:], *partial_files(path.parent)):
            old.unlink(missing_ok=True)
