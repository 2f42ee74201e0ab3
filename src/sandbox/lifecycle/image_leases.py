"""Leases on base images that a --no-trace run pulled: the last run that uses such an image removes it.

A file lists the images; locks show which are in use. The kernel releases a lock however its process ends.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sandbox.core.statefile import make_private_folder, place_of
from sandbox.errors import EngineError
from sandbox.lifecycle import pulled_images

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.engine.protocol import Engine, Image

FILE: Final = "passing.json"
LOCK: Final = ".passing.lock"
STAYS: Final = "stays"
"""Marks an image that a run without --no-trace has used since then: it stays, like any other base."""

_files: dict[Path, int] = {}
"""The open lock files. fcntl(2) locks: closing a file releases all locks that the process has on it."""
_used: set[tuple[Path, int]] = set()


def acquire(folder: Path, engine: str, reference: str) -> None:
    """Hold a shared lease on an image until this process ends. Blocks while another process removes the image."""
    place = _place(engine, reference)
    with suppress(OSError):
        fcntl.lockf(_file(folder), fcntl.LOCK_SH, 1, place)
        _used.add((folder, place))


def record_pull(folder: Path, engine: str, reference: str, ident: str = "") -> None:
    """Record a pull for a --no-trace run: before it starts, and then with the image id."""
    with suppress(OSError):
        pulled_images.record(folder, engine, reference, ident, file=FILE)


def joins_lease(folder: Path, engine: str, reference: str, ident: str, *, without_trace: bool) -> bool:
    """Return whether an image that is there is on its way through, and this trial's to remove at the end, too.

    One that is used with a trace is a base like any other from then on.
    """
    said = pulled_images.records(folder, engine, file=FILE).get(reference, STAYS)
    if said == STAYS or without_trace:
        return said in ("", ident)
    record_pull(folder, engine, reference, STAYS)
    return False


def remove(folder: Path, engine: Engine, reference: str) -> bool:
    """Remove an image unless another trial uses it, or has it stay; return whether it went.

    Raises Conflict where a container has it, and EngineError.
    """
    with _alone(folder, engine.url, reference) as is_alone:
        if not is_alone:
            return False
        stays = pulled_images.records(folder, engine.url, file=FILE).get(reference) == STAYS
        is_gone = not stays and engine.remove_image(reference)
        with suppress(OSError):
            pulled_images.forget(folder, engine.url, reference, file=FILE)
            if not stays:
                pulled_images.forget(folder, engine.url, reference)
    return is_gone


def orphans(folder: Path, engine: Engine) -> tuple[Image, ...]:
    """Return the images whose --no-trace runs died before they removed them, with the name to remove."""
    rows = pulled_images.records(folder, engine.url, file=FILE)
    return tuple(
        replace(image, tags=(name,)) for name, said in rows.items() if (image := _orphan_of(folder, engine, name, said))
    )


def _orphan_of(folder: Path, engine: Engine, reference: str, said: str) -> Image | None:
    """Return the image of an orphaned record. If its pull never ended, the image may belong to somebody else."""
    if said in ("", STAYS) or (folder, _place(engine.url, reference)) in _used:
        return None
    with _alone(folder, engine.url, reference) as is_alone:
        image = engine.image(reference) if is_alone else None
    return image if image is not None and image.id == said else None


def sweep(folder: Path, engine: Engine) -> tuple[str, ...]:
    """Remove orphaned images and return their references; an image that a container uses stays until the next sweep."""
    gone = []
    for image in orphans(folder, engine):
        with suppress(EngineError):
            gone += list(image.tags) * remove(folder, engine, image.tags[0])
    return tuple(gone)


@contextmanager
def _alone(folder: Path, engine: str, reference: str) -> Iterator[bool]:
    """Give whether no other process uses an image; those that begin to wait until the block has ended.

    What this one had is let go first: of two that leave at once, the later one is alone.
    """
    place = _place(engine, reference)
    try:
        file = _file(folder)
        fcntl.lockf(file, fcntl.LOCK_UN, 1, place)
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
    except (BlockingIOError, PermissionError):
        yield False
    except OSError:  # if the folder is read-only or has no locks, remove the image all the same
        yield True
    else:
        try:
            yield True
        finally:
            fcntl.lockf(file, fcntl.LOCK_UN, 1, place)


def _file(folder: Path) -> int:
    if folder not in _files:
        make_private_folder(folder)
        _files[folder] = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    return _files[folder]


def _place(engine: str, reference: str) -> int:
    return place_of(f"{engine} {reference}")
