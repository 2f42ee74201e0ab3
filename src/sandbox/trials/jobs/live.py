"""What a script says of a command's output as it runs, and of what it looked at. Pure."""

from __future__ import annotations

import base64
import binascii
import gzip
import zlib
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

STREAMS: Final = {"o": "output", "e": "errors"}
BEGIN: Final = "b"
CUT: Final = "x "


class Said(Struct, frozen=True, kw_only=True):
    """A piece of a command's output, or of its error stream."""

    is_error: bool
    data: bytes


def live_lines(log: bytes, mark: str) -> tuple[str, ...]:
    """Return the lines of a log in which a command's output and looks are said, without the mark."""
    prefix = f"{mark}.".encode()
    lines = (line.rstrip(b"\r") for line in log.split(b"\n") if line.startswith(prefix))
    return tuple(line[len(prefix) :].decode(errors="replace") for line in lines)


def has_begun(lines: Sequence[str]) -> bool:
    """Return whether the command has been started."""
    return BEGIN in lines


def output_of(lines: Sequence[str]) -> tuple[Said, ...]:
    """Return what a command has printed, in the order in which it came."""
    pairs = ((line[:1], _decode(line[2:])) for line in lines if line[1:2] == " " and line[:1] in STREAMS)
    return tuple(Said(is_error=letter == "e", data=data) for letter, data in pairs if data is not None)


def cut_streams(lines: Sequence[str]) -> tuple[tuple[str, int], ...]:
    """Return the streams of which the log has only the first part, as `output` and `errors`, and its bytes."""
    letters = [line[len(CUT) :] for line in lines if line.startswith(CUT) and line[len(CUT) :] in STREAMS]
    said = output_of(lines) if letters else ()
    sizes = {letter: sum(len(piece.data) for piece in said if piece.is_error == (letter == "e")) for letter in letters}
    return tuple((STREAMS[letter], size) for letter, size in sizes.items())


def look_output(lines: Sequence[str], number: int) -> bytes | None:
    """Return what a look printed; None where the log does not have it."""
    for word in (f"{number}z ", f"{number}p "):
        coded = "".join(line[len(word) :] for line in lines if line.startswith(word))
        if not coded:
            continue
        data = _decode(coded)
        return data if data is None or word.endswith("p ") else _unpack(data)
    return None


def _decode(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _unpack(data: bytes) -> bytes | None:
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        return None
