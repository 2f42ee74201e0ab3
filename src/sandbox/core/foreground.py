"""Whether a terminal is this process's to touch: it is the one of its foreground, or nobody's.

A terminal has one process group in its foreground; the kernel stops others that read it (SIGTTIN) or change it
(SIGTTOU), which nobody ever continues in a script (tcsetpgrp(3), termios(4), "job control").
"""

from __future__ import annotations

import os
import select
from functools import lru_cache
from pathlib import Path
from typing import Final

LOOK: Final = 0.2
"""Seconds between two looks at whether the foreground is ours: a shell's `fg` tells a job that runs nothing."""
TTY: Final = 4
"""The field of a process's controlling terminal in proc(5)'s stat, counted behind the name, from 0."""


def is_terminal(descriptor: int) -> bool:
    """Return whether a descriptor is a terminal, whoever has its foreground."""
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
    except OSError:  # it does not control our session: it is another's, as under setsid, or nobody's
        return not _has_owner(os.fstat(descriptor).st_rdev)


def is_elsewhere(descriptor: int) -> bool:
    """Return whether a descriptor is a terminal that another has in use at the moment."""
    return is_terminal(descriptor) and not is_ours(descriptor)


def can_write(descriptor: int, limit: float = 0.0) -> bool:
    """Return whether a write would not wait, at once or within `limit` seconds: a terminal may be stopped by Ctrl-S."""
    try:
        return bool(select.select([], [descriptor], [], limit)[1])
    except (OSError, ValueError):
        return True  # the write itself says what is wrong


@lru_cache(maxsize=8)
def _has_owner(device: int) -> bool:
    """Return whether a terminal controls any session whose processes can be seen here."""
    number = os.major(device) << 8 | os.minor(device) & 0xFF | (os.minor(device) & ~0xFF) << 12
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if fields[TTY] == str(number):
            return True
    return False
