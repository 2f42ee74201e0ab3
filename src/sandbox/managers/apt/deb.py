"""What a .deb says of itself. Sources: deb(5), deb-control(5), ar(5); dpkg keeps control files as they are."""

from __future__ import annotations

import io
import re
from typing import IO, TYPE_CHECKING, Final

from sandbox.core.compression import MAGIC
from sandbox.core.digest import sha256
from sandbox.managers.apt.names import NAME
from sandbox.managers.package_archives import (
    LARGEST_TEXT,
    ArchiveFacts,
    BrokenFile,
    FileInstall,
    members,
    next_bytes,
    valid_facts,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

START: Final = b"!<arch>\n"
HEADER: Final = 60
XZ_END: Final = b"YZ"
"""The last bytes of a whole xz file."""
SEALING: Final = ("md5sums", "preinst", "postinst", "prerm", "postrm", "triggers", "shlibs")
"""The control files that dpkg keeps of an installed package, of which the seal is made."""
_FIELD: Final = re.compile(r"^([A-Za-z-]+):[ \t]*(.*?)[ \t]*$", re.MULTILINE)


def read(file: IO[bytes]) -> ArchiveFacts:
    """Return what the control file says. Raises BrokenFile."""
    control: Mapping[str, bytes] | None = None
    has_data = False
    for name, size in _ar_members(file):
        start = file.tell()
        if name.startswith("control.tar"):
            content = next_bytes(file, size, "control archive") if size <= LARGEST_TEXT * 4 else b""
            control = members(io.BytesIO(content), wanted=lambda name: name in ("control", *SEALING))
        elif name.startswith("data.tar"):
            has_data = True
            _check_end(file, size)
        file.seek(start + size + size % 2)
    if control is None or not has_data or "control" not in control:
        missing = "data archive" if control and "control" in control else "control file"
        raise BrokenFile(f"it has no {missing}")
    fields = dict(_FIELD.findall(control["control"].decode("utf-8", "replace").split("\n\n")[0]))
    name, version = fields.get("Package", ""), fields.get("Version", "")
    architecture = fields.get("Architecture", "")
    plain = version.partition(":")[2] or version
    facts = ArchiveFacts(
        name=name,
        version=version,
        architecture=architecture,
        file_name=f"{name}_{plain}_{architecture}.deb",
        seal=_seal(control),
    )
    return valid_facts(facts, NAME)


def _ar_members(file: IO[bytes]) -> Iterator[tuple[str, int]]:
    """Yield the name and size of each member, with the file at its content; the caller moves on to the next."""
    end = file.seek(0, io.SEEK_END)
    file.seek(0)
    if file.read(len(START)) != START:
        raise BrokenFile("it is no .deb")
    first = True
    while file.tell() < end:
        header = next_bytes(file, HEADER, "headers")
        name, size = header[:16].rstrip(b" /").decode("ascii", "replace"), header[48:58].strip()
        if header[58:] != b"`\n" or not size.isdigit():
            raise BrokenFile("a header in it is damaged")
        if file.tell() + int(size) > end:
            raise BrokenFile(f"it ends in the middle of {name}")
        if first and (name != "debian-binary" or not next_bytes(file, int(size), name).startswith(b"2.")):
            raise BrokenFile("it is no .deb of format 2")
        if first:
            file.seek(int(size) % 2, io.SEEK_CUR)
        else:
            yield name, int(size)
        first = False


def _check_end(file: IO[bytes], size: int) -> None:
    """Raise BrokenFile for an xz that does not end as one: to unpack it all would take longer than the install."""
    start = file.tell()
    is_xz = next((kind for magic, kind in MAGIC.items() if file.read(6).startswith(magic)), "") == "xz"
    file.seek(start + max(size - len(XZ_END), 0))
    if is_xz and file.read(len(XZ_END)) != XZ_END:
        raise BrokenFile("its data archive is incomplete")


def _seal(control: Mapping[str, bytes]) -> str:
    """Return the names of the control files that dpkg keeps, and the SHA-256 of all of them."""
    parts = [part for part in SEALING if part in control]
    digest = sha256(b"".join(control[part] for part in parts)).hexdigest()
    return f"{'.'.join(parts)}:{digest}" if parts else ""


FILES: Final = FileInstall(
    kind="a .deb",
    endings=(".deb",),
    read=read,
    install=(),
    download=(),
    overwrite=("dpkg", "--force-confdef", "--force-confold", "-i"),
    present=("dpkg-query", "-W", "-f", r"${Package}\n${Package}:${Architecture}\n"),
)
