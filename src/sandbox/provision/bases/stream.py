"""Streams an image from a program's stdout, and keeps its stderr as evidence."""

from __future__ import annotations

import shlex
import subprocess
import threading
from collections import deque
from contextlib import suppress
from typing import IO, TYPE_CHECKING, Final, cast

from sandbox.core.signals import leave_signals_to_main, unblock_signals
from sandbox.errors import Advice, PullFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence
    from io import BufferedReader

CHUNK: Final = 1 << 18
LAST_LINES: Final = 30
SHOWN: Final = 5
LINE: Final = 200
GRACE: Final = 10.0
"""Seconds that a stopped program has to clean up."""


def stream(argv: Sequence[str], on_line: Callable[[str], None]) -> Generator[bytes, None, None]:
    """Yield what `argv` writes to stdout; give `on_line` each line of its stderr.

    Raise PullFailed with its last lines where it is not installed or ends with another status than 0: after the last
    chunk, so that who reads it never takes half for the whole. Closing the iterator ends the program.
    """
    process = _start(argv)
    said: deque[str] = deque(maxlen=LAST_LINES)
    reader = threading.Thread(target=_listen, args=(process.stderr, said, on_line), daemon=True)
    with leave_signals_to_main():
        reader.start()
    try:
        # read1, not read: what a builder writes goes on as it comes, instead of waiting for a full chunk.
        while chunk := cast("BufferedReader", process.stdout).read1(CHUNK):
            yield chunk
        process.wait()
    finally:
        _end(process)
        reader.join(timeout=GRACE)
    if process.returncode:
        raise _program_error(argv, process.returncode, said)


def _start(argv: Sequence[str]) -> subprocess.Popen[bytes]:
    try:
        with unblock_signals():
            return subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except OSError as error:
        message = f"{argv[0]} can't be run: {error.strerror}"
        raise PullFailed(message, hints=[Advice.program("sudo", "apt-get", "install", argv[0])]) from error


def _listen(stderr: IO[bytes], said: deque[str], on_line: Callable[[str], None]) -> None:
    with stderr:
        for line in stderr:
            text = line.decode(errors="replace").rstrip()
            said.append(text)
            on_line(text)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a running program; SIGTERM first, since it has its own folder to remove."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)
    if process.poll() is None:
        process.kill()
        process.wait()
    cast("BufferedReader", process.stdout).close()


def _program_error(argv: Sequence[str], status: int, said: Iterable[str]) -> PullFailed:
    lines = [line for line in said if line]
    errors = [line for line in lines if line.startswith("E:")]
    evidence = [("it said", line) for line in errors or lines[-SHOWN:]]
    words = shlex.join(argv).replace("\n", " ")
    return PullFailed(
        f"{argv[0]} ended with status {status}",
        details=[*evidence, ("it ran", words if len(words) < LINE else words[:LINE] + "...")],
        hints=[Advice.sandbox("doctor")],
    )
