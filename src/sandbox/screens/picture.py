"""Pictures of a display: read by RFB 3.8 from Xvnc, and written as PNG by ourselves.

Source: RFC 6143 (RFB), sections 7.1 to 7.7.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.engine.frames import Frames
from sandbox.errors import EngineError
from sandbox.screens.png import RGB, png_file

if TYPE_CHECKING:
    from sandbox.engine.protocol import Exec

VERSION: Final = b"RFB 003.008\n"
NO_PASSWORD: Final = 1
RGBX: Final = struct.pack(">BBBBHHHBBBxxx", 32, 24, 0, 1, 255, 255, 255, 0, 8, 16)
"""The pixel format that is asked for: 32 bits, little-endian, red in the first byte (RFC 6143, 7.4)."""
RAW: Final = 0
LARGEST: Final = 16384
"""Pixels of a side."""


class Picture(Struct, frozen=True, kw_only=True):
    """A picture of `width` x `height` pixels, three bytes (red, green, blue) each, by rows from the top."""

    width: int
    height: int
    pixels: bytes

    def png(self) -> bytes:
        """Return it as a PNG file."""
        return png_file(self.width, self.height, RGB, self.pixels)


class _Reader:
    """Exactly as many bytes of a command's standard output as are asked for."""

    def __init__(self, process: Exec) -> None:
        self._process = process
        self._frames = Frames()
        self._rest = bytearray()

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes. Raises EngineError at the end."""
        while len(self._rest) < count:
            data = self._process.stream.recv(1 << 20)
            if not data:
                message = "the display has ended"
                raise EngineError(message)
            for is_error, piece in self._frames.feed(data):
                self._rest += b"" if is_error else piece
        found = bytes(self._rest[:count])
        del self._rest[:count]
        return found

    def numbers(self, form: str) -> tuple[int, ...]:
        """Return the next numbers of a struct's form."""
        return struct.unpack(form, self.take(struct.calcsize(form)))


def take_picture(process: Exec) -> Picture:
    """Return what the display shows, by a connection to it, which is closed. Raises EngineError."""
    try:
        return _take(_Reader(process), process)
    except (OSError, struct.error) as error:
        message = "the display could not be read"
        raise EngineError(message, details=[("it said", str(error))]) from error
    finally:
        process.stream.close()


def _take(reader: _Reader, process: Exec) -> Picture:
    send = process.stream.sendall
    reader.take(len(VERSION))
    send(VERSION)
    (count,) = reader.numbers(">B")
    if NO_PASSWORD not in reader.take(count):
        message = "the display asks for a password"
        raise EngineError(message)
    send(bytes([NO_PASSWORD]))
    if reader.numbers(">I") != (0,):
        message = "the display refuses connections"
        raise EngineError(message)
    send(b"\1")  # others stay connected
    width, height, *_, name = reader.numbers(">HH16sI")
    if not 0 < width <= LARGEST or not 0 < height <= LARGEST:
        message = f"the display is {width} x {height} pixels"
        raise EngineError(message)
    reader.take(name)
    send(
        struct.pack(">Bxxx", 0)
        + RGBX
        + struct.pack(">BxHi", 2, 1, RAW)
        + struct.pack(">BBHHHH", 3, 0, 0, 0, width, height)
    )
    return Picture(width=width, height=height, pixels=_pixels(reader, width, height))


def _pixels(reader: _Reader, width: int, height: int) -> bytes:
    """Return the pixels of the next update of the whole display (RFC 6143, 7.6.1)."""
    screen = bytearray(width * height * 3)
    while True:
        (kind,) = reader.numbers(">B")
        if kind == 0:
            break
        _skip(reader, kind)
    (rectangles,) = reader.numbers(">xH")
    for _ in range(rectangles):
        x, y, across, down, encoding = reader.numbers(">HHHHi")
        if encoding != RAW or x + across > width or y + down > height:
            message = "the display sent what was not asked for"
            raise EngineError(message)
        data = reader.take(across * down * 4)
        for row in range(down):
            line = data[row * across * 4 : (row + 1) * across * 4]
            at = ((y + row) * width + x) * 3
            for channel in range(3):
                screen[at + channel : at + across * 3 : 3] = line[channel::4]
    return bytes(screen)


def _skip(reader: _Reader, kind: int) -> None:
    """Pass over a message that is no update: colours, a bell, a clipboard's text."""
    if kind == 1:
        _, count = reader.numbers(">xHH")
        reader.take(count * 6)
    elif kind == 3:  # noqa: PLR2004 - ServerCutText
        (count,) = reader.numbers(">3xI")
        reader.take(min(count, 1 << 20))
    elif kind != 2:  # noqa: PLR2004 - Bell
        message = f"the display sent a message of kind {kind}"
        raise EngineError(message)
