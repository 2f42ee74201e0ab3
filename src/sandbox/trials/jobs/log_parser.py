"""Parses a script's log as data: a hostile package may have written into it."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.container.output import LineSplitter
from sandbox.trials.jobs.script import STEP

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.trials.jobs.script import Script, ScriptCommand

LATE: Final = "late"
DIED: Final = re.compile(r"died ([1-9]\d{0,2})")
ENDED: Final = re.compile(r"ended (\w{1,8}) (\d{1,3}) (\d{1,9}) (\d{1,15}) (\d{1,15})")


class CommandResult(Struct, frozen=True, kw_only=True):
    """A command of a script that has ended: its status, whole seconds, its output as plain text.

    `cut`: whether there was more of the output, and of the error stream, than the log carries.
    """

    name: str
    status: int
    seconds: float
    stdout: str
    stderr: str
    cut: tuple[bool, bool] = (False, False)


class ScriptLog(Struct, frozen=True, kw_only=True):
    """What a log holds: the commands that ended, in order.

    `whole`: the script said its last word. `late`: it was cut off for its time. `died`: it was killed, with that
    status. `wrong`: why the lines can't be what the script wrote; empty where they can.
    """

    ran: tuple[CommandResult, ...] = ()
    whole: bool = False
    late: bool = False
    died: int = 0
    wrong: str = ""

    @property
    def is_over(self) -> bool:
        """Whether the script has ended."""
        return self.whole or self.late or bool(self.died or self.wrong)


def parse_log(log: bytes, script: Script) -> ScriptLog:
    """Parse a log: only lines with the script's mark count, in the only possible order."""
    prefix = f"{script.mark} ".encode()
    found = [line[len(prefix) :].rstrip(b"\r") for line in log.split(b"\n") if line.startswith(prefix)]
    return _read([line.decode("ascii", errors="replace") for line in found], script)


def _read(lines: Sequence[str], script: Script) -> ScriptLog:
    ran: list[CommandResult] = []
    position = 0
    for command in script.commands:
        ended = ENDED.fullmatch(lines[position]) if position < len(lines) else None
        if ended is None or ended[1] != command.name:
            break
        close = next((n for n in range(position, len(lines)) if lines[n] == f"said {command.name}"), None)
        if close is None:
            return _close(tuple(ran), [line for line in lines[-1:] if _is_cut(line)], is_done=False)
        result = _ran(command, ended, lines[position + 1 : close])
        if result is None:
            return ScriptLog(ran=tuple(ran), wrong=f"the output of {command.name} does not have the announced length")
        ran.append(result)
        position = close + 1
    return _close(tuple(ran), lines[position:], is_done=len(ran) == len(script.commands) or _has_failed(ran))


def _has_failed(ran: Sequence[CommandResult]) -> bool:
    """Return whether the last step failed: a script ends after that."""
    return bool(ran) and ran[-1].name.startswith(STEP) and ran[-1].status != 0


def _is_cut(line: str) -> bool:
    """Return whether a line says that the script was killed."""
    return line == LATE or DIED.fullmatch(line) is not None


def _close(ran: tuple[CommandResult, ...], rest: Sequence[str], *, is_done: bool) -> ScriptLog:
    """Return the log up to the last marked line."""
    if not rest or (len(rest) == 1 and _is_cut(rest[0])):
        died = DIED.fullmatch("".join(rest))
        return ScriptLog(ran=ran, late=bool(rest) and not died, died=int(died[1]) if died else 0)
    if rest != ["end"] or not is_done:
        return ScriptLog(ran=ran, wrong=f"unexpected line: {rest[0][:60]}")
    return ScriptLog(ran=ran, whole=True)


def _ran(command: ScriptCommand, ended: re.Match[str], lines: Sequence[str]) -> CommandResult | None:
    """Return a command's end, or None if its output does not have the announced length."""
    sizes, limits = (int(ended[4]), int(ended[5])), (command.out, command.err)
    streams = [_decode(lines, letter) for letter in "oe"]
    for stream, size, limit in zip(streams, sizes, limits, strict=True):
        if stream is None or len(stream) != min(size, limit):
            return None
    stdout, stderr = (_text(stream or b"") for stream in streams)
    cut = (sizes[0] > limits[0], sizes[1] > limits[1])
    return CommandResult(
        name=command.name, status=int(ended[2]), seconds=float(ended[3]), stdout=stdout, stderr=stderr, cut=cut
    )


def _decode(lines: Sequence[str], letter: str) -> bytes | None:
    text = "".join(line[2:] for line in lines if line.startswith(f"{letter} "))
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _text(data: bytes) -> str:
    """Return the plain lines of an output, the same as for an exec."""
    cuts = LineSplitter()
    return "\n".join([*cuts.feed(data), *cuts.end()])
