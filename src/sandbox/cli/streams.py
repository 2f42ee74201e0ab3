"""The standard streams: replaced if they were closed; failed writes are reported and set the exit status."""

from __future__ import annotations

import errno
import io
import os
import select
import stat
import sys
from typing import Final, TextIO

from sandbox.cli.statuses import BROKEN_PIPE

GONE: Final = (errno.EPIPE, errno.ECONNRESET, errno.EIO)
"""Errors of standard error that mean nobody can read it: its reader or its terminal has gone."""


class ReaderGone(BrokenPipeError):
    """Nobody reads our standard output any more; any other broken pipe is of an engine."""


class Stream(io.FileIO):
    """A standard stream; `lost` is the reason for lost output. A stream that is full for now blocks."""

    lost: OSError | None = None

    def write(self, data: bytes, /) -> int:  # type: ignore[override]  # any buffer
        """Write bytes and return their number; after a failure all bytes are lost."""
        while self.lost is None:
            try:
                if (count := super().write(data)) is not None:
                    return count
            except OSError as error:
                self.lost = error
                self.fail(error)
                break
            select.select([], [self], [])
        return len(data)

    def fail(self, error: OSError) -> None:
        """Do nothing: there is no other place to report a failure of standard error."""


class Output(Stream):
    """Standard output: a failed write ends the writer."""

    def fail(self, error: OSError) -> None:
        """Raise Unwritten, or ReaderGone."""
        if error.errno in (errno.EPIPE, errno.ECONNRESET):
            raise ReaderGone(*error.args) from error
        from sandbox.errors import Unwritten

        raise Unwritten.stream(1, error) from error


def open_streams() -> None:
    """Give closed standard streams to /dev/null, so that no connection of ours gets their numbers; put ours there.

    A closed output is one that can't be written: what it loses is said. Closing the errors is how one asks for none.
    """
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            from sandbox.cli import invocation

            os.open(os.devnull, os.O_RDONLY if descriptor == 1 else os.O_RDWR)
            invocation.closed |= {descriptor}
    sys.stdout = _text(Output(1, "w", closefd=False), sys.stdout)
    sys.stderr = _text(Stream(2, "w", closefd=False), sys.stderr)


def close_input(*, is_of_use: bool) -> None:
    """Have nothing read from standard input, so that a loop that reads it keeps what is left there (ssh(1), -n).

    `is_of_use`: whether anything runs without it; raise UsageError where not, as a shell would end at once.
    """
    if not is_of_use:
        from sandbox.errors import Advice, UsageError

        message = "a shell has nothing to do with -n, since it reads no commands"
        raise UsageError(message, hints=[Advice.again("--", "CMD"), Advice.without("-n")])
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)


def has_input() -> bool:
    """Return whether a file or a program has something on standard input that nobody has read; it stays there."""
    try:
        kind = os.fstat(0)
        if stat.S_ISREG(kind.st_mode):
            return kind.st_size > os.lseek(0, 0, os.SEEK_CUR)
    except OSError:
        return False
    if not (stat.S_ISFIFO(kind.st_mode) or stat.S_ISSOCK(kind.st_mode)):
        return False
    poll = select.poll()
    poll.register(0, select.POLLIN | select.POLLRDHUP)
    found = dict(poll.poll(0)).get(0, 0)
    return bool(found & select.POLLIN) and not found & select.POLLRDHUP  # the end of a socket's input can be read, too


def _text(stream: Stream, before: TextIO | None) -> TextIO:
    """Return a text stream with the settings of `before`, None if that was closed."""
    buffer = io.BufferedWriter(stream)  # type: ignore[type-var]  # it has a narrower write
    if not isinstance(before, io.TextIOWrapper):
        return io.TextIOWrapper(buffer, encoding="utf-8", errors="backslashreplace")
    return io.TextIOWrapper(
        buffer,
        encoding=before.encoding,
        errors=before.errors,
        line_buffering=before.line_buffering,
        write_through=before.write_through,
    )


def flush(status: int, *, failed: int) -> int:
    """Flush Python's buffers; return the status, or `failed` if it was 0 and output was lost."""
    from sandbox.errors import Unwritten

    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except Unwritten as error:
            sys.stderr.write(f"error: {error.brief}\n")
        except ReaderGone:
            return status or BROKEN_PIPE
        except (OSError, ValueError):
            return status or failed
    lost = [raw.lost for raw in map(_raw, (sys.stdout, sys.stderr)) if isinstance(raw, Stream) and raw.lost]
    return status or (failed if any(error.errno not in GONE for error in lost) else 0)


def _raw(stream: TextIO) -> object:
    return getattr(getattr(stream, "buffer", None), "raw", None)
