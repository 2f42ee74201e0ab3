"""What a script said in its log, read back as data that a hostile package may have written into."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.inside import Lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.jobs.script import Command, Script

ENDED: Final = re.compile(r"ended (\w{1,8}) (\d{1,3}) (\d{1,9}) (\d{1,15}) (\d{1,15})")


class Ran(Struct, frozen=True, kw_only=True):
    """A command of a script that has ended: its status, whole seconds, its output as plain text.

    `cut`: whether there was more of the output, and of the error stream, than the log carries.
    """

    name: str
    status: int
    seconds: float
    stdout: str
    stderr: str
    cut: tuple[bool, bool] = (False, False)


class Heard(Struct, frozen=True, kw_only=True):
    """What a log holds: the commands that ended, in order.

    `whole`: the script said its last word. `late`: it was cut off for its time. `wrong`: why the lines
    can't be what the script wrote; empty where they can.
    """

    ran: tuple[Ran, ...] = ()
    whole: bool = False
    late: bool = False
    wrong: str = ""


def heard(log: bytes, script: Script) -> Heard:
    """Return what a script said: only lines that begin with its mark count, in the one order that it can have."""
    prefix = f"{script.mark} ".encode()
    found = [line[len(prefix) :].rstrip(b"\r") for line in log.split(b"\n") if line.startswith(prefix)]
    return _read([line.decode("ascii", errors="replace") for line in found], script)


def _read(lines: Sequence[str], script: Script) -> Heard:
    ran: list[Ran] = []
    position = 0
    for command in script.commands:
        ended = ENDED.fullmatch(lines[position]) if position < len(lines) else None
        if ended is None or ended[1] != command.name:
            break
        close = next((n for n in range(position, len(lines)) if lines[n] == f"said {command.name}"), None)
        if close is None:
            return Heard(ran=tuple(ran))  # the log ends in the middle of it
        result = _ran(command, ended, lines[position + 1 : close])
        if result is None:
            return Heard(ran=tuple(ran), wrong=f"what it says of {command.name} is not of the length that it says")
        ran.append(result)
        position = close + 1
    rest = list(lines[position:])
    if rest in ([], ["late"]):
        return Heard(ran=tuple(ran), late=bool(rest))
    if rest != ["end"]:
        return Heard(ran=tuple(ran), wrong=f"an unexpected line: {rest[0][:60]}")
    return Heard(ran=tuple(ran), whole=True)


def _ran(command: Command, ended: re.Match[str], lines: Sequence[str]) -> Ran | None:
    """Return a command's end, or None where its output is not what it is said to be."""
    sizes, limits = (int(ended[4]), int(ended[5])), (command.out, command.err)
    streams = [_decoded(lines, letter) for letter in "oe"]
    for stream, size, limit in zip(streams, sizes, limits, strict=True):
        if stream is None or len(stream) != min(size, limit):
            return None
    stdout, stderr = (_text(stream or b"") for stream in streams)
    cut = (sizes[0] > limits[0], sizes[1] > limits[1])
    return Ran(name=command.name, status=int(ended[2]), seconds=float(ended[3]), stdout=stdout, stderr=stderr, cut=cut)


def _decoded(lines: Sequence[str], letter: str) -> bytes | None:
    text = "".join(line[2:] for line in lines if line.startswith(f"{letter} "))
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _text(data: bytes) -> str:
    """Return the plain lines of an output, as one that came from an exec has them."""
    cuts = Lines()
    return "\n".join([*cuts.feed(data), *cuts.end()])
