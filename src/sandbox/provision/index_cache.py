"""The package indexes that are kept on this machine: where they lie, and for how long.

An index is kept for the sandboxes of one base alone (index_choice.py). It is read as hostile (index_file.py).
"""

from __future__ import annotations

import errno
import os
import stat
import time
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.core.statefile import make_private_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

FOLDER: Final = "index"
"""The folder below the cache folder."""
SUFFIX: Final = ".index"
DAY: Final = 86400.0
KEPT: Final = 8
"""Indexes that are kept, those that were used last."""
STALE: Final = 3600.0
"""Seconds after which the writer of an incomplete file was surely killed."""
FOLDER_FLAGS: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
OTHERS: Final = 0o077
WRITERS: Final = 0o022


class IndexEntry(Struct, frozen=True, kw_only=True):
    """A kept file: its path, bytes, and the epoch of its last use. `is_whole`: no killed writer left it half."""

    path: Path
    size: int
    used: float
    is_whole: bool


class IndexCache(Struct, frozen=True, kw_only=True):
    """The indexes of one user, below the `cache` folder; `days` are those for which one is kept."""

    cache: Path
    days: int

    @contextmanager
    def reading(self, name: str, *, is_changed: bool = False) -> Iterator[IO[bytes]]:
        """Yield a kept file, to be changed in its place or not.

        Raises OSError where there is none, or it is not ours alone.
        """
        with self._folder() as folder:
            flags = os.O_RDWR if is_changed else os.O_RDONLY
            descriptor = os.open(f"{name}{SUFFIX}", flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
            with os.fdopen(descriptor, "r+b" if is_changed else "rb") as file:
                _check_own(descriptor, OTHERS, stat.S_ISREG)
                with suppress(OSError):
                    os.utime(descriptor)
                yield file

    @contextmanager
    def writing(self, name: str) -> Iterator[IO[bytes]]:
        """Yield a new file that takes the place of the kept one behind the block, and goes where that fails.

        Raises OSError.
        """
        make_private_folder(self.cache)
        with suppress(FileExistsError):
            (self.cache / FOLDER).mkdir(mode=0o700)
        with self._folder() as folder:
            fresh = f".{name}.{os.urandom(4).hex()}"
            descriptor = _open_new(fresh, folder)
            try:
                with os.fdopen(descriptor, "w+b") as file:
                    yield file
                    file.flush()
                    if not os.fstat(descriptor).st_nlink:
                        os.link(f"/proc/self/fd/{descriptor}", fresh, dst_dir_fd=folder)
                os.rename(fresh, f"{name}{SUFFIX}", src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                with suppress(FileNotFoundError):
                    os.unlink(fresh, dir_fd=folder)
                raise
        for entry in surplus(self.entries(), days=self.days, now=time.time()):
            entry.path.unlink(missing_ok=True)

    def forget(self, name: str) -> None:
        """Remove a kept file, if there is one."""
        with suppress(OSError), self._folder() as folder:
            os.unlink(f"{name}{SUFFIX}", dir_fd=folder)

    def problem(self) -> str:
        """Return why nothing can be kept, "" where nothing is wrong, or nothing was kept yet."""
        try:
            with self._folder():
                return ""
        except FileNotFoundError:
            return ""
        except OSError as error:
            return error.strerror or str(error)

    def entries(self) -> tuple[IndexEntry, ...]:
        """Return what is kept, the last used first."""
        found = list[IndexEntry]()
        with suppress(OSError):
            for path in (self.cache / FOLDER).iterdir():
                with suppress(OSError):  # another process may remove it meanwhile
                    status = path.lstat()
                    if not stat.S_ISDIR(status.st_mode):
                        is_whole = path.name.endswith(SUFFIX)
                        found.append(
                            IndexEntry(path=path, size=status.st_size, used=status.st_mtime, is_whole=is_whole)
                        )
        return tuple(sorted(found, key=lambda entry: -entry.used))

    @contextmanager
    def _folder(self) -> Iterator[int]:
        """Yield the folder. Raises OSError where it, or the one above, is a link or not ours alone."""
        above = os.open(self.cache, FOLDER_FLAGS)
        try:
            _check_own(above, WRITERS, stat.S_ISDIR)
            folder = os.open(FOLDER, FOLDER_FLAGS, dir_fd=above)
        finally:
            os.close(above)
        try:
            _check_own(folder, OTHERS, stat.S_ISDIR)
            yield folder
        finally:
            os.close(folder)


def surplus(entries: tuple[IndexEntry, ...], *, days: int, now: float) -> tuple[IndexEntry, ...]:
    """Return what has to go: what was not used for `days`, all but KEPT, and what killed writers left."""
    whole = [entry for entry in entries if entry.is_whole]
    gone = [entry for place, entry in enumerate(whole) if place >= KEPT or now - entry.used > days * DAY]
    return (*gone, *(entry for entry in entries if not entry.is_whole and now - entry.used > STALE))


def _open_new(name: str, folder: int) -> int:
    """Return a new file, which gets its name once it is whole: a signal in an install left 60 MB. Raises OSError.

    Where the system or the file system has no files without a name (open(2), O_TMPFILE), it has it from the start.
    """
    with suppress(AttributeError, OSError):
        return os.open(".", os.O_RDWR | os.O_TMPFILE | os.O_CLOEXEC, 0o600, dir_fd=folder)
    return os.open(name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=folder)


def _check_own(descriptor: int, forbidden: int, is_kind: Callable[[int], bool]) -> None:
    """Raise OSError for what is of another user, or open to one."""
    status = os.fstat(descriptor)
    if not is_kind(status.st_mode) or status.st_uid != os.geteuid() or status.st_mode & forbidden:
        raise PermissionError(errno.EPERM, "it is not yours alone")
