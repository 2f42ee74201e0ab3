"""Identifies the owner of objects on a shared engine (host, boot, user, process), and tells whether it is dead."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.engine import labels
from sandbox.engine.labels import Owner

if TYPE_CHECKING:
    from collections.abc import Mapping

PROC: Final = Path("/proc")
STARTED: Final = 19
"""Index of starttime in /proc/PID/stat, counted from after the command's closing bracket (proc(5), field 22)."""


def current_owner() -> Owner:
    """Return this process."""
    return Owner(
        host=_host_id(),
        boot=_text(PROC / "sys/kernel/random/boot_id") or "unknown",
        pid_namespace=_pid_namespace(),
        uid=os.getuid(),
        pid=os.getpid(),
        started=start_time(os.getpid()) or 0,
    )


def start_time(pid: int) -> int | None:
    """Return when a process started, in clock ticks since boot; None if there is no such process."""
    stat = _text(PROC / str(pid) / "stat")
    if stat is not None:
        return int(stat.rpartition(")")[2].split()[STARTED])
    if PROC.joinpath("self").exists():
        return None
    return 0 if _is_running(pid) else None  # without /proc (macOS) only the pid is known


def is_ours(ours: Owner, found: Mapping[str, str]) -> bool:
    """Return whether these labels name this host and user."""
    return found.get(labels.HOST) == ours.host and found.get(labels.USER) == str(ours.uid)


def owner_is_dead(ours: Owner, found: Mapping[str, str]) -> bool:
    """Return whether the owner in these labels is on this host, has our user id, and is surely dead."""
    if not is_ours(ours, found):
        return False
    if found.get(labels.BOOT) != ours.boot:
        return ours.boot != "unknown"
    pid, _, rest = found.get(labels.OWNER, "").partition(":")
    started, _, namespace = rest.partition(":")
    if namespace != ours.pid_namespace or not pid.isdecimal():
        return False
    now = start_time(int(pid))
    return now is None or str(now) != started


def _host_id() -> str:
    """Return an opaque id: the machine's, with its name, since cloned machines share the former (machine-id(5))."""
    machine = _text(Path("/etc/machine-id")) or _text(Path("/var/lib/dbus/machine-id")) or ""
    return hashlib.sha256(f"sandbox {machine.strip()} {os.uname().nodename}".encode()).hexdigest()[:16]


def _pid_namespace() -> str:
    try:
        return re.sub(r"\D", "", str(PROC.joinpath("self/ns/pid").readlink()))
    except OSError:
        return "unknown"


def _text(path: Path) -> str | None:
    try:
        return path.read_text(errors="replace").strip()
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
