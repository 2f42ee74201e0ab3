"""What a package file of pacman says of itself. Sources: makepkg(8), PKGBUILD(5), alpm's database (mtree)."""

from __future__ import annotations

from hashlib import sha256
from typing import IO, Final

from sandbox.managers.package_archives import (
    ArchiveFacts,
    BrokenFile,
    FileInstall,
    fields_of,
    members,
    one,
    valid_facts,
)
from sandbox.managers.pacman.names import NAME

INFO: Final = ".PKGINFO"
TREE: Final = ".MTREE"
ENDINGS: Final = (".pkg.tar.zst", ".pkg.tar.xz", ".pkg.tar.gz", ".pkg.tar")


def read(file: IO[bytes]) -> ArchiveFacts:
    """Return what .PKGINFO says, of a file that is read to its end. Raises BrokenFile."""
    found = members(file, wanted=lambda name: name in (INFO, TREE))
    if INFO not in found:
        raise BrokenFile(f"it has no {INFO}")
    fields = fields_of(found[INFO])
    name, version, architecture = one(fields, "pkgname"), one(fields, "pkgver"), one(fields, "arch")
    facts = ArchiveFacts(
        name=name,
        version=version,
        architecture=architecture,
        file_name=f"{name}-{version}-{architecture}.pkg.tar",  # pacman looks at the content
        seal=sha256(found[TREE]).hexdigest() if TREE in found else "",
    )
    return valid_facts(facts, NAME)


FILES: Final = FileInstall(
    kind="a .pkg.tar.zst",
    endings=ENDINGS,
    read=read,
    install=("pacman", "-U", "--noconfirm"),
    download=("pacman", "-Uw", "--noconfirm"),
    overwrite=("pacman", "-U", "--noconfirm"),
    present=("pacman", "-Qq"),
)
