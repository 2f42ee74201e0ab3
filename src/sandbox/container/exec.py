"""What is done inside a sandbox: commands with their output by lines, and the shell at its end."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sandbox.container.output import FLOOD, LONGEST_LIST, LineSplitter, TailBuffer, ThrottledLines
from sandbox.core.programs import program, source
from sandbox.core.signals import left_to_main
from sandbox.core.tasks import wait_until
from sandbox.engine.frames import Frames
from sandbox.engine.protocol import ExecSpec
from sandbox.errors import EngineError, NotFound, SandboxError, TooLong
from sandbox.lifecycle.endings import death_error
from sandbox.lifecycle.scratch import SCRATCH, begin_function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sandbox.engine.protocol import Argv, Engine, Exec, Image

TAIL: Final = 400
"""Lines of a command's output that are kept."""
KILLED: Final = 137
"""128 + SIGKILL: what a command ends with too when PID 1 has ended, since the kernel kills the rest then."""
NOT_BEGUN: Final = 126
"""What engines give a command that they could not begin, as where PID 1 ended right before."""
KILLED_LIMIT: Final = 0.3
"""Seconds in which an engine that has reported such a command reports its container's end."""
DEFAULT_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""What engines give an image that says nothing of PATH."""


class Outcome(Struct, frozen=True, kw_only=True):
    """How a command ended: its status and the last lines it wrote, plain: both streams as they came, and each alone."""

    status: int
    output: str
    stdout: str
    stderr: str


def exec_lines(
    engine: Engine,
    container: str,
    spec: ExecSpec,
    *,
    stdin: bytes | None = None,
    on_line: Callable[[str], None] = lambda _: None,
    seconds: float | None = None,
) -> Outcome:
    """Run a command to its end and return how it ended; `on_line` gets its lines as they come, of a flood the last.

    Raises SandboxDied where the container ends under it, TooLong where it has not ended after `seconds`.
    """
    process = engine.open(container, replace(spec, stdin=stdin is not None))
    if stdin is not None:
        process.stream.sendall(stdin)
        process.stream.close_write()
    cuts = (LineSplitter(FLOOD), LineSplitter(FLOOD))
    both, apart, telling = TailBuffer(TAIL), (TailBuffer(LONGEST_LIST), TailBuffer(TAIL)), ThrottledLines(on_line)

    def take(lines: list[str], *, is_error: bool) -> None:
        both.extend(lines)
        apart[is_error].extend(lines)
        telling.take(lines, has_gap=cuts[is_error].has_gap)

    for is_error, piece in _pieces(process, spec, seconds):
        take(cuts[not is_error].before_another(), is_error=not is_error)
        take(cuts[is_error].feed(piece), is_error=is_error)
    for is_error in (False, True):
        take(cuts[is_error].end(), is_error=is_error)
    telling.end()
    process.stream.close()
    status = exit_status(engine, container, process)
    return Outcome(status=status, output=both.text(), stdout=apart[False].text(), stderr=apart[True].text())


def exec_bytes(
    engine: Engine, container: str, spec: ExecSpec, *, limit: int, seconds: float | None = None
) -> tuple[int, bytes]:
    """Run a command and return its exit status and its standard output to the byte.

    Raises EngineError above `limit` bytes, and as `run` does.
    """
    process = engine.open(container, spec)
    output = bytearray()
    for is_error, piece in _pieces(process, spec, seconds):
        output += b"" if is_error else piece
        if len(output) > limit:
            process.stream.close()
            message = f"{spec.argv[0]} in the sandbox printed more than {limit} bytes"
            raise EngineError(message)
    process.stream.close()
    return exit_status(engine, container, process), bytes(output)


def _pieces(process: Exec, spec: ExecSpec, seconds: float | None) -> Iterator[tuple[bool, bytes]]:
    """Yield what a command writes until it ends, and whether it is standard error; raise TooLong after `seconds`."""
    frames, expired = Frames(), threading.Event()

    def expire() -> None:
        expired.set()
        process.stream.close()

    timer = threading.Timer(seconds or 0, expire)
    timer.daemon = True
    if seconds is not None:
        with left_to_main():
            timer.start()
    try:
        while data := process.stream.recv(65536):
            yield from frames.feed(data)
    except OSError:
        if not expired.is_set():
            raise
    finally:
        timer.cancel()
    if expired.is_set():
        message = f"{spec.argv[0]} in the sandbox had not ended after {seconds:g} s"
        raise TooLong(message)


def exit_status(engine: Engine, container: str, process: Exec) -> int:
    """Return a command's exit status; raise SandboxDied where its container is gone or stopped."""
    try:
        status = process.status()
    except (NotFound, EngineError) as error:
        if _is_over(engine, container):  # an engine that is gone says so here
            raise death_error(engine, container) from error
        raise
    if status in (KILLED, NOT_BEGUN) and wait_until(lambda: _is_over(engine, container), KILLED_LIMIT):
        raise death_error(engine, container)
    return status


