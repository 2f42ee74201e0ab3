"""Our own files on the host: private to the user, written whole or not at all, one writer at a time."""

from __future__ import annotations

import fcntl
import os
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Final

from sandbox.core.digest import sha256
from sandbox.core.files import whole_file

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLACES: Final = 7
"""Bytes of a digest to use as an offset in a lock file (fcntl(2), `l_start`)."""


def make_private_folder(path: Path) -> None:
    """Make a folder of mode 0700, and those above it that are not there. Raises OSError.

    Path.mkdir makes those above as the umask says: with 0002, as many distros have it, the group could write to
    ~/.cache/sandbox, where no package index was kept then.
    """
    try:
        path.mkdir(mode=0o700, exist_ok=True)
    except FileNotFoundError:
        if path.parent == path:
            raise
        make_private_folder(path.parent)
        path.mkdir(mode=0o700, exist_ok=True)


@contextmanager
def lock_file(path: Path) -> Iterator[None]:
    """Hold a file's lock during the block, in a file beside it. Raises OSError if the folder can't be created."""
    make_private_folder(path.parent)
    descriptor = os.open(path.with_name(f".{path.name}.lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def place_of(what: str) -> int:
    """Return the offset of a thing's lock in a lock file."""
    return int.from_bytes(sha256(what.encode(errors="surrogateescape")).digest()[:PLACES], "big")


@contextmanager
def alone(path: Path, what: str) -> Iterator[None]:
    """Hold the lock of one of many things, which share a file of locks, while the block runs.

    A folder that can't be written, or has no locks, is no reason not to go on.
    """
    with ExitStack() as stack:
        with suppress(OSError):
            make_private_folder(path.parent)
            descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
            stack.callback(os.close, descriptor)
            fcntl.lockf(descriptor, fcntl.LOCK_EX, 1, place_of(what))
        yield


def write_private(path: Path, content: str | bytes) -> None:
    """Replace a file's content atomically, readable only by its owner. Raises OSError.

    Bytes of a path that are no UTF-8 stay what they are.
    """
    make_private_folder(path.parent)
    with whole_file(path, mode=0o600, follow=False) as file:
        file.write(content.encode(errors="surrogateescape") if isinstance(content, str) else content)
