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

LETTERS: Final = {"o": (False, "\n"), "O": (False, ""), "e": (True, "\n"), "E": (True, "")}
BEGIN: Final = "b"


class Said(Struct, frozen=True, kw_only=True):
    """A piece of a command's output, or of its error stream."""

    is_error: bool
    text: str


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
    pairs = ((line[:1], line[2:]) for line in lines if line[1:2] == " ")
    return tuple(
        Said(is_error=LETTERS[letter][0], text=text + LETTERS[letter][1]) for letter, text in pairs if letter in LETTERS
    )


def look_output(lines: Sequence[str], number: int) -> bytes | None:
    """Return what a look printed; None where the log does not have it."""
    for word in (f"{number}z ", f"{number}p "):
        coded = "".join(line[len(word) :] for line in lines if line.startswith(word))
        if not coded:
            continue
        try:
            data = base64.b64decode(coded, validate=True)
            return gzip.decompress(data) if word.endswith("z ") else data
        except (binascii.Error, ValueError, OSError, EOFError, zlib.error):
            return None
    return None
