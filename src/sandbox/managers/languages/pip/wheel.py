"""What a wheel says of itself. Source: the binary distribution format (PEP 427) and the core metadata."""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import IO, Final

from sandbox.managers.languages.pip import metadata
from sandbox.managers.package_archives import (
    LARGEST_CONTENT,
    LARGEST_TEXT,
    ArchiveFacts,
    BrokenFile,
    FileInstall,
    valid_facts,
)

NAME: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_INFO: Final = re.compile(r"(?P<name>[^/]+)\.dist-info/METADATA")
_TAG: Final = re.compile(r"^Tag: *([A-Za-z0-9_]+)-([A-Za-z0-9_]+)-([A-Za-z0-9_.]+)\s*$", re.MULTILINE)
_MACHINE: Final = re.compile(r"(?:linux|manylinux(?:1|2010|2014|_\d+_\d+)|musllinux_\d+_\d+)_(?P<machine>\w+)")


def read(file: IO[bytes]) -> ArchiveFacts:
    """Return what METADATA says, of a file whose parts have the right checksums. Raises BrokenFile."""
    try:
        with zipfile.ZipFile(file) as archive:
            return _read(archive)
    except BrokenFile:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, OSError, ValueError, LookupError) as error:
        raise BrokenFile(f"it is no whole wheel: {error}") from error


def _read(archive: zipfile.ZipFile) -> ArchiveFacts:
    if sum(row.file_size for row in archive.infolist()) > LARGEST_CONTENT:
        raise BrokenFile("it unpacks to too much")
    if (damaged := archive.testzip()) is not None:
        raise BrokenFile(f"its {damaged[:60]} is damaged")
    infos = [found for name in archive.namelist() if (found := _INFO.fullmatch(name))]
    if len(infos) != 1:
        raise BrokenFile("it is no wheel: it has no METADATA")
    said = metadata.read(_text(archive, infos[0][0]))
    tags = _TAG.findall(_text(archive, f"{infos[0]['name']}.dist-info/WHEEL").decode("utf-8", "replace"))
    if said is None or not tags:
        raise BrokenFile("its METADATA or its WHEEL is damaged")
    joined = "-".join(".".join(dict.fromkeys(part)) for part in zip(*tags, strict=True))
    stem = f"{said.name.replace('-', '_')}-{said.version.replace('-', '_')}"
    facts = ArchiveFacts(
        name=said.name,
        version=said.version,
        architecture=_machine([tag[2] for tag in tags]),
        file_name=f"{stem}-{joined}.whl",
    )
    return valid_facts(facts, NAME)


def _text(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        info = archive.getinfo(name)
    except KeyError:
        raise BrokenFile(f"it has no {name[:60]}") from None
    if info.file_size > LARGEST_TEXT:
        raise BrokenFile(f"its {name[:60]} is too large")
    return archive.read(info)


def _machine(platforms: list[str]) -> str:
    """Return the machine that all platforms are of; empty for any, or for a system that is not Linux."""
    if "any" in platforms:
        return "any"
    found = {row["machine"] for platform in platforms if (row := _MACHINE.fullmatch(platform))}
    return found.pop() if len(found) == 1 else platforms[0]


FILES: Final = FileInstall(
    kind="a wheel", endings=(".whl",), read=read, install=(), download=(), overwrite=(), present=()
)
