"""A picture of a display is read by RFB in any cut, and written as a PNG that another program reads."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

import pytest

from sandbox.errors import EngineError
from sandbox.screens.picture import Picture, take_picture

if TYPE_CHECKING:
    from sandbox.engine.protocol import Connection, Exec


class Server:
    """Says what an RFB server would, some bytes at a time, in the engine's frames."""

    def __init__(self, said: bytes, cut: int) -> None:
        self._said = [said[at : at + cut] for at in range(0, len(said), cut)]
        self.heard = b""
        self.is_closed = False

    @property
    def ident(self) -> str:
        return "relay"

    @property
    def stream(self) -> Connection:
        return self  # type: ignore[return-value]  # the two calls that are used

    def recv(self, _size: int) -> bytes:
        piece = self._said.pop(0) if self._said else b""
        return struct.pack(">BxxxL", 1, len(piece)) + piece if piece else b""

    def sendall(self, data: bytes) -> None:
        self.heard += data

    def close(self) -> None:
        self.is_closed = True

    def resize(self, rows: int, columns: int) -> None: ...

    def status(self) -> int:
        return 0


def greeting(width: int = 2, height: int = 2) -> bytes:
    return b"RFB 003.008\n" + b"\1\1" + b"\0" * 4 + struct.pack(">HH16sI", width, height, b"", 3) + b"box"


def update(*rectangles: tuple[int, int, int, int, bytes]) -> bytes:
    rows = [struct.pack(">HHHHi", *row[:4], 0) + row[4] for row in rectangles]
    return struct.pack(">BxH", 0, len(rows)) + b"".join(rows)


RED, GREEN = b"\xff\0\0\0", b"\0\xff\0\0"


@pytest.mark.parametrize("cut", [1, 7, 100_000])
def test_what_is_seen_is_what_the_server_sent_whatever_the_cuts_and_the_messages_between(cut: int) -> None:
    bell, text = b"\2", b"\3\0\0\0" + struct.pack(">I", 4) + b"copy"
    said = greeting() + bell + text + update((0, 0, 2, 1, RED + GREEN), (0, 1, 2, 1, GREEN + RED))
    server = Server(said, cut)
    found = take_picture(as_exec(server))
    assert found == Picture(width=2, height=2, pixels=b"\xff\0\0\0\xff\0" + b"\0\xff\0\xff\0\0")
    assert server.is_closed
    assert server.heard.startswith(b"RFB 003.008\n\1\1")


def as_exec(server: Server) -> Exec:
    return server


@pytest.mark.parametrize(
    "said",
    [
        b"",
        greeting()[:20],
        b"RFB 003.008\n\1\2",
        b"RFB 003.008\n\1\1\0\0\0\1",
        greeting(0, 5),
        greeting(65535, 65535),
        greeting() + b"\x09",
        greeting() + update((1, 1, 2, 2, RED * 4)),
    ],
)
def test_a_server_that_says_anything_else_is_an_error(said: bytes) -> None:
    with pytest.raises(EngineError):
        take_picture(as_exec(Server(said, 1000)))


def test_the_png_has_three_chunks_with_right_checksums_and_the_pixels() -> None:
    png = Picture(width=2, height=1, pixels=b"\1\2\3\4\5\6").png()
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    rest, kinds, data = png[8:], [], b""
    while rest:
        (size,) = struct.unpack(">I", rest[:4])
        kind, content, (check,) = rest[4:8], rest[8 : 8 + size], struct.unpack(">I", rest[8 + size : 12 + size])
        assert zlib.crc32(kind + content) == check
        kinds.append(kind)
        data += content if kind == b"IDAT" else b""
        rest = rest[12 + size :]
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]
    assert zlib.decompress(data) == b"\0\1\2\3\4\5\6"
