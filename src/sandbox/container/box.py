"""A container in use: run commands in it, and move files in and out, whoever started it."""

from __future__ import annotations

import select
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sandbox.container.output import (
    FLOOD,
    LONGEST_LINE,
    LONGEST_LIST,
    LONGEST_RECORD,
    LineSplitter,
    TailBuffer,
    ThrottledLines,
)
from sandbox.core.signals import KILLED, leave_signals_to_main
from sandbox.core.tasks import wait_until
from sandbox.engine.frames import Frames
from sandbox.engine.labels import INIT, POWER
from sandbox.engine.protocol import ExecSpec
from sandbox.errors import Advice, EngineError, NotFound, SandboxError, TooLong
from sandbox.lifecycle.endings import death_error

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sandbox.engine.protocol import Argv, Connection, Container, Ending, Engine, Exec, FileStamp, Image
    from sandbox.errors import SandboxDied

ROOT: Final = "0"
"""The user of our own programs, by number, since minimal images have no /etc/passwd."""
TAIL: Final = 400
"""Lines of a command's output that are kept."""
NOT_BEGUN: Final = (126, 128)
"""What engines give a command that they could not begin, as where PID 1 ended right before; Docker 28 the second."""
KILLED_LIMIT: Final = 0.3
"""Seconds after which an engine with such a status has reported the container's end."""
LATE_LIMIT: Final = 10.0
"""Seconds for the same where nothing runs in it any more: Docker 26.1 took more than 0.3 s at a load of 20."""
BEGIN_LIMIT: Final = 60.0
"""Seconds that a busy engine may take to begin a command: the command's own time counts from there."""
UNREAD: Final = ("Error: write unixpacket @->", ("write: connection reset by peer", "write: broken pipe"))
"""How that begins and ends which Podman says on a command's standard error where it has not read all it was sent."""
PIECE: Final = 65536
UNHINDERED: Final = 1 << 14
"""Bytes that a connection takes without waiting for whoever reads them: it has buffers of 64 kB and more."""
INTERFACES_LIMIT: Final = 1_000_000
LARGEST: Final = 64_000_000
"""Bytes of what a command writes aside."""


class Outcome(Struct, frozen=True, kw_only=True):
    """How a command ended: its status and the last lines it wrote, plain: both streams as they came, and each alone."""

    status: int
    output: str
    stdout: str
    stderr: str


WAITS: Final = 'read -r word && exec "$@"'
"""Constant shell text of a command that is opened ahead: it begins once a line comes, and never where none does."""
WITHOUT_POWER: Final = ("setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin", "--")
"""What a command runs behind in a container that was given SYS_ADMIN for its boot: an engine gives it to each."""


