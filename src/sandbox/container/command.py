"""A command in a sandbox as a program runs one: its input, its output to the byte, its time, and the end of it."""

from __future__ import annotations

import re
import select
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.container.box import BEGIN_LIMIT, ROOT
from sandbox.core.human import size
from sandbox.core.plaintext import plain_line
from sandbox.core.programs import program, sh_argv
from sandbox.core.tasks import Background
from sandbox.engine.frames import Frames
from sandbox.engine.protocol import ExecSpec
from sandbox.errors import Advice, EngineError, SandboxError, StepFailed, TooLong, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.container.box import Box
    from sandbox.engine.protocol import Argv, Connection, Exec

CHUNK: Final = 65536
MOST: Final = 256_000_000
"""Most bytes of output to keep, so that a command that never stops printing does not take the host's memory."""
KILLED_LIMIT: Final = 2.0
"""Seconds that the output of a killed command is still read."""
NO_USER: Final = re.compile(
    r"unable to find (user|group)|no matching entries in (passwd|group) file|no such (user|group)"
)
"""What engines say of a user or group that is not in the container: runc, Podman."""


class CommandSpec(Struct, frozen=True, kw_only=True):
    """What to run: `folder` is where, empty for the image's own; `seconds` is the most it may take, None for any time.

    `limit`: the most bytes that it may print.
    """

    argv: Argv
    env: Mapping[str, str]
    user: str = ROOT
    folder: str = ""
    stdin: bytes | None = None
    seconds: float | None = None
    limit: int = MOST


class CommandEnd(Struct, frozen=True, kw_only=True):
    """How a command ended: its exit status, and all that it wrote."""

    status: int
    stdout: bytes
    stderr: bytes


def run_command(box: Box, spec: CommandSpec) -> CommandEnd:
    """Run a command to its end. Whatever else ends the wait for it, a signal too, kills it and all it began.

    Raises TooLong with its output so far when its time is over, StepFailed above the limit of output, SandboxDied where
    the container ends under it, UsageError for a user or a folder that the sandbox has not.
    """
    opening = _Opening(box, spec)
    exchange: _Exchange | None = None
    try:
        process = opening.run()
        exchange = _Exchange(process.stream, spec)
        exchange.run()
        process.stream.close()
        status = box.exit_status(process)
    except BaseException:
        _kill(box, opening, exchange, spec)
        raise
    _check_start(spec, exchange, status)
    return CommandEnd(status=status, stdout=exchange.stdout, stderr=exchange.stderr)


def _open(box: Box, spec: CommandSpec) -> Exec:
    argv = ("/bin/sh", "-c", program(__package__, "command.sh"), "sandbox", spec.folder, *spec.argv)
    try:
        return box.open(ExecSpec(argv=argv, env=spec.env, user=spec.user, stdin=spec.stdin is not None))
    except EngineError as error:
        if NO_USER.search(" ".join(text for _, text in error.details)):
            raise _no_user(spec) from error
        raise


def _no_user(spec: CommandSpec) -> UsageError:
    return UsageError(f"there is no user {plain_line(spec.user, 60)} in the sandbox")


def _check_start(spec: CommandSpec, exchange: _Exchange, status: int) -> None:
    """Raise the reason if the command never began."""
    if exchange.process == "-":
        message = f"there is no folder {plain_line(spec.folder, 100)} in the sandbox"
        raise UsageError(message)
    if exchange.process is None:
        said = plain_line(exchange.stdout + exchange.head, 200)
        if NO_USER.search(said):
            raise _no_user(spec)
        message = f"could not run {plain_line(spec.argv[0], 60)} in the sandbox"
        raise EngineError(message, details=[("it said", said or f"exit status {status}")])


def _kill(box: Box, opening: _Opening, exchange: _Exchange | None, spec: CommandSpec) -> None:
    """Kill a command and what it began; if the engine can't, the end of the sandbox does."""
    process = opening.wait(KILLED_LIMIT)
    if process is None:
        return
    with suppress(SandboxError, OSError):
        exchange = exchange or _Exchange(process.stream, spec)
        exchange.await_process(KILLED_LIMIT)
        if exchange.process and exchange.process.isdecimal():
            box.read(sh_argv(__package__, "kill_session.sh", exchange.process), limit=CHUNK, seconds=KILLED_LIMIT)
    process.stream.close()


