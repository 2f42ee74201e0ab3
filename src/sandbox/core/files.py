"""Writes files that the user asked for on the host: whole or not at all, and never over anything by accident."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from sandbox.errors import Advice, Unwritten, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NAMED: Final = 40
"""Characters of a file's name to use in its temporary file's name, which may have 255 bytes (NAME_MAX)."""

STAYS: Final = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY})
"""Errors of replacing a file that can still be written in place: its folder is read-only, or it is a mount point."""


@contextmanager
def whole_file(path: Path, *, mode: int | None = None, follow: bool = True) -> Iterator[IO[bytes]]:
    """Yield a new file that takes the place of `path` behind the block, and goes where that fails; raises OSError.

    A link is followed, or replaced itself without `follow`. What a link or path leads to and is no file, as a device,
    is never replaced. Without a `mode`, the file has that of the one it replaces, or what the umask leaves.
    """
    place = Path(os.path.realpath(path)) if follow else path
    # A state file's link once led to /dev/zero, and a rename replaced this host's device with a file.
    if follow and place.exists() and not place.is_file():
        raise OSError(errno.EINVAL, "not a regular file", str(place))
    fresh = place.with_name(f".{place.name[:NAMED]}.{os.urandom(4).hex()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666 if mode is None else mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if mode is None:
                with suppress(OSError):
                    os.fchmod(descriptor, stat.S_IMODE(place.stat().st_mode))
            yield file
        fresh.replace(place)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def read_file(path: Path, *, limit: int, needed: bool, hints: Sequence[Advice] = ()) -> bytes | None:
    """Return the first `limit` bytes of a file; None where there is none, which raises UsageError where it is needed.

    Raise UsageError for one that can't be read, too.
    """
    try:
        with path.open("rb") as stream:
            return stream.read(limit)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        if not needed and isinstance(error, FileNotFoundError | NotADirectoryError):
            return None
        from sandbox.core.unreadable import unreadable_file

        raise unreadable_file(path, error, hints=hints) from None


def write_file(path: Path, text: str) -> None:
    """Write or replace a file. Raises Unwritten, and leaves no partial new file."""
    try:
        _write(path, text.encode())
    except OSError as error:
        raise Unwritten.place(path, error) from error


def _write(path: Path, content: bytes) -> None:
    """Replace a file atomically; a pipe, or a file that can't be replaced, is written in place."""
    if (path.exists() and not path.is_file()) or path.absolute().is_relative_to("/dev"):
        path.write_bytes(content)
        return
    try:
        # Written in place, a full disk cut an existing page of inspect to nothing.
        with whole_file(path) as file:
            file.write(content)
    except OSError as error:
        if error.errno not in STAYS or not path.is_file():
            raise
        path.write_bytes(content)


def write_new(path: Path, content: str | bytes, *, mode: int, if_there: Advice, hints: Sequence[Advice] = ()) -> None:
    """Write a file that must not exist yet, whole or not at all, never over anything.

    Raise UsageError where it is there, whose next step is `if_there`, and for a place where no file can be; Unwritten
    where the disk refuses.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, mode)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content if isinstance(content, bytes) else content.encode())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
    except FileExistsError as error:
        raise _there_error(path, if_there) from error
    except (FileNotFoundError, NotADirectoryError, PermissionError) as error:
        raise UsageError(Unwritten.place(path, error).brief, hints=hints) from error
    except OSError as error:
        raise Unwritten.place(path, error, hints=hints) from error


def check_new(path: Path, option: str) -> None:
    """Raise UsageError if a file can't be created later: the path exists, or its folder is missing or read-only."""
    if os.path.lexists(path):
        raise _there_error(path, Advice.again(option.rsplit(maxsplit=1)[-1], str(_free_name(path))))
    _check_place(path, option)


def _free_name(path: Path) -> Path:
    """Return the name with the first number at its end that nothing has: `install-2.sh`."""
    number = 2
    while os.path.lexists(free := path.with_name(f"{path.stem}-{number}{path.suffix}")):
        number += 1
    return free


def check_replaceable(path: Path, option: str) -> None:
    """Raise UsageError if a file can't be written or replaced later."""
    if is_folder(path):
        message = f"{path} can't be written: it is a folder"
        raise UsageError(message, hints=[Advice.say(f"a file name after {option}, such as {path}/NAME")])
    if not os.path.exists(path):  # noqa: PTH110 - Path.exists raises if a folder may not be read
        _check_place(path, option)
    elif not os.access(path, os.W_OK, effective_ids=os.access in os.supports_effective_ids):
        message = f"{path} can't be written: permission denied"
        raise UsageError(message, hints=[Advice.say(f"another name after {option}")])


def _check_place(path: Path, option: str) -> None:
    """Raise UsageError where no file can be made; one is, and goes at once: nothing else knows, as of /proc."""
    place = Path(os.path.realpath(path))
    try:
        os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
        place.unlink()
    except OSError as error:
        raise _place_error(path, option, error) from error


def _place_error(path: Path, option: str, error: OSError) -> UsageError:
    folder = path.absolute().parent
    own = [Advice.say(f"a folder that you may write to, after {option}")]
    if is_folder(folder):
        if isinstance(error, PermissionError):
            return UsageError(f"{path} can't be written: you may not write to the folder {folder}", hints=own)
        return UsageError(Unwritten.place(path, error).brief, hints=[Advice.say(f"another name after {option}")])
    if isinstance(error, PermissionError):
        return UsageError(f"you may not read the folder {folder}", hints=own)
    message = f"there is no folder {folder} for {path.name}"
    return UsageError(message, hints=[Advice.program("mkdir", "-p", str(folder))])


def is_folder(path: Path) -> bool:
    """Return whether the path is a folder, even if a parent may not be read: Path.is_dir raises then."""
    return os.path.isdir(path)  # noqa: PTH112


def _there_error(path: Path, hint: Advice) -> UsageError:
    return UsageError(f"{path} already exists; sandbox does not overwrite it", hints=[hint])