class Box(Struct, frozen=True):
    """A container and its engine. Commands run as root unless `user` is given, all behind `before`."""

    engine: Engine
    id: str
    before: Argv = ()

    def container(self) -> Container | None:
        """Return the engine's current state of it, or None if it is gone."""
        return self.engine.container(self.id)

    def is_running(self) -> bool:
        """Return whether it runs. Raises EngineError if the engine does not say."""
        found = self.container()
        return found is not None and found.state == "running"

    def start(self) -> None:
        """Start it. No effect if it runs."""
        self.engine.start(self.id)

    def stop(self, *, limit: int) -> None:
        """Ask PID 1 to end; kill it after `limit` seconds."""
        self.engine.stop(self.id, limit=limit)

    def is_in_use(self, *, besides: Exec) -> bool:
        """Return whether a command that was started by exec still runs, except the one in `besides`."""
        return self.engine.is_in_use(self.id, besides=besides)

    def exec(
        self,
        argv: Argv,
        *,
        env: Mapping[str, str] | None = None,
        user: str = ROOT,
        stdin: bytes | None = None,
        on_line: Callable[[str], None] = lambda _: None,
        seconds: float | None = None,
        ahead: Exec | None = None,
        aside: bytearray | None = None,
    ) -> Outcome:
        """Run a command to its end and return how it ended; `on_line` gets its lines as they come, of a flood the last.

        Lines of `stdout` are whole up to LONGEST_RECORD, since programs read them; all others up to LONGEST_LINE.
        `ahead` is that command where it was opened ahead. `aside` gets its standard error to the byte, up to LARGEST,
        which is then no part of its output.

        Raises SandboxDied where the container ends under it, TooLong where it has not ended after `seconds`.
        """
        process = ahead or self.open(ExecSpec(argv=argv, env=env or {}, user=user, stdin=stdin is not None))
        is_whole, said = True, b""
        if ahead or stdin is not None:
            is_whole, said = _send(process, b"\n" * (ahead is not None) + (stdin or b""))
        cuts = (LineSplitter(FLOOD, LONGEST_RECORD), LineSplitter(FLOOD))
        both, apart, telling = TailBuffer(TAIL), (TailBuffer(LONGEST_LIST), TailBuffer(TAIL)), ThrottledLines(on_line)

        def take(lines: list[str], *, is_error: bool) -> None:
            if is_error and stdin is not None:
                lines = [line for line in lines if not (line.startswith(UNREAD[0]) and line.endswith(UNREAD[1]))]
            short = [line[:LONGEST_LINE] for line in lines]
            both.extend(short)
            apart[is_error].extend(lines)
            telling.take(short, has_gap=cuts[is_error].has_gap)

        for is_error, piece in _pieces(process, argv[0], seconds, said):
            if is_error and aside is not None:
                aside += piece[: LARGEST - len(aside)]
                continue
            take(cuts[not is_error].before_another(), is_error=not is_error)
            take(cuts[is_error].feed(piece), is_error=is_error)
        for is_error in (False, True):
            take(cuts[is_error].end(), is_error=is_error)
        telling.end()
        process.stream.close()
        status = self.exit_status(process)
        if not (is_whole or status):
            message = f"{argv[0]} in the sandbox did not read all that it was sent"
            raise EngineError(message)
        return Outcome(status=status, output=both.text(), stdout=apart[False].text(), stderr=apart[True].text())

    def read(
        self,
        argv: Argv,
        *,
        limit: int,
        env: Mapping[str, str] | None = None,
        user: str = ROOT,
        seconds: float | None = None,
        ahead: Exec | None = None,
    ) -> tuple[int, bytes]:
        """Run a command and return its exit status and its standard output to the byte.

        `ahead` is that command where it was opened ahead. Raises EngineError above `limit` bytes, and as `exec` does.
        """
        process = ahead or self.open(ExecSpec(argv=argv, env=env or {}, user=user))
        if ahead is not None:
            _send(process, b"\n")
        return self.read_rest(process, argv[0], limit=limit, seconds=seconds)

    def read_rest(
        self, process: Exec, program: str, *, limit: int, seconds: float | None = None, end: bytes = b""
    ) -> tuple[int, bytes]:
        """Read a command that was opened to its end, and close it: what `read` returns and raises of `program`.

        Where it prints `end`, that is its end, with status 0: the engine is not asked, and `end` is no output.
        """
        output = bytearray()
        for is_error, piece in _pieces(process, program, seconds):
            output += b"" if is_error else piece
            if len(output) > limit:
                process.stream.close()
                message = f"{program} in the sandbox printed more than {limit} bytes"
                raise EngineError(message)
            if end and output.endswith(end):
                process.stream.close()
                return 0, bytes(output).removesuffix(end)
        process.stream.close()
        return self.exit_status(process), bytes(output)

    def open(self, spec: ExecSpec) -> Exec:
        """Start a command and return it with the stream to it: whoever opens it closes that.

        Raises SandboxDied where the container is gone or does not run.
        """
        try:
            return self.engine.open(self.id, self._behind(spec))
        except EngineError as error:
            if self.is_running():  # an engine that is gone raises its error here
                raise
            raise self.death_error() from error

    def open_ahead(self, spec: ExecSpec, first: str = "") -> Exec:
        """Start a command that waits for its turn, for `exec` or `read`: a start takes an engine some 0.05 s.

        `first` is shell text that runs before it waits, in whose environment it then runs.
        Whoever opens it closes its stream where it is not to run. Raises as `open` does.
        """
        text = f"{first}\n" * bool(first) + (WAITS if spec.stdin else f"{WAITS} </dev/null")
        return self.open(replace(spec, argv=("sh", "-c", text, "sh", *spec.argv), stdin=True))

    def _behind(self, spec: ExecSpec) -> ExecSpec:
        """Return a command behind what it has to run behind; others than root have no power to give up."""
        is_root = spec.user.partition(":")[0] in ("", ROOT, "root")
        return replace(spec, argv=(*self.before, *spec.argv)) if self.before and is_root else spec

    def exit_status(self, process: Exec) -> int:
        """Return a command's exit status; raise SandboxDied where the container is gone or stopped."""
        try:
            status = process.status()
        except (NotFound, EngineError) as error:
            if not self.is_running():  # an engine that is gone raises its error here
                raise self.death_error() from error
            raise
        if status in (KILLED, *NOT_BEGUN) and self._has_ended():
            raise self.death_error()
        return status

    def _has_ended(self) -> bool:
        """Return whether it has ended, though the engine may not have noted that yet: then nothing runs in it."""
        if wait_until(lambda: not self.is_running(), KILLED_LIMIT):
            return True
        return not self._runs_commands() and wait_until(lambda: not self.is_running(), LATE_LIMIT)

    def _runs_commands(self) -> bool:
        """Return whether a command runs in it."""
        try:
            process = self.engine.open(self.id, ExecSpec(argv=("sh", "-c", ":"), user=ROOT))
            while process.stream.recv(65536):
                pass
            process.stream.close()
            return process.status() == 0
        except (SandboxError, OSError):
            return False

    def ending(self) -> Ending:
        """Return how it ended, if the engine has recorded that."""
        return self.engine.ending(self.id)

    def death_error(self, what: str = "the sandbox", life: str = "session") -> SandboxDied:
        """Return the error for its end while in use; `what` names it."""
        return death_error(self.ending, what, life)

    def copy_in(self, folder: str, archive: Iterable[bytes]) -> None:
        """Unpack a tar archive into a folder. Raises NotFound if there is no such folder."""
        self.engine.copy_in(self.id, folder, archive)

    def copy_out(self, path: str) -> Iterator[bytes]:
        """Yield a tar archive of a file or folder. Raises NotFound if it does not exist."""
        return self.engine.copy_out(self.id, path)

    def export(self) -> Iterator[bytes]:
        """Yield a tar archive of all its files, without mounts."""
        return self.engine.export(self.id)

    def commit(self, reference: str, labels: Mapping[str, str]) -> Image:
        """Make an image of its files; `labels` override those of its image."""
        return self.engine.commit(self.id, reference=reference, labels=labels)

    def read_file(self, path: str, *, limit: int) -> bytes | None:
        """Return a regular file's content, or None if there is none. Raises EngineError above `limit` bytes."""
        return self.engine.read_file(self.id, path, limit=limit)

    def stamp(self, path: str) -> FileStamp | None:
        """Return the stamp of a path, or None if it does not exist."""
        return self.engine.stamp(self.id, path)

    def disconnect(self) -> None:
        """Disconnect it from every network. Raises EngineError if the engine does not."""
        self.engine.disconnect(self.id)
        if left := self.interfaces() - {"lo"}:
            message = f"the engine could not disconnect the sandbox from {', '.join(sorted(left))}"
            raise EngineError(message, hints=[Advice.again("--network", "none", after=", if it needs no packages")])

    def interfaces(self) -> frozenset[str]:
        """Return the names of its network interfaces, as its kernel lists them (proc(5), net/dev)."""
        _, output = self.read(("cat", "/proc/net/dev"), limit=INTERFACES_LIMIT)
        return frozenset(line.partition(b":")[0].strip().decode() for line in output.splitlines() if b":" in line)


