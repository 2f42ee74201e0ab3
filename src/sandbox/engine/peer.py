"""Who listens at an engine's URL: a process of this host, or one behind a tunnel or in a virtual machine."""

from __future__ import annotations

import os
import socket
import struct
from contextlib import suppress
from pathlib import Path
from typing import Final

LOCAL: Final = ("dockerd", "podman", "rootlesskit", "systemd")
"""Who listens at an engine's socket where the engine has this host's own files, by the kernel's name of it."""
UNANSWERED: Final = 3.0
"""Seconds that a socket has to accept a connection."""


def listens_here(url: str, listeners: tuple[str, ...] = LOCAL) -> bool:
    """Return whether a process of this host, with its files and networks, surely listens at an engine's URL."""
    if not url.startswith("unix://"):
        return False
    with suppress(OSError, AttributeError, ValueError), socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(UNANSWERED)
        probe.connect(url.removeprefix("unix://"))
        pid = struct.unpack("3i", probe.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
        return pid > 0 and _program(pid) in listeners
    return False


def is_this_host(host: str) -> bool:
    """Return whether a URL's host is the loopback of the host that asks (RFC 6761, 6.3, for names)."""
    return host in ("localhost", "::1") or host.endswith(".localhost") or host.startswith("127.")


def _program(pid: int) -> str:
    """Return the name of a process's program: what it was started as, where it ran itself anew by /proc/self/exe.

    Rootless Podman does, for a user namespace; the kernel then calls it `exe`. Raises OSError if there is none.
    """
    name = Path(f"/proc/{pid}/comm").read_text().strip()
    if name != "exe":
        return name
    return Path(os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes().partition(b"\0")[0])).name
