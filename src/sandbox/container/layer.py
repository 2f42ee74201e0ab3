"""A running sandbox's files as those of its image under its own layer: a look that reads only what has changed.

An engine's export hands over every file of the image anew: 116 MB, and 0.8 s of a processor, for a Debian in which an
install has changed 100 files. The kernel keeps what was changed apart, in a folder that root on the engine's host can
read: a file can't be changed without being copied there, whatever its size and time are then.

What a package has put there is hostile: no link is followed, nothing but a plain file is opened, and where the layer
holds what only the kernel can resolve, the engine's export is read. Source: overlayfs.rst of Linux, "Inode properties",
"Redirecting directories", "Metadata only copy up".
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from sandbox.container.snapshot import MOST, MOST_READ, READ, FileEntry, Snapshot, snapshot
from sandbox.container.tarstream import LONGEST
from sandbox.container.upper import DEEPEST, OPAQUE, OVERLAY, PIECE, Unfit, deciding, folder_of, open_folder, way
from sandbox.engine.overlay import upper_folder
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.container.box import Box

CAPABILITY: Final = "security.capability"
LARGEST: Final = 1 << 36
"""Bytes of a file to read: a sparse one may claim more than any disk has."""
DIGEST: Final = 16
EMPTY: Final = sha256().digest()[:DIGEST]
KINDS: Final = {
    stat.S_IFREG: "f",
    stat.S_IFDIR: "d",
    stat.S_IFLNK: "l",
    stat.S_IFCHR: "c",
    stat.S_IFBLK: "b",
    stat.S_IFIFO: "p",
}
"""The kinds of files; an engine's archive has no sockets."""


class Layer(Struct, frozen=True, kw_only=True):
    """What a layer holds by absolute path; `removed` are paths of the image that are gone with all below.

    `emptied` are folders below which nothing of the image is there any more.
    """

    entries: dict[str, FileEntry] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    emptied: set[str] = field(default_factory=set)


def files_of(
    box: Box, image_files: Callable[[], Snapshot] | None, *, find: Callable[[str, int], str] = upper_folder
) -> Snapshot:
    """Return what is there now, as `snapshot` does and raises; `image_files` returns the files of its image.

    These are not asked for where this process can't read the sandbox's layer, whose folder is what `find` returns for
    its id and its first process.
    """
    if image_files is not None:
        with suppress(OSError, SandboxError, Unfit):
            if folder := folder_of(box, find=find):
                return merge(image_files(), read_layer(folder))
    return snapshot(box)


def merge(image: Snapshot, layer: Layer) -> Snapshot:
    """Return the files of an image under a layer. Raises Unfit for a change of the image's hard links. Pure."""
    replaced = {path for path in image.entries if path in layer.entries and layer.entries[path].kind != "d"}
    hidden = _Hidden(layer.removed | replaced, layer.emptied)
    there = {path: entry for path, entry in image.entries.items() if path not in hidden}
    linked = {name for path, entry in image.entries.items() if entry.kind == "h" for name in (path, entry.link)}
    if any(path not in there or path in layer.entries for path in linked):
        raise Unfit("a hard link")
    contents = {path: text for path, text in image.contents.items() if path in there and path not in replaced}
    return Snapshot(entries={**there, **layer.entries}, contents={**contents, **layer.contents})


class _Hidden:
    """The paths of an image that a layer hides: those that are `gone`, and all below these and `emptied` folders."""

    def __init__(self, gone: set[str], emptied: set[str]) -> None:
        self._gone = gone
        self._cut = gone | emptied
        self._known: dict[str, bool] = {"": False}

    def __contains__(self, path: str) -> bool:
        return path in self._gone or self._is_below(path.rpartition("/")[0])

    def _is_below(self, folder: str) -> bool:
        """Return whether all in a folder is hidden."""
        known = self._known.get(folder)
        if known is None:
            known = self._known[folder] = folder in self._cut or self._is_below(folder.rpartition("/")[0])
        return known


def read_layer(folder: str) -> Layer:
    """Return what a folder of overlayfs holds. Raises OSError, and Unfit for what only the kernel can resolve."""
    with open_folder(folder) as top:
        reader = _Reader()
        reader.read(top, "")
    return reader.layer


