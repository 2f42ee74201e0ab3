"""Where the kernel's overlayfs keeps what a running container has changed, on this host.

Sources: Documentation/filesystems/overlayfs.rst of Linux ("Inode properties"), proc(5), cgroups(7).
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

ALL_USERS: Final = ["0", "0", "4294967295"]
"""The uid_map of a process in the first user namespace: its files have the owners that they have inside."""
ORIGIN: Final = "trusted.overlay.origin"
"""What a file has that was copied up: it keeps the number of the file that it is a copy of."""
COMPARED: Final = 20
"""New files whose numbers are compared."""
FOLDERS: Final = 1000
"""Folders in which these are looked for."""


def upper_folder(ident: str, pid: int, *, user: int | None = None, proc: Path = Path("/proc")) -> str:
    """Return the folder of a running container's changes; empty where this process can't read it as the kernel does.

    `pid` is the container's first process, on the engine's host; `user` the effective one of this process. Only root
    can read it, of an engine on this host that maps no users. It is the whole truth: a file can't be changed without
    being copied there, whatever its size and time are then.
    """
    process = proc / str(pid)
    if not pid or (os.geteuid() if user is None else user):
        return ""
    try:
        is_its = _is_first_process(process, ident)
        mountinfo = _text(process / "mountinfo")
        options = root_options(mountinfo)
        folder = next((text.partition("=")[2] for text in options if text.startswith("upperdir=")), "")
        # with userxattr, anybody in there can write what decides how the folders are read
        fits = is_its and "userxattr" not in options and folder.startswith("/")
        return folder if fits and is_same(folder, process / "root", mount_points(mountinfo)) else ""
    except OSError:
        return ""


def root_folder(ident: str, pid: int, *, user: int | None = None, proc: Path = Path("/proc")) -> str:
    """Return the folder at which a running container's files are here, as its first process `pid` sees them.

    Empty where this process can't read it: for others than root, of an engine on another host or that maps users, and
    of a runtime that is a virtual machine, whose process has this host's root. What is in it is hostile.
    """
    process = proc / str(pid)
    if not pid or (os.geteuid() if user is None else user):
        return ""
    try:
        is_its = _is_first_process(process, ident)
        return str(process / "root") if is_its and not _is_host(process / "root") else ""
    except OSError:
        return ""


def _is_first_process(process: Path, ident: str) -> bool:
    """Return whether a process is a container's; else that number is another's here: the engine is on another host."""
    return ident in _text(process / "cgroup") and _text(process / "uid_map").split() == ALL_USERS


def _is_host(root: Path) -> bool:
    return root.stat().st_dev == Path("/").stat().st_dev


def root_options(mountinfo: str) -> tuple[str, ...]:
    """Return the options of the overlayfs that a process has as its root, none if it has no overlayfs there."""
    found: tuple[str, ...] = ()
    for line in mountinfo.splitlines():
        place, _, about = line.partition(" - ")
        kind, _, rest = about.partition(" ")
        if place.split(" ")[4:5] == ["/"]:  # a later one hides the one before
            found = tuple(rest.partition(" ")[2].split(",")) if kind == "overlay" else ()
    return found


def mount_points(mountinfo: str) -> frozenset[str]:
    """Return the places below the root at which a process has something else mounted."""
    places = (line.split(" ")[4:5] for line in mountinfo.splitlines())
    return frozenset(_real_path(place) for (place,) in filter(None, places)) - {"/"}


def _real_path(place: str) -> str:
    r"""Return a path of mountinfo, in which `\040` is a blank."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), place)


def is_same(folder: str, root: Path, mounted: Collection[str] = ()) -> bool:
    """Return whether the new files of an upper folder are those that are seen at a container's root.

    The kernel's path is the engine's, and may be another folder here. overlayfs gives a new file the number that it has
    in the upper folder; a runtime that is a virtual machine has this host's root. What is `mounted` over, as Podman
    does over the /run/.containerenv that it makes, is not seen. Raises OSError.
    """
    if _is_host(root):
        return False
    count = 0
    for path, found in _new_files(folder):
        if _is_below(f"/{path}", mounted):
            continue
        seen = os.lstat(f"{root}/{path}")
        if (seen.st_ino, seen.st_size, seen.st_mtime_ns) != (found.st_ino, found.st_size, found.st_mtime_ns):
            return False
        count += 1
        if count == COMPARED:
            break
    return count > 0


def _is_below(path: str, places: Collection[str]) -> bool:
    """Return whether an absolute path is one of these places, or below one."""
    return any(path == place or path.startswith(f"{place}/") for place in places)


def _new_files(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    """Yield the relative path and the status of files that have been made in a folder of overlayfs."""
    for number, (inner, folders, names, handle) in enumerate(os.fwalk(folder)):
        if number > FOLDERS:
            return
        folders.sort()
        for name in names:
            found = os.stat(name, dir_fd=handle, follow_symlinks=False)
            path = f"{inner}/{name}"
            if stat.S_ISREG(found.st_mode) and ORIGIN not in os.listxattr(path, follow_symlinks=False):
                yield path[len(folder) + 1 :], found


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="surrogateescape")
