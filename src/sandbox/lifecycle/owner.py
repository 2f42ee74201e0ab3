"""Identifies the owner of objects on a shared engine (host, boot, user, process), and tells whether it is dead."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sandbox.core.digest import sha256
from sandbox.engine import labels
from sandbox.engine.labels import Owner
from sandbox.lifecycle.process import PROC, pid_namespace, start_time, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping


def current_owner() -> Owner:
    """Return this process."""
    return Owner(
        host=_host_id(),
        boot=text_of(f"{PROC}/sys/kernel/random/boot_id") or "unknown",
        pid_namespace=pid_namespace(),
        uid=os.getuid(),
        pid=os.getpid(),
        started=start_time(os.getpid()) or 0,
    )


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
    machine = text_of("/etc/machine-id") or text_of("/var/lib/dbus/machine-id") or ""
    return sha256(f"sandbox {machine} {os.uname().nodename}".encode()).hexdigest()[:16]