def words_before(labels: Mapping[str, str]) -> Argv:
    """Return what the commands of root run behind in a container with these labels of ours."""
    return WITHOUT_POWER if labels.get(INIT) == POWER else ()


def _send(process: Exec, data: bytes) -> tuple[bool, bytes]:
    """Write what a command reads, and its end; return whether all was written, and what it said meanwhile, in frames.

    Of one that has ended, nobody reads it: its status and its output say why.
    """
    said = bytearray()
    try:
        if not _send_until_end(process.stream, data, said):
            return False, bytes(said)
    except (BrokenPipeError, ConnectionResetError):
        return False, bytes(said)
    process.stream.close_write()
    return True, bytes(said)


def _send_until_end(stream: Connection, data: bytes, said: bytearray) -> bool:
    """Write all of `data`, and take in what comes meanwhile; False where the other side has ended before.

    Docker 28.5 ends its side when a command ends, and takes no more, but leaves the connection open for minutes: who
    only writes waits as long (seen with 10 MB for a command that read none of them).
    """
    if len(data) <= UNHINDERED:
        stream.sendall(data)
        return True
    stream.setblocking(False)
    try:
        waiting = memoryview(data)
        while waiting:
            sources = [stream] if len(said) < FLOOD else []
            readable, writable, _ = select.select(sources, [stream], [], 0 if stream.pending else None)
            with suppress(BlockingIOError):
                if writable:
                    waiting = waiting[stream.send(bytes(waiting[:PIECE])) :]
            with suppress(BlockingIOError):
                if stream.pending or (readable and not writable):  # else it may be over before all is written
                    piece = stream.recv(PIECE)
                    if not piece:
                        return False
                    said += piece
        return True
    finally:
        stream.setblocking(True)


def _pieces(process: Exec, program: str, seconds: float | None, said: bytes = b"") -> Iterator[tuple[bool, bytes]]:
    """Yield (chunk, is_stderr) until the command ends, from what it `said` before. Raises TooLong after `seconds`."""
    frames, expired = Frames(), threading.Event()

    def expire() -> None:
        expired.set()
        process.stream.close()

    timer = threading.Timer(seconds or 0, expire)
    timer.daemon = True
    if seconds is not None:
        with leave_signals_to_main():
            timer.start()
    try:
        yield from frames.feed(said)
        while data := process.stream.recv(PIECE):
            yield from frames.feed(data)
    except OSError:
        if not expired.is_set():
            raise
    finally:
        timer.cancel()
    if expired.is_set():
        message = f"{program} in the sandbox was still running after {seconds:g} s"
        raise TooLong(message)