class _Reader:
    """Reads a layer, folder by folder in the order of names, as an engine's archive has them."""

    def __init__(self) -> None:
        self.layer = Layer()
        self._first: dict[tuple[int, int], str] = {}
        """The first path of each file that has several."""
        self._room = MOST_READ

    def read(self, folder: int, path: str) -> None:
        """Read the open folder of a path, which is `` for the root."""
        if path.count("/") > DEEPEST:
            raise Unfit("deep folders")
        for name in sorted(os.listdir(folder), key=os.fsencode):
            try:
                handle = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
            except FileNotFoundError:  # it has gone meanwhile
                continue
            try:
                self._read_entry(handle, f"{path}/{name}")
            finally:
                os.close(handle)
        if len(self.layer.entries) > MOST:
            raise Unfit("millions of files")

    def _read_entry(self, handle: int, path: str) -> None:
        """Read what is open, without its content."""
        found = os.fstat(handle)
        kind = KINDS.get(stat.S_IFMT(found.st_mode), "")
        if kind == "f":
            self.layer.entries[path] = self._file(handle, found, path)
        elif kind == "d":
            self._read_folder(handle, found, path)
        elif not kind or (kind == "c" and not found.st_rdev):
            self.layer.removed.add(path)
        else:
            link = os.readlink("", dir_fd=handle) if kind == "l" else ""
            self.layer.entries[path] = _entry(kind, found, link=link)

    def _read_folder(self, handle: int, found: os.stat_result, path: str) -> None:
        with open_folder(way(handle)) as inner:
            attributes = deciding(os.listxattr(inner))
            if attributes - {OPAQUE}:
                raise Unfit("a moved folder")
            if attributes and os.getxattr(inner, f"{OVERLAY}{OPAQUE}") != b"y":
                raise Unfit("whiteouts of another form")
            if attributes:
                self.layer.emptied.add(path)
            self.layer.entries[path] = _entry("d", found)
            self.read(inner, path)

    def _file(self, handle: int, found: os.stat_result, path: str) -> FileEntry:
        """Return a file's entry: of one with several paths, a hard link for each but the first."""
        seen = self._first.setdefault((found.st_dev, found.st_ino), path) if found.st_nlink > 1 else path
        if seen != path:
            first = self.layer.entries[seen]
            return _entry("h", found, size=first.size, link=seen, digest=first.digest, capability=first.capability)
        if found.st_size > LARGEST:
            raise Unfit("a huge file")
        attributes = os.listxattr(way(handle))
        if deciding(attributes):
            raise Unfit("a file whose content is elsewhere")
        capability = os.getxattr(way(handle), CAPABILITY) if CAPABILITY in attributes else b""
        keeps = found.st_size <= LONGEST and self._room > 0 and READ.fullmatch(path[1:]) is not None
        size, digest, content = _content(handle, found.st_size, keeps=keeps) if found.st_size else (0, EMPTY, b"")
        if keeps:
            self.layer.contents[path] = content
            self._room -= len(content)
        return _entry("f", found, size=size, digest=digest, capability=capability)


def _content(handle: int, size: int, *, keeps: bool) -> tuple[int, bytes, bytes]:
    """Return a file's size, its digest as in an archive's snapshot, and its content if it `keeps` that.

    `size` is what it had a moment ago, in bytes.
    """
    most = min(size + 1, PIECE)
    file = os.open(way(handle), os.O_RDONLY | os.O_NOATIME | os.O_CLOEXEC)
    try:
        piece = os.read(file, most)
        hashed, length, kept = sha256(piece), len(piece), [piece]
        while len(piece) == most:  # a plain file gives less only at its end
            piece = os.read(file, most)
            hashed.update(piece)
            length += len(piece)
            if keeps:
                kept.append(piece)
    finally:
        os.close(file)
    return length, hashed.digest()[:DIGEST], b"".join(kept) if keeps else b""


def _entry(
    kind: str, found: os.stat_result, *, size: int = 0, link: str = "", digest: bytes = b"", capability: bytes = b""
) -> FileEntry:
    return FileEntry(
        kind=kind,
        mode=stat.S_IMODE(found.st_mode),
        uid=found.st_uid,
        gid=found.st_gid,
        size=size,
        link=link,
        digest=digest,
        capability=capability,
    )
