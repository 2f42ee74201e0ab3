"""Where the kernel's overlayfs keeps what a running container has changed, on this host.

Sources: Documentation/filesystems/overlayfs.rst of Linux, proc(5), `GraphDriver` and `State.Pid` of the engine's API.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

from msgspec import Struct

DRIVERS: Final = ("overlay", "overlay2")
"""Podman's and Docker's names of it. Docker's store of containerd names no folder."""
FOLDER: Final = re.compile(r"/.+/[0-9a-f]{64}/diff")
"""An upper folder of either: its random name is another container's nowhere."""
ALL_USERS: Final = ["0", "0", "4294967295"]
"""The uid_map of a process in the first user namespace: its files have the owners that they have inside."""


class Layer(Struct, frozen=True, kw_only=True):
    """What an engine says of a container's own layer: its storage `driver`, the upper `folder`, and the `pid` of PID 1.

    The number is that of the engine's host, 0 for a container that does not run.
    """

    driver: str = ""
    folder: str = ""
    pid: int = 0


def upper_folder(layer: Layer, *, user: int | None = None, proc: str = "/proc") -> str:
    """Return the folder of a running container's changes; empty where this process can't read it as the kernel does.

    `user` is the effective one of this process. Only root can read it, of an engine on this host that maps no users,
    and only if the kernel says that it belongs to the root file system of the container's first process. It is the
    whole truth: a file can't be changed without being copied there, whatever its time and size are then.
    """
    folder, pid = layer.folder, layer.pid
    uid = os.geteuid() if user is None else user
    if uid or layer.driver not in DRIVERS or not FOLDER.fullmatch(folder) or not pid:
        return ""
    try:
        is_mapped = _text(f"{proc}/{pid}/uid_map").split() != ALL_USERS
        options = root_options(_text(f"{proc}/{pid}/mountinfo"))
    except OSError:
        return ""
    # with userxattr, anybody in there can write what decides how the folders are read
    fits = f"upperdir={folder}" in options and "userxattr" not in options
    return folder if fits and not is_mapped and Path(folder).is_dir() else ""


def root_options(mountinfo: str) -> tuple[str, ...]:
    """Return the options of the overlayfs that a process has as its root, none if it has no overlayfs there."""
    found: tuple[str, ...] = ()
    for line in mountinfo.splitlines():
        place, _, about = line.partition(" - ")
        kind, _, rest = about.partition(" ")
        if place.split(" ")[4:5] == ["/"]:  # a later one hides the one before
            found = tuple(rest.partition(" ")[2].split(",")) if kind == "overlay" else ()
    return found


def _text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8", errors="surrogateescape")
