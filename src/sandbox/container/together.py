"""Several short commands in a sandbox as one: to start a command costs an engine more than most of them take."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from sandbox.core.programs import sh_argv
from sandbox.errors import EngineError, TooLong

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.container.box import Box
    from sandbox.engine.protocol import Argv


def read_together(
    box: Box, commands: Sequence[Argv], *, limit: int, env: Mapping[str, str], seconds: float
) -> tuple[tuple[int, bytes], ...] | None:
    """Return the exit status and the standard output of each command; None where they can't be run so.

    Then each has to be run by itself: more than `limit` bytes came, one took over `seconds`, or the sandbox has no sh.
    """
    mark = os.urandom(8).hex()
    words = [word for argv in commands for word in (str(len(argv)), *argv)]
    try:
        status, output = box.read(
            sh_argv(__package__, "together.sh", mark, *words), env=env, limit=limit, seconds=seconds
        )
    except (EngineError, TooLong):
        return None
    return None if status else parse(output, mark, len(commands))


def parse(output: bytes, mark: str, count: int) -> tuple[tuple[int, bytes], ...] | None:
    """Return the answers to `count` commands in what together.sh has printed; None for anything else. Pure."""
    # \0 with a digit behind it is another character in a pattern: of half of all marks no answer was found
    *parts, rest = re.split(rb"\x00" + re.escape(mark.encode()) + rb" (\d{1,3})\x00", output)
    if rest or len(parts) != 2 * count:
        return None
    return tuple((int(status), text) for text, status in zip(parts[::2], parts[1::2], strict=True))
