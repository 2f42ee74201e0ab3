"""Files and folders of this host, copied into a sandbox by the engine's archive API; nothing is copied back."""

from __future__ import annotations

from posixpath import basename, dirname, normpath
from typing import TYPE_CHECKING, Final

from sandbox.core.paths import IN_MEMORY, place_in
from sandbox.core.tar import pack
from sandbox.core.unreadable import unreadable_file
from sandbox.engine.labels import INIT
from sandbox.errors import Advice, EngineError, SandboxError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sandbox.container.box import Box
    from sandbox.engine.protocol import FileStamp


RUNTIME: Final = ("/run", "/var/run")
"""In memory too, where an init boots in the sandbox."""
ENGINE_FILES: Final = ("/etc/hostname", "/etc/hosts", "/etc/resolv.conf")


def copy_into(box: Box, source: Path, path: str, *, name: str, hints: Callable[[str], Advice]) -> str:
    """Copy a file or folder to a path of a sandbox called `name`, or into a folder there; return where it is.

    `hints(folder)` is the advice for a folder that is missing. Raise UsageError for a path that can't take it, and
    SandboxError for what can't be read. The copy belongs to root.
    """
    full, stamp = behind_links(box, path)
    is_folder = stamp is not None and stamp.is_folder
    if stamp is not None and source.is_dir() and not is_folder:
        message = f"{name}:{full} is a file, and {source} is a folder"
        raise UsageError(message)
    check_place(box, full)
    if full in ENGINE_FILES:
        message = f"the engine provides {full} of {name}, so no file can take its place"
        raise UsageError(message, hints=[Advice.say(f"write to it in the sandbox, as by: echo TEXT >>{full}")])
    own = source.name if source.name not in ("", "..") else source.resolve().name
    folder, new = (full, own) if is_folder else (dirname(full), basename(full))
    beside = _stamp(box, folder) if stamp is None else None  # an existing path is in an existing folder
    if stamp is None and (beside is None or not (beside.is_folder or beside.target)):
        message = f"{name} has no folder {folder}"
        raise UsageError(message, hints=[hints(folder)] if beside is None else ())
    try:
        box.copy_in(folder, pack(source.resolve(), new))
    except OSError as error:
        message = f"could not read {error.filename or source}: {error.strerror or error}"
        raise SandboxError(message) from error
    return f"{folder.rstrip('/')}/{new}"


def check_place(box: Box, full: str) -> None:
    """Raise UsageError for a place in the sandbox that the engine copies nothing to or from."""
    places: tuple[str, ...] = IN_MEMORY
    if place_in(full, RUNTIME):
        found = box.container()
        places += RUNTIME if found and INIT in found.labels else ()
    if place := place_in(full, places):
        message = f"the engine copies nothing to or from {place}, which is in the sandbox's memory"
        hint = Advice.say("copy it to another folder or from there, and move it in the sandbox")
        raise UsageError(message, hints=[hint])


def check_source(source: Path) -> None:
    """Raise UsageError for a path of this host that can't be copied."""
    try:
        source.stat()
    except (OSError, ValueError) as error:
        raise unreadable_file(source, error) from None
    if not (source.is_file() or source.is_dir()):
        message = f"{source} is neither a file nor a folder"
        raise UsageError(message)


def behind_links(box: Box, path: str) -> tuple[str, FileStamp | None]:
    """Return the absolute path that is meant, where it leads if it is a link, and what is there.

    It leads nowhere but in the container: the engine follows it within that.
    """
    full = normpath(f"/{path.lstrip('/')}")
    stamp = _stamp(box, full)
    # As docker cp does: without it, a file that was copied to /bin replaced that link.
    if stamp is not None and stamp.target:
        full = normpath(stamp.target)
        stamp = _stamp(box, full)
    return full, None if stamp is not None and stamp.target else stamp


def _stamp(box: Box, full: str) -> FileStamp | None:
    """Return the stamp of a path, or None. An engine fails for a path below a file: then there is none."""
    try:
        return box.stamp(full)
    except EngineError:
        above = _stamp(box, dirname(full)) if full != "/" else None
        if full == "/" or (above is not None and (above.is_folder or above.target)):
            raise
        return None
