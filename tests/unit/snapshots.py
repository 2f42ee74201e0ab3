"""File systems in memory, as an engine would export them."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

from sandbox.container.snapshot import read

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sandbox.container.snapshot import Snapshot

PASSWD = b"root:x:0:0:root:/root:/bin/bash\n"
GROUP = b"root:x:0:\n"


def member(
    path: str, *, mode: int = 0o644, gid: int = 0, link: str = "", pax: Mapping[str, str] | None = None
) -> tarfile.TarInfo:
    info = tarfile.TarInfo(path.strip("/"))
    info.mode, info.gid = mode, gid
    if path.endswith("/"):
        info.type = tarfile.DIRTYPE
    elif link:
        info.type, info.linkname = tarfile.SYMTYPE, link
    info.pax_headers = dict(pax or {})
    return info


def archive(files: Iterable[tuple[tarfile.TarInfo, bytes]], kind: int = tarfile.PAX_FORMAT) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=kind, errors="surrogateescape") as tar:
        for info, content in files:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def tree(files: Mapping[str, bytes | tarfile.TarInfo], *, users: bytes = b"", groups: bytes = b"") -> Snapshot:
    """Return the snapshot of files by path: contents, or members without any."""
    rows = [
        (found, b"") if isinstance(found, tarfile.TarInfo) else (member(path), found) for path, found in files.items()
    ]
    rows += [(member("/etc/passwd"), PASSWD + users), (member("/etc/group"), GROUP + groups)]
    return read(iter([archive(rows)]))
