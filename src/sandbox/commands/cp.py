"""`sandbox cp`: files out of a sandbox, and into it."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from posixpath import basename, dirname, normpath
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.container.box import Box
from sandbox.container.copying import behind_links, check_place, check_source, copy_into
from sandbox.core.tar import Unpacked, unpack
from sandbox.errors import Advice, Unwritten, UsageError
from sandbox.lifecycle.listing import find_sandbox

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sandbox.engine.labels import Owner
    from sandbox.engine.protocol import Engine, FileStamp

MAGIC: Final = b"ustar"
MAGIC_AT: Final = 257
"""The magic of a tar archive and its offset (pax(1), the ustar format)."""
COMPRESSED: Final = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd")
"""The first bytes of gzip, bzip2, xz and zstd, which engines unpack."""


class Copied(Struct, frozen=True, kw_only=True):
    """The place of the copy; `files` and `size` (bytes) if it came out of the sandbox, None if it went in."""

    place: str
    files: int | None = None
    size: int = 0
    left_out: tuple[str, ...] = ()


def copy(engine: Engine, owner: Owner, source: str, target: str) -> Copied:
    """Copy NAME:PATH to a path of this host, or the other way. Raises UsageError for anything else."""
    out, into = inside(source), inside(target)
    if out and not into:
        name, path = out
        return copy_out(Box(engine, find_sandbox(engine, owner, name).id), name, path, Path(target))
    if into and not out:
        name, path = into
        return copy_in(Box(engine, find_sandbox(engine, owner, name).id), Path(source), name, path)
    message = "cp copies between a sandbox (NAME:PATH) and a path on this host"
    colons = [Advice.mend((text, f"./{text}")) for text in (source, target) if out and into and os.path.lexists(text)]
    if out and into:
        colons.append(Advice.say('a path on this host that has a ":" begins with ./ or /'))
    raise UsageError(
        message,
        hints=[
            *colons,
            Advice.sandbox("cp", "brave-otter:/etc/hosts", "."),
            Advice.sandbox("cp", "./file", "brave-otter:/tmp/"),
        ],
    )


def archive_of(engine: Engine, owner: Owner, name: str, path: str) -> Iterator[bytes]:
    """Yield the engine's tar archive of a file or folder in a sandbox."""
    box = Box(engine, find_sandbox(engine, owner, name).id)
    full, _ = _find_path(box, name, path)
    yield from box.copy_out(full)


def unpack_into(engine: Engine, owner: Owner, archive: Iterable[bytes], name: str, path: str) -> Copied:
    """Unpack a tar archive into a folder of a sandbox. Raises UsageError for a missing folder or another format."""
    box = Box(engine, find_sandbox(engine, owner, name).id)
    folder, stamp = _find_path(box, name, path)
    if not stamp.is_folder:
        message = f"{name}:{folder} is a file; an archive needs a folder"
        raise UsageError(message)
    box.copy_in(folder, _tar_only(archive))
    return Copied(place=f"{name}:{folder}")


def _tar_only(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the chunks of a tar archive, which may be compressed; raise UsageError where they begin as nothing such.

    An engine would take anything else, or nothing at all, for an archive without members.
    """
    head, rest = b"", iter(chunks)
    while len(head) < MAGIC_AT + len(MAGIC) and (piece := next(rest, b"")):
        head += piece
    if head[MAGIC_AT : MAGIC_AT + len(MAGIC)] != MAGIC and not head.startswith(COMPRESSED):
        message = "standard input is not a tar archive" if head else "standard input is empty, not a tar archive"
        raise UsageError(
            message,
            hints=[
                Advice.sandbox("cp", "-", "NAME:FOLDER", before="tar -c FILE... | "),
                Advice.sandbox("cp", "FILE", "NAME:PATH"),
            ],
        )
    yield head
    yield from rest


def inside(text: str) -> tuple[str, str] | None:
    """Return name and path of NAME:PATH, or None for a path of this host."""
    name, colon, path = text.partition(":")
    return (name, path) if colon and name and "/" not in name and name not in (".", "..") else None


def _find_path(box: Box, name: str, path: str) -> tuple[str, FileStamp]:
    """Return the absolute path in the sandbox `name` and its stamp. Raises UsageError if the path does not exist."""
    full, stamp = behind_links(box, path)
    check_place(box, full)
    if stamp is None:
        message = f"{name} has no file or folder {full}"
        raise UsageError(message, hints=[Advice.sandbox("enter", name, "--", "ls", "-la", dirname(full))])
    return full, stamp


def copy_out(box: Box, name: str, path: str, target: Path) -> Copied:
    """Copy a file or folder of the sandbox `name` to a path of this host, into it where that is a folder.

    Raises UsageError for a path that does not exist on either side, Unwritten where the target can't be written.
    """
    full, stamp = _find_path(box, name, path)
    own = basename(normpath(f"/{path}"))
    place = target / (own or name) if target.is_dir() else target
    if not place.parent.is_dir():
        message = f"there is no folder {place.parent} here"
        raise UsageError(message)
    if stamp.is_folder and place.exists() and not place.is_dir():
        message = f"{place} is a file, and {full} is a folder"
        raise UsageError(message)
    try:
        done: Unpacked = unpack(box.copy_out(full), place, is_root=full == "/")
    except OSError as error:
        raise Unwritten.place(error.filename or place, error) from error
    if done.left_out and not done.files and not stamp.is_folder:
        message = f"nothing was copied: {done.left_out[0]}"
        raise UsageError(message)
    return Copied(place=str(place), files=done.files, size=done.size, left_out=done.left_out)


def copy_in(box: Box, source: Path, name: str, path: str) -> Copied:
    """Copy a file or folder of this host to a path of the sandbox `name`, into it where that is a folder.

    Raises UsageError for a path that does not exist on either side, SandboxError for a source that can't be read.
    """
    check_source(source)
    return Copied(place=f"{name}:{copy_into(box, source, path, name=name, hints=partial(_missing_folder, name))}")


def _missing_folder(name: str, folder: str) -> Advice:
    return Advice.sandbox("enter", name, "--", "mkdir", "-p", folder)
