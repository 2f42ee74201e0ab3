"""Debian packages that mean ill, made without any tool of Debian's: every name and kind of file that a tar can hold."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

CONTROL = """\
Package: {name}
Version: 1.0
Architecture: all
Maintainer: Lab <lab@example.org>
Description: {name} of the lab
"""


def entry(path: str, *, kind: bytes = tarfile.REGTYPE, mode: int = 0o644, link: str = "") -> tarfile.TarInfo:
    """Return a member of a package at an absolute path."""
    info = tarfile.TarInfo(f".{path}")
    info.type, info.mode, info.linkname = kind, mode, link
    return info


def deb(
    name: str,
    files: Iterable[tuple[tarfile.TarInfo, bytes]] = (),
    scripts: Mapping[str, str] | None = None,
    conflicts: str = "",
) -> bytes:
    """Return a package as deb(5) has it; `scripts` are bodies for sh by their names, as postinst."""
    more = f"Conflicts: {conflicts}\n" if conflicts else ""
    control = [(entry("/control"), (CONTROL.format(name=name) + more).encode())]
    for script, body in (scripts or {}).items():
        control.append((entry(f"/{script}", mode=0o755), f"#!/bin/sh\n{body}\n".encode()))
    members = {"debian-binary": b"2.0\n", "control.tar.gz": _tar(control), "data.tar.gz": _tar(_with_folders(files))}
    return b"!<arch>\n" + b"".join(_member(*pair) for pair in members.items())


def _with_folders(files: Iterable[tuple[tarfile.TarInfo, bytes]]) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    """Yield the files, before each the folders on its way, which dpkg does not make by itself."""
    known = set[str]()
    for info, content in files:
        for folder in reversed(PurePosixPath(info.name.removeprefix(".")).parents):
            if str(folder) not in known:
                known.add(str(folder))
                yield entry(str(folder), kind=tarfile.DIRTYPE, mode=0o755), b""
        yield info, content


def _tar(rows: Iterable[tuple[tarfile.TarInfo, bytes]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for info, content in rows:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return gzip.compress(buffer.getvalue(), compresslevel=1, mtime=0)  # the same bytes in every run


def _member(name: str, content: bytes) -> bytes:
    """Return a member of ar(5)."""
    head = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode()
    return head + content + b"\n" * (len(content) % 2)


def repository(packages: Mapping[str, bytes], conflicts: Mapping[str, str] | None = None) -> bytes:
    """Return a tar of a folder `hostile` with packages by name and their index, for `deb [trusted=yes] file:... ./`."""
    index, files = "", list[tuple[tarfile.TarInfo, bytes]]()
    for name, content in packages.items():
        digest = hashlib.sha256(content).hexdigest()
        more = f"Conflicts: {conflicts[name]}\n" if conflicts and name in conflicts else ""
        index += f"{CONTROL.format(name=name)}{more}Filename: ./{name}.deb\nSize: {len(content)}\nSHA256: {digest}\n\n"
        files.append((entry(f"/hostile/{name}.deb"), content))
    files.append((entry("/hostile/Packages"), index.encode()))
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for info, content in files:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()
