"""Whether this process may use a terminal: it is in the foreground, or nobody else is.

A terminal has one foreground process group. The kernel stops other processes that read it (SIGTTIN) or change it
(SIGTTOU), and in a script nobody ever continues them (tcsetpgrp(3), termios(4), "job control").
"""

from __future__ import annotations

import os
import select
from functools import lru_cache
from pathlib import Path
from typing import Final

LOOK: Final = 0.2
"""Seconds between two checks whether we are in the foreground: bash's `fg` sends no signal to a running job."""
TTY: Final = 4
"""Index of the controlling terminal in proc(5)'s stat, counted from 0 after the name."""


def is_terminal(descriptor: int) -> bool:
    """Return whether a descriptor is a terminal, whoever is in its foreground."""
    try:
        return os.isatty(descriptor)
    except OSError:
        return False


def is_ours(descriptor: int) -> bool:
    """Return whether a descriptor is a terminal that this process may read and change."""
    if not is_terminal(descriptor):
        return False
    try:
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        # it is not our session's controlling terminal: it belongs to another session, as under setsid, or to none
        return not has_owner(identity(descriptor))


def is_elsewhere(descriptor: int) -> bool:
    """Return whether a descriptor is a terminal with another process in its foreground."""
    return is_terminal(descriptor) and not is_ours(descriptor)


def can_write(descriptor: int, limit: float = 0.0) -> bool:
    """Return whether a write would not block within `limit` seconds: Ctrl-S may have stopped a terminal."""
    try:
        return bool(select.select([], [descriptor], [], limit)[1])
    except (OSError, ValueError):
        return True  # the write itself raises the error


@lru_cache(maxsize=8)
def has_owner(terminal: tuple[int, int, int]) -> bool:
    """Return whether any visible session has a terminal as its controlling one, as first asked in this process.

    `terminal`: the device that holds its file, the file's number there, and its own device number.
    """
    device = terminal[2]
    number = os.major(device) << 8 | os.minor(device) & 0xFF | (os.minor(device) & ~0xFF) << 12
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if fields[TTY] == str(number) and not has_another(stat.parent, terminal):
            return True
    return False


def identity(descriptor: int) -> tuple[int, int, int]:
    """Return by what a terminal is told from another one of the same number, which a container may have."""
    found = os.fstat(descriptor)
    return found.st_dev, found.st_ino, found.st_rdev


def has_another(process: Path, terminal: tuple[int, int, int]) -> bool:
    """Return whether a process's terminal is of another devpts, as in a container: the numbers of each begin at 0.

    `process` is its folder in /proc. One whose standard streams are no terminal may have this one.
    """
    for name in ("0", "1", "2"):
        try:
            found = (process / "fd" / name).stat()
        except OSError:
            continue
        if found.st_rdev == terminal[2]:
            return (found.st_dev, found.st_ino) != terminal[:2]
    return False
