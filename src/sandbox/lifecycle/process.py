"""A process as its labels name it; the module loads nothing that Python has not loaded already."""

from __future__ import annotations

import os

PROC = "/proc"
STARTED = 19
"""Index of starttime in /proc/PID/stat, counted from after the command's closing bracket (proc(5), field 22)."""


def start_time(pid: int) -> int | None:
    """Return when a process started, in clock ticks since boot; None if there is no such process."""
    stat = text_of(f"{PROC}/{pid}/stat")
    if stat is not None:
        return int(stat.rpartition(")")[2].split()[STARTED])
    if os.access(f"{PROC}/self", os.F_OK):
        return None
    return 0 if _is_running(pid) else None  # without /proc (macOS) only the pid is known


def pid_namespace() -> str:
    """Return the number of the namespace in which this process has its pid; `unknown` where the kernel says none."""
    try:
        return "".join(filter(str.isdigit, os.readlink(f"{PROC}/self/ns/pid")))  # noqa: PTH115 - pathlib takes 8 ms
    except OSError:
        return "unknown"


def own_word() -> str:
    """Return the value of the label that names this process (labels.OWNER)."""
    return f"{os.getpid()}:{start_time(os.getpid()) or 0}:{pid_namespace()}"


def text_of(path: str) -> str | None:
    """Return a file's text without white space around it; None if it can't be read."""
    try:
        with open(path, errors="replace") as file:  # noqa: PTH123 - pathlib takes 8 ms
            return file.read().strip()
    except OSError:
        return None


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
