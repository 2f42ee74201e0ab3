"""`sandbox cp`: files out of a sandbox, and into it."""

from __future__ import annotations

from pathlib import Path
from posixpath import basename, dirname, normpath
from typing import TYPE_CHECKING

from msgspec import Struct

from sandbox.archives import Unpacked, packed, unpack
from sandbox.commands.boxes import named
from sandbox.errors import NotFound, UsageError

if TYPE_CHECKING:
    from sandbox.engine.base import Engine
    from sandbox.labels import Owner


class Copied(Struct, frozen=True, kw_only=True):
    """Where the copy is; `files` and `size` in bytes of what came out, None on the way in."""

    place: str
    files: int | None = None
    size: int = 0
    left_out: tuple[str, ...] = ()


def copy(engine: Engine, owner: Owner, source: str, target: str) -> Copied:
    """Copy NAME:PATH to a path of this host, or the other way; raise UsageError for anything else."""
    out, into = _inside(source), _inside(target)
    if out and not into:
        return _out(engine, owner, *out, Path(target))
    if into and not out:
        return _into(engine, owner, Path(source), *into)
    message = "one of the two is NAME:PATH, a path in a sandbox, and the other a path here"
    raise UsageError(message, hints=["sandbox cp brave-otter:/etc/hosts .", "sandbox cp ./file brave-otter:/tmp/"])


def _inside(text: str) -> tuple[str, str] | None:
    """Return the name and the path of NAME:PATH, or None for a path of this host."""
    name, colon, path = text.partition(":")
    return (name, path) if colon and name and "/" not in name and name not in (".", "..") else None


def _out(engine: Engine, owner: Owner, name: str, path: str, target: Path) -> Copied:
    box = named(engine, owner, name)
    full = normpath(f"/{path.lstrip('/')}")
    stamp = engine.stamp(box.id, full)
    if stamp is None:
        message = f"{name} has no {full}"
        raise UsageError(message, hints=[f"sandbox enter {name} -- ls -la {dirname(full)}"])
    place = target / (basename(full) or name) if target.is_dir() else target
    if not place.parent.is_dir():
        message = f"there is no folder {place.parent} here"
        raise UsageError(message)
    if stamp.is_folder and place.exists() and not place.is_dir():
        message = f"{place} is a file, and {full} a folder"
        raise UsageError(message)
    done: Unpacked = unpack(engine.copy_out(box.id, full), place)
    if done.left_out and not done.files and not stamp.is_folder:
        message = f"nothing was copied: {done.left_out[0]}"
        raise UsageError(message)
    return Copied(place=str(place), files=done.files, size=done.size, left_out=done.left_out)


def _into(engine: Engine, owner: Owner, source: Path, name: str, path: str) -> Copied:
    if not source.exists():
        message = f"there is no {source} here"
        raise UsageError(message)
    box = named(engine, owner, name)
    full = normpath(f"/{path.lstrip('/')}")
    stamp = engine.stamp(box.id, full)
    is_folder = stamp is not None and stamp.is_folder
    folder, new = (full, source.resolve().name) if is_folder else (dirname(full), basename(full))
    try:
        engine.copy_in(box.id, folder, packed(source, new))
    except NotFound as error:
        message = f"{name} has no folder {folder}"
        raise UsageError(message, hints=[f"sandbox enter {name} -- mkdir -p {folder}"]) from error
    return Copied(place=f"{name}:{folder.rstrip('/')}/{new}")
