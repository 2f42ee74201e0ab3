"""The files of a container in memory: those of its image below, its own above."""

from __future__ import annotations

import io
import itertools
import tarfile
from typing import TYPE_CHECKING, NamedTuple

from sandbox.engine.protocol import FileStamp
from sandbox.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

TICKS = itertools.count(1)
"""A clock that never shows the same time twice."""
FOLDERS = ("/etc", "/opt", "/tmp", "/usr", "/var")
"""What every file system has, however few files."""


class Node(NamedTuple):
    """A file, folder or link; `kind` as tarfile's, `content` that of a file, `modified` in ticks, 0 for the image's."""

    kind: bytes = tarfile.REGTYPE
    content: bytes = b""
    link: str = ""
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    modified: int = 0

    @property
    def is_file(self) -> bool:
        """Whether it is a regular file."""
        return self.kind == tarfile.REGTYPE


class Tree:
    """Files by absolute path. `below` is looked at anew each time: what is put there later is here, too."""

    def __init__(self, *below: Mapping[str, bytes], nodes: Mapping[str, Node] | None = None) -> None:
        self._below = below
        self._own: dict[str, Node | None] = dict(nodes or {})

    def nodes(self) -> dict[str, Node]:
        """Return all there is, with the folders on the way to it, in the order of names."""
        files = {path: Node(content=text) for files in self._below for path, text in files.items()}
        found = {path: node for path, node in {**files, **self._own}.items() if node is not None}
        for path in [*found, *(f"{folder}/" for folder in FOLDERS)]:
            parts = path.split("/")[1:-1]
            for count in range(1, len(parts) + 1):
                found.setdefault("/" + "/".join(parts[:count]), Node(kind=tarfile.DIRTYPE, mode=0o755))
        return dict(sorted(found.items()))

    def get(self, path: str) -> Node | None:
        """Return what is at a path, or None."""
        if path.rstrip("/") == "":
            return Node(kind=tarfile.DIRTYPE, mode=0o755)
        return self.nodes().get(path.rstrip("/"))

    def write(self, path: str, content: bytes, *, mode: int = 0o644, uid: int = 0) -> None:
        """Put a file there, as now."""
        self._own[path] = Node(content=content, modified=next(TICKS), mode=mode, uid=uid)

    def remove(self, path: str) -> None:
        """Take a file or a folder with all that is in it away; nothing where there is none."""
        for known in self.nodes():
            if known == path or known.startswith(f"{path}/"):
                self._own[known] = None

    def stamp(self, path: str) -> FileStamp | None:
        """Return what an engine says of a path, which follows no link."""
        node = self.get(path)
        if node is None:
            return None
        target = ""
        if node.kind == tarfile.SYMTYPE:
            target = node.link if node.link.startswith("/") else f"{path.rpartition('/')[0]}/{node.link}"
        modified = f"tick {node.modified}" if node.modified else "then"
        is_folder = node.kind == tarfile.DIRTYPE
        return FileStamp(size=len(node.content), modified=modified, is_folder=is_folder, target=target)

    def archive(self, path: str = "") -> bytes:
        """Return a tar archive of a file or folder by its last name, or of all; raise NotFound where there is none."""
        if path and self.get(path) is None:
            raise NotFound(f"no {path}")
        inside, up = path.rstrip("/"), path.rstrip("/").rpartition("/")[0]
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as tar:
            if path == "/":
                tar.addfile(_info("/", Node(kind=tarfile.DIRTYPE, mode=0o755)))
            for name, node in self.nodes().items():
                if name == inside or name.startswith(f"{inside}/"):
                    tar.addfile(_info(name.removeprefix(up).lstrip("/"), node), io.BytesIO(node.content))
        return buffer.getvalue()

    def unpack(self, folder: str, archive: Iterable[bytes]) -> None:
        """Unpack a tar archive in a folder; raise NotFound where there is none."""
        there = self.get(folder)
        if there is None or there.kind != tarfile.DIRTYPE:
            raise NotFound(f"no folder {folder}")
        with tarfile.open(fileobj=io.BytesIO(b"".join(archive))) as tar:
            for member in tar:
                name = member.name.removeprefix("./").strip("/")
                path = f"{folder.rstrip('/')}/{name}" if name not in ("", ".") else ""
                content = tar.extractfile(member) if member.isreg() else None
                if path and not (member.isdir() and self.get(path)):
                    self._own[path] = Node(
                        kind=member.type,
                        content=content.read() if content else b"",
                        link=member.linkname,
                        mode=member.mode,
                        uid=member.uid,
                        gid=member.gid,
                        modified=next(TICKS),
                    )


def _info(name: str, node: Node) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.size, info.linkname, info.mode = node.kind, len(node.content), node.link, node.mode
    info.uid, info.gid = node.uid, node.gid
    return info