def _is_over(engine: Engine, container: str) -> bool:
    found = engine.container(container)
    return found is None or found.state != "running"


OOM: Final = ("/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control")
"""The kernel's counts of processes it killed at a memory limit, under cgroup v2 and v1."""
KILLS: Final = f"{SCRATCH}/kills"
"""What they were when the shell began: an install's kills are not its command's."""


def out_of_memory(engine: Engine, container: str) -> bool:
    """Return whether a process was killed at the memory limit since the shell began; False where that can't be seen.

    Where the begin could not be noted, as by a user that is not root, since the container was started.
    """
    try:
        _, output = exec_bytes(engine, container, ExecSpec(argv=("cat", KILLS, *OOM), user="0"), limit=100_000)
    except SandboxError:
        return False
    counts = [int(number) for number in re.findall(rb"^oom_kill (\d{1,18})$", output, re.MULTILINE)]
    before = counts[0] if len(counts) > 1 else 0
    return bool(counts) and counts[-1] > before


def add_user(engine: Engine, container: str, known: str = "") -> str:
    """Return the name of a new user with a home and no privileges; raise EngineError where none could be added."""
    argv = ("sh", "-c", program(__package__, "add_user.sh"), "sh", SCRATCH, known, source(__package__, "promote.sh"))
    status, output = exec_bytes(engine, container, ExecSpec(argv=argv, user="0"), limit=1000)
    name = output.decode(errors="replace").strip()
    if status or not re.fullmatch(r"tryx*", name):
        message = "a user without privileges could not be added to the sandbox"
        raise EngineError(message, details=[("exit status", str(status))])
    return name


def interfaces(engine: Engine, container: str) -> frozenset[str]:
    """Return the names of the container's network interfaces, as the kernel shows them inside (proc(5), net/dev)."""
    _, output = exec_bytes(engine, container, ExecSpec(argv=("cat", "/proc/net/dev"), user="0"), limit=1_000_000)
    return frozenset(line.partition(b":")[0].strip().decode() for line in output.splitlines() if b":" in line)


def disconnect_network(engine: Engine, container: str) -> None:
    """Take a container off every network; raise EngineError where the engine does not."""
    engine.disconnect(container)
    if left := interfaces(engine, container) - {"lo"}:
        message = f"the engine can't cut the sandbox's network: it still has {', '.join(sorted(left))}"
        raise EngineError(message, hints=["the same command with --network none, if it needs no packages"])


def search_path(image: Image, extra: tuple[str, ...]) -> str:
    """Return the PATH of an image, with what the distro's users have beyond it."""
    own = next((text.partition("=")[2] for text in image.env if text.startswith("PATH=")), DEFAULT_PATH)
    return ":".join([own, *(folder for folder in extra if folder not in own.split(":"))])


def shell_spec(
    command: Argv,
    shells: tuple[str, ...],
    *,
    env: Mapping[str, str],
    terminal: tuple[int, int] | None,
    settings: Sequence[str] = (),
    known: str = "",
    is_asked: bool = True,
) -> ExecSpec:
    """Return the exec of the user's shell, or of `command`; `terminal` is its rows and columns where it has one.

    `settings` are absolute paths of which a copy is kept, so that it can be told later what was changed; `known` is
    noted for that. `is_asked`: whether there is a question on leaving, which `promote` inside asks for.
    """
    rows, columns = (str(terminal[0]), str(terminal[1])) if terminal else ("", "")
    promote = source(__package__, "promote.sh") if terminal and is_asked else ""
    inner = command or ("--shells", *shells)
    text = begin_function() + program(__package__, "shell.sh")
    noted = (SCRATCH, rows, columns, promote, " ".join(settings), known)
    return ExecSpec(
        argv=("/bin/sh", "-c", text, "sandbox", *noted, *inner), env=env, tty=terminal is not None, stdin=True
    )


def shell_environment(environ: Mapping[str, str], path: str, env: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the user's shell: the terminal's kind, a UTF-8 locale, the path, the spec's own."""
    shown = {name: environ[name] for name in ("COLORTERM", "NO_COLOR") if name in environ}
    return {
        "TERM": environ.get("TERM") or "dumb",
        "LANG": "C.UTF-8",
        "PATH": f"{path}:{SCRATCH}",
        **shown,
        **env,
    }
