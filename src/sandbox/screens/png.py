"""PNG files, written by ourselves and read as far as icons need it (PNG specification, W3C, third edition). Pure."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
RGB: Final = 2
RGBA: Final = 6
PALETTE: Final = 3
GREY: Final = 0
GREY_ALPHA: Final = 4
BYTE: Final = 8
OPAQUE: Final = 255
CHANNELS: Final[Mapping[int, int]] = {GREY: 1, RGB: 3, PALETTE: 1, GREY_ALPHA: 2, RGBA: 4}
"""Samples of a pixel, by colour type."""
DEPTHS: Final = (1, 2, 4, 8, 16)
LARGEST: Final = 512
"""Pixels of an icon's side."""
HEAD: Final = ">IIBBBBB"


def png_file(width: int, height: int, colour: int, pixels: bytes) -> bytes:
    """Return a PNG file: 8 bits a channel, no row filtered, no other chunk than the three that there must be."""
    stride = width * CHANNELS[colour]
    rows = b"".join(b"\0" + pixels[at : at + stride] for at in range(0, len(pixels), stride))
    head = struct.pack(HEAD, width, height, 8, colour, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_again(file: bytes) -> bytes:
    """Return a PNG file of our own making with the pixels of another, and nothing else of it.

    Raises ValueError for what is no such file, is larger than LARGEST, or is interlaced.
    """
    try:
        return _again(file)
    except (struct.error, zlib.error, IndexError) as error:
        message = f"no PNG file: {error}"
        raise ValueError(message) from error


def _again(file: bytes) -> bytes:
    chunks = list(_chunks(file))
    if not chunks or chunks[0][0] != b"IHDR":
        message = "the file has no header"
        raise ValueError(message)
    width, height, depth, colour, *rest = struct.unpack(HEAD, chunks[0][1])
    if not (0 < width <= LARGEST and 0 < height <= LARGEST and depth in DEPTHS and colour in CHANNELS) or any(rest):
        message = f"a picture of {width} x {height} pixels of type {colour} is not read"
        raise ValueError(message)
    channels = CHANNELS[colour]
    stride = (width * depth * channels + 7) // 8
    packed = b"".join(data for kind, data in chunks if kind == b"IDAT")
    raw = zlib.decompressobj().decompress(packed, (stride + 1) * height)
    rows = _undo_filters(raw, stride, height, max(1, depth * channels // 8))
    samples = [_samples(row, depth, width * channels) for row in rows]
    named = {kind: data for kind, data in chunks if kind in (b"PLTE", b"tRNS")}
    pixels = b"".join(_rgba(row, depth, colour, named) for row in samples)
    return png_file(width, height, RGBA, pixels)


def _chunks(file: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not file.startswith(SIGNATURE):
        message = "the file is not a PNG file"
        raise ValueError(message)
    at = len(SIGNATURE)
    while at < len(file):
        size, kind = struct.unpack_from(">I4s", file, at)
        data = file[at + 8 : at + 8 + size]
        if len(data) != size:
            message = "the file is cut off"
            raise ValueError(message)
        yield kind, data
        at += size + 12


def _undo_filters(raw: bytes, stride: int, height: int, back: int) -> Iterator[bytes]:
    """Yield the rows as they were before the filters (section 9.2); `back`: bytes to the pixel before."""
    if len(raw) != (stride + 1) * height:
        message = "the file has too few pixels"
        raise ValueError(message)
    above = bytes(stride)
    for start in range(0, len(raw), stride + 1):
        way, row = raw[start], bytearray(raw[start + 1 : start + 1 + stride])
        for at, value in enumerate(row):
            left = row[at - back] if at >= back else 0
            corner = above[at - back] if at >= back else 0
            row[at] = (value + _prediction(way, left, above[at], corner)) & 255
        above = bytes(row)
        yield above


def _prediction(way: int, left: int, up: int, corner: int) -> int:
    """Return what a filter expects of a byte, by those beside it."""
    guess = left + up - corner
    paeth = min((abs(guess - left), 0, left), (abs(guess - up), 1, up), (abs(guess - corner), 2, corner))[2]
    return (0, left, up, (left + up) // 2, paeth)[way]


def _samples(row: bytes, depth: int, wanted: int) -> list[int]:
    """Return the samples of a row as they are; of those of 16 bits the upper half."""
    if depth >= BYTE:
        return list(row[:: depth // BYTE])
    mask = (1 << depth) - 1
    found = [byte >> shift & mask for byte in row for shift in range(BYTE - depth, -1, -depth)]
    return found[:wanted]


def _rgba(row: list[int], depth: int, colour: int, named: Mapping[bytes, bytes]) -> bytes:
    """Return a row as bytes of RGBA. A single transparent colour (tRNS without a palette) is shown as any other."""
    if colour == PALETTE:
        colours, clear = named.get(b"PLTE", b""), named.get(b"tRNS", b"")
        alphas = (clear[one] if one < len(clear) else OPAQUE for one in row)
        return bytes(
            sample
            for one, alpha in zip(row, alphas, strict=True)
            for sample in (colours[one * 3], colours[one * 3 + 1], colours[one * 3 + 2], alpha)
        )
    scale = OPAQUE // ((1 << depth) - 1) if depth < BYTE else 1
    channels = CHANNELS[colour]
    pixels = ([value * scale for value in row[at : at + channels]] for at in range(0, len(row), channels))
    return b"".join(bytes(_with_alpha(pixel)) for pixel in pixels)


def _with_alpha(pixel: list[int]) -> list[int]:
    """Return red, green, blue and alpha of a pixel that may have no alpha, no colour, or neither."""
    *colour, alpha = pixel if len(pixel) in (CHANNELS[GREY_ALPHA], CHANNELS[RGBA]) else (*pixel, OPAQUE)
    return [*(colour if len(colour) == CHANNELS[RGB] else colour * 3), alpha]