class _Opening:
    """The start of a command, in a thread: a signal while the engine begins it finds what is to be killed."""

    def __init__(self, box: Box, spec: CommandSpec) -> None:
        self._box, self._spec = box, spec
        self._process: Exec | None = None
        self._over = threading.Event()

    def run(self) -> Exec:
        """Return the command, begun. Raises what `_open` raises."""
        return Background(self._begin).result()

    def wait(self, limit: float) -> Exec | None:
        """Return the command, where it has begun within `limit` seconds."""
        self._over.wait(limit)
        return self._process

    def _begin(self) -> Exec:
        try:
            self._process = _open(self._box, self._spec)
            return self._process
        finally:
            self._over.set()


class _Exchange:
    """Input to a command and output from it at the same time, as each may wait for the other."""

    def __init__(self, stream: Connection, spec: CommandSpec) -> None:
        self._stream = stream
        self._spec = spec
        self._frames = Frames()
        self._input = memoryview(spec.stdin or b"")
        self._is_open = spec.stdin is not None
        self._out = bytearray()
        self._err = bytearray()
        self.head = b""
        """The begin of standard error until the line that says which process it is is whole."""
        self._end = 0.0
        """When its time is over, by the monotonic clock: it counts from where the command begins, as only then there is
        something to kill. An engine that is busy says that an exec runs before its program does.
        """
        self.process: str | None = None
        """The command's process id in the container, `-` for a folder that is not there; None until it is known."""

    @property
    def stdout(self) -> bytes:
        """What it wrote to standard output so far."""
        return bytes(self._out)

    @property
    def stderr(self) -> bytes:
        """What it wrote to standard error so far."""
        return bytes(self._err)

    def run(self) -> None:
        """Copy until the end of its output. Raises TooLong and StepFailed."""
        self._stream.setblocking(False)
        self._end = time.monotonic() + BEGIN_LIMIT + (self._spec.seconds or 0)
        while self._turn(None if self._spec.seconds is None else self._end):
            if len(self._out) + len(self._err) + len(self.head) > self._spec.limit:
                raise self._flood()
        self._stream.setblocking(True)

    def await_process(self, limit: float) -> None:
        """Read until the command has said which process it is: it may be beginning as it is to be killed.

        Raises TooLong after `limit` seconds.
        """
        end = time.monotonic() + limit
        while self.process is None and self._turn(end):
            pass

    def _turn(self, end: float | None) -> bool:
        """Copy what can be copied now; return whether there may be more."""
        self._end_input()
        if not self._stream.pending:
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                raise self._late()
            sinks = [self._stream] if self._is_open else []
            readable, writable, _ = select.select([self._stream], sinks, [], left)
            if writable:
                self._send()
            if not readable:
                return True
        return self._receive()

    def _end_input(self) -> None:
        if self._is_open and not self._input:
            self._is_open = False
            self._stream.close_write()

    def _send(self) -> None:
        try:
            self._input = self._input[self._stream.send(bytes(self._input[:CHUNK])) :]
        except BlockingIOError:
            return
        except OSError:  # it reads no more: what it wrote still has to be read
            self._input = memoryview(b"")
            self._is_open = False

    def _receive(self) -> bool:
        try:
            data = self._stream.recv(CHUNK)
        except BlockingIOError:
            return True
        for is_error, piece in self._frames.feed(data):
            if is_error:
                self._take_error(piece)
            else:
                self._out += piece
        return bool(data)

    def _take_error(self, piece: bytes) -> None:
        if self.process is not None:
            self._err += piece
            return
        self.head += piece
        first, newline, rest = self.head.partition(b"\n")
        if newline and re.fullmatch(rb"-|\d{1,10}", first):
            self.process, self.head = first.decode(), b""
            self._end = time.monotonic() + (self._spec.seconds or 0)
            self._err += rest

    def _late(self) -> TooLong:
        seconds = self._spec.seconds or 0.0
        message = f"{plain_line(self._spec.argv[0], 60)} in the sandbox was still running after {seconds:g} s"
        return TooLong(f"{message}, so it was killed", stdout=self.stdout, stderr=self.stderr)

    def _flood(self) -> StepFailed:
        message = f"{plain_line(self._spec.argv[0], 60)} in the sandbox printed more than {size(self._spec.limit)}"
        hint = Advice.say("let it write to a file in the sandbox, and copy that out")
        return StepFailed(f"{message}, so it was killed", hints=[hint])
