"""A PNG file of others is read whole or not at all, and only its pixels come back out."""

from __future__ import annotations

import itertools
import struct
import zlib

import pytest

from sandbox.screens.png import CHANNELS, GREY, LARGEST, PALETTE, RGB, RGBA, png_again, png_file

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def made(width: int, height: int, depth: int, colour: int, rows: bytes, *more: bytes, interlace: int = 0) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, interlace))
    return SIGNATURE + head + b"".join(more) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def pixels_of(file: bytes) -> bytes:
    """Return the pixels of a file of our own making, whose rows have no filter."""
    width, height = struct.unpack(">II", file[16:24])
    at = file.index(b"IDAT")
    rows = zlib.decompress(file[at + 4 : at + 4 + struct.unpack(">I", file[at - 4 : at])[0]])
    stride = len(rows) // height
    assert stride == width * CHANNELS[file[25]] + 1
    return b"".join(rows[row * stride + 1 : (row + 1) * stride] for row in range(height))


@pytest.mark.parametrize(
    ("depth", "colour", "row", "more", "expected"),
    [
        (8, RGB, b"\x01\x02\x03\x04\x05\x06", (), b"\x01\x02\x03\xff\x04\x05\x06\xff"),
        (8, RGBA, b"\x01\x02\x03\x04\x05\x06\x07\x08", (), b"\x01\x02\x03\x04\x05\x06\x07\x08"),
        (8, GREY, b"\x01\x02", (), b"\x01\x01\x01\xff\x02\x02\x02\xff"),
        (8, 4, b"\x01\x80\x02\x90", (), b"\x01\x01\x01\x80\x02\x02\x02\x90"),
        (16, RGB, b"\x01\xaa\x02\xaa\x03\xaa\x04\xaa\x05\xaa\x06\xaa", (), b"\x01\x02\x03\xff\x04\x05\x06\xff"),
        (1, GREY, b"\x40", (), b"\x00\x00\x00\xff\xff\xff\xff\xff"),
        (4, GREY, b"\x0f", (), b"\x00\x00\x00\xff\xff\xff\xff\xff"),
        (
            2,
            PALETTE,
            b"\x10",
            (chunk(b"PLTE", b"\x01\x02\x03\x04\x05\x06"), chunk(b"tRNS", b"\x07")),
            b"\x01\x02\x03\x07\x04\x05\x06\xff",
        ),
    ],
)
def test_pixels_of_each_kind_come_back(
    depth: int, colour: int, row: bytes, more: tuple[bytes, ...], expected: bytes
) -> None:
    assert pixels_of(png_again(made(2, 1, depth, colour, b"\0" + row, *more))) == expected


def filtered(pixels: list[bytes], ways: list[int], back: int) -> bytes:
    """Return rows with filters as an encoder makes them (section 9.2)."""
    found, above = b"", bytes(len(pixels[0]))
    for way, row in zip(ways, pixels, strict=True):
        out = bytearray([way])
        for at, value in enumerate(row):
            left, corner = (row[at - back], above[at - back]) if at >= back else (0, 0)
            up = above[at]
            guess = left + up - corner
            near = min((left, up, corner), key=lambda one: abs(guess - one))
            out.append((value - (0, left, up, (left + up) // 2, near)[way]) % 256)
        found, above = found + bytes(out), row
    return found


def test_every_filter_is_undone() -> None:
    numbers = itertools.count(7)
    rows = [bytes(next(numbers) * 37 % 256 for _ in range(3 * 3)) for _ in range(6)]
    file = made(3, 6, 8, RGB, filtered(rows, [0, 1, 2, 3, 4, 4], 3))
    without_alpha = [byte for at, byte in enumerate(pixels_of(png_again(file))) if at % 4 != 3]
    assert bytes(without_alpha) == b"".join(rows)


def test_nothing_but_the_pixels_comes_back() -> None:
    file = png_again(made(1, 1, 8, RGB, b"\0\1\2\3", chunk(b"tEXt", b"Comment\0<script>")))
    assert b"script" not in file
    assert file == png_file(1, 1, RGBA, b"\1\2\3\xff")


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"<svg/>",
        SIGNATURE,
        made(1, 1, 8, RGB, b"\0\1\2\3")[:40],
        made(1, 1, 8, RGB, b"\0\1"),
        made(1, 1, 8, RGB, b"\7\1\2\3"),
        made(1, 1, 8, RGB, b"\0\1\2\3", interlace=1),
        made(1, 1, 8, 5, b"\0\1\2\3"),
        made(1, 1, 3, RGB, b"\0\1\2\3"),
        made(0, 1, 8, RGB, b""),
        made(LARGEST + 1, 1, 8, RGB, b"\0"),
        made(1, 1, 8, PALETTE, b"\0\0"),
        made(1, 1, 8, PALETTE, b"\0\1", chunk(b"PLTE", b"\1\2\3")),
        SIGNATURE + chunk(b"IHDR", b"short") + chunk(b"IDAT", b"x"),
        SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)) + chunk(b"IDAT", b"no zlib"),
    ],
)
def test_what_is_not_whole_or_not_known_is_refused(file: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        png_again(file)
