"""Turn the qcow2 image argv[1] into the raw disk argv[2] (format: docs/interop/qcow2.rst of QEMU)."""

from __future__ import annotations

import struct
import sys
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import BinaryIO

OFFSET = 0x00FFFFFFFFFFFE00
COMPRESSED = 1 << 62
ZEROS = 1


def convert(source: BinaryIO, disk: BinaryIO) -> None:
    """Write the disk that a version 3 image without backing file, encryption or incompatible features holds."""
    header = struct.unpack(">4sIQIIQIIQQIIQQ", source.read(80))
    magic, version, backing, _, bits, size, encryption, tables, place, *_, incompatible = header
    if (magic, version, backing, encryption, incompatible & ~1) != (b"QFI\xfb", 3, 0, 0, 0):
        sys.exit("an image of a kind that this does not know")
    cluster = 1 << bits
    entries = cluster // 8
    disk.truncate(size)
    for row, table in enumerate(read_words(source, place, tables)):
        if not table & OFFSET:
            continue
        for column, entry in enumerate(read_words(source, table & OFFSET, entries)):
            start = (row * entries + column) * cluster
            data = read_cluster(source, entry, bits)
            if start < size and data.strip(b"\0"):
                disk.seek(start)
                disk.write(data[: size - start])


def read_words(source: BinaryIO, place: int, count: int) -> tuple[int, ...]:
    """Return `count` numbers of 8 bytes."""
    source.seek(place)
    return struct.unpack(f">{count}Q", source.read(count * 8))


def read_cluster(source: BinaryIO, entry: int, bits: int) -> bytes:
    """Return what an entry of the second table stands for; nothing for zeros."""
    if entry & COMPRESSED:
        width = 62 - (bits - 8)
        place = entry & ((1 << width) - 1)
        sectors = ((entry & (COMPRESSED - 1)) >> width) + 1
        source.seek(place)
        return zlib.decompressobj(-12).decompress(source.read(sectors * 512 - place % 512), 1 << bits)
    if entry & ZEROS or not entry & OFFSET:
        return b""
    source.seek(entry & OFFSET)
    return source.read(1 << bits)


if __name__ == "__main__":
    with Path(sys.argv[1]).open("rb") as image, Path(sys.argv[2]).open("wb") as raw:
        convert(image, raw)
