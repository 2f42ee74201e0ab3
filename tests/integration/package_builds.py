"""Package files that a test makes by itself, without a distro's tools: wheels, npm tarballs, a .deb, an .apk.

The same package is the same bytes whenever it is made: tests hold a file to the checksum of another one.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import lzma
import tarfile
import zipfile
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence


PACKERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "": bytes,
    "gz": lambda data: gzip.compress(data, mtime=0),
    "xz": lzma.compress,
}


def wheel(name: str, version: str, *, needs: Sequence[str] = (), tag: str = "py3-none-any") -> bytes:
    """Return a wheel whose command prints its name and version."""
    module, info = name.replace("-", "_"), f"{name.replace('-', '_')}-{version}.dist-info"
    required = "".join(f"Requires-Dist: {need}\n" for need in needs)
    files = {
        f"{module}/__init__.py": f"def main():\n    print('{name} {version}')\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{required}\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: {tag}\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{name} = {module}:main\n",
    }
    rows = [f"{path},sha256={_digest(text)},{len(text)}\n" for path, text in files.items()]
    files[f"{info}/RECORD"] = "".join([*rows, f"{info}/RECORD,,\n"])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, text in files.items():
            archive.writestr(zipfile.ZipInfo(path), text)  # of 1980, not of now
    return buffer.getvalue()


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


def tarball(name: str, version: str, command: str, **more: object) -> bytes:
    """Return an npm tarball whose command prints its version."""
    said = {"name": name, "version": version, "bin": {command: "cli.js"}, **more}
    script = f"#!/usr/bin/env node\nconsole.log('{command} {version}')\n"
    return tar({"package/package.json": json.dumps(said).encode(), "package/cli.js": script.encode()}, "gz")


def tar(files: Mapping[str, bytes], compression: str = "", *, is_of_apk: bool = False) -> bytes:
    """Return a tar of files, perhaps compressed; of folders where a path ends with a slash.

    apk 3 takes no file without its SHA-1 in a header of pax.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for path, content in files.items():
            info = tarfile.TarInfo(path)
            info.size, info.mode = len(content), 0o755
            info.type = tarfile.DIRTYPE if path.endswith("/") else tarfile.REGTYPE
            if is_of_apk and content:
                info.pax_headers = {"APK-TOOLS.checksum.SHA1": hashlib.sha1(content, usedforsecurity=False).hexdigest()}
            archive.addfile(info, io.BytesIO(content))
    return PACKERS[compression](buffer.getvalue())


def deb(control: str, files: Mapping[str, bytes], *, compression: str = "gz", **scripts: bytes) -> bytes:
    """Return a .deb with a control file, the files of its data, and more control files by their names."""
    ending = f".{compression}" if compression else ""
    members = {
        "debian-binary": b"2.0\n",
        f"control.tar{ending}": tar({"./control": control.encode(), **scripts}, compression),
        f"data.tar{ending}": tar(files, compression),
    }
    return b"!<arch>\n" + b"".join(_ar(name, content) for name, content in members.items())


def _ar(name: str, content: bytes) -> bytes:
    head = f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(content):<10}`\n".encode()
    return head + content + b"\n" * (len(content) % 2)


def control(name: str, version: str, architecture: str = "all", **more: str) -> str:
    """Return a control file of a .deb."""
    rows = {
        "Package": name,
        "Version": version,
        "Architecture": architecture,
        "Maintainer": "T <t@example.org>",
        **more,
    }
    return "".join(f"{key.replace('_', '-')}: {value}\n" for key, value in rows.items()) + "Description: of a test\n"


def apk(name: str, version: str, files: Mapping[str, bytes], *, needs: Sequence[str] = ()) -> bytes:
    """Return an .apk of format 2 that nobody has signed; apk 3 takes no file whose folders are not in it, too."""
    parents = {f"{one}/": b"" for path in files for one in reversed(PurePosixPath(path).parents) if one.name}
    data = tar({**parents, **files}, "gz", is_of_apk=True)
    rows = [
        f"pkgname = {name}",
        f"pkgver = {version}",
        "arch = noarch",
        "size = 1",
        *(f"depend = {one}" for one in needs),
    ]
    info = "\n".join([*rows, f"datahash = {hashlib.sha256(data).hexdigest()}", ""])
    cut = tar({".PKGINFO": info.encode()})
    member = 512 + -(-len(info.encode()) // 512) * 512  # apk's control tar has no end
    return gzip.compress(cut[:member], mtime=0) + data
