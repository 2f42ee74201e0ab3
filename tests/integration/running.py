"""The program as a user runs it, at a pipe or at a terminal, and what the engine knows of it meanwhile."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys
import termios
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pexpect
from tests.integration import forks

from sandbox.engine import labels

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable, Mapping
    from pathlib import Path

PROGRAM: Final = (sys.executable, "-m", "sandbox")
ARCHIVES: Final = "sandbox-lab/archive-{release}"
ARCHIVE: Final = "sandbox-lab/archive-bookworm"
POSTGRES: Final = "sandbox-lab/postgres"
NPM: Final = "sandbox-lab/npm"
"""The same with a package of Node and npm, whose 190 MB an inspection would read each time."""
LONG: Final = 150.0
"""Seconds after which something that takes one or two counts as hanging: machines are noisy."""
WHOLE: Final = 600.0
"""The same for a whole run, which may install a lot: one of Python with pip took 64 s at a load of 10, 150 at 24."""
FOREIGN: Final = re.compile(r"^(SANDBOX_|SSL_CERT|DOCKER_|LC_|LANG|XDG_|NO_COLOR|COLUMNS|LINES)")
"""Variables of whoever runs the tests that would change what the program does."""
READ_LATE: Final = re.compile(r"_?SANDBOX_|AWS_|DOCKER_CONFIG$|HOME$")
"""Variables that the program reads as it runs, not as its modules load: with these alone a fork of it will do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """The program with folders of its own; `around` is put before its argv, as a program that runs others.

    `debian` is the image of its debian: ARCHIVE has what the tests install and no index of the whole archive.
    `keeps_index`: as by default, which is nothing for folders that are new in each test: 90 MB of the whole archive.
    """

    folder: Path
    engine: str
    around: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    debian: str = ""
    keeps_index: bool = False

    def __post_init__(self) -> None:
        if self.debian:
            rows = self.folder / "config" / "sandbox" / "distros.yaml"
            rows.parent.mkdir(parents=True, exist_ok=True)
            rows.write_text(f"debian: {{image: '{self.debian}'}}\n")

    @property
    def work(self) -> Path:
        """The folder it runs in."""
        path = self.folder / "work"
        path.mkdir(parents=True, exist_ok=True)
        return path

    @property
    def journal(self) -> Path:
        """The file of its journal."""
        return self.folder / "state" / "sandbox" / "journal.jsonl"

    def env(self, extra: Mapping[str, str]) -> dict[str, str]:
        """Return its environment: the tests' own, less what would change it."""
        own = {name: value for name, value in os.environ.items() if not FOREIGN.match(name)}
        folders = {f"XDG_{kind.upper()}_HOME": str(self.folder / kind) for kind in ("config", "state", "cache")}
        index = {} if self.keeps_index else {"SANDBOX_INDEX_CACHE": "0"}
        return {**own, "TERM": "xterm", "SANDBOX_ENGINE": self.engine, **index, **folders, **self.environ, **extra}

    def argv(self, *words: str) -> list[str]:
        """Return the argv of the program with these words."""
        return [*self.around, *PROGRAM, *words]

    def run(self, *words: str, stdin: bytes = b"", **extra: str) -> subprocess.CompletedProcess[bytes]:
        """Run it to its end without a terminal; `extra` is more environment."""
        if not self.around and all(map(READ_LATE.match, (*self.environ, *extra))):
            status, out, err = forks.run([*words], env=self.env(extra), cwd=self.work, stdin=stdin, limit=WHOLE)
            return subprocess.CompletedProcess(self.argv(*words), status, out, err)
        return subprocess.run(
            self.argv(*words),
            input=stdin,
            capture_output=True,
            env=self.env(extra),
            cwd=self.work,
            timeout=WHOLE,
            check=False,
        )

    def start(self, *words: str, **extra: str) -> subprocess.Popen[bytes]:
        """Start it without a terminal, its standard input held open."""
        return subprocess.Popen(
            self.argv(*words),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=self.env(extra),
            cwd=self.work,
        )

    def terminal(self, *words: str, size: tuple[int, int] = (24, 80), **extra: str) -> Terminal:
        """Start it at a terminal of `size` rows and columns."""
        return Terminal(self.argv(*words), env=self.env(extra), cwd=str(self.work), size=size)


class Terminal:
    """The program at a terminal, as a user types and reads."""

    PROMPT = b"~ready~ "

    def __init__(self, argv: list[str], *, env: dict[str, str], cwd: str, size: tuple[int, int]) -> None:
        self.child: Any = pexpect.spawn(argv[0], argv[1:], env=env, cwd=cwd, dimensions=size, timeout=LONG)
        self.child.delaybeforesend = None
        self.child.searchwindowsize = 20_000
        self.attributes = self.current_attributes()

    def current_attributes(self) -> list[Any]:
        """Return what the terminal is set to (termios(3))."""
        found: list[Any] = termios.tcgetattr(self.child.child_fd)
        return found

    def ready(self) -> str:
        """Wait for the shell's first prompt and give it one that can't be mistaken; return what came before."""
        self.child.expect(rb"root@[a-z-]+:/# ")
        banner = bytes(self.child.before).decode()
        self.child.send(b"bind 'set enable-bracketed-paste off'; PS1='~rea''dy~ '\r")
        self.child.expect_exact(b"'~rea''dy~ '")
        self.child.expect_exact(self.PROMPT)
        return banner

    def send(self, data: bytes) -> None:
        """Type."""
        self.child.send(data)

    def expect(self, text: bytes) -> bytes:
        """Wait for a text; return what came before it."""
        self.child.expect_exact(text)
        return bytes(self.child.before)

    def ask(self, line: str) -> str:
        """Type a line and return what it printed before the next prompt."""
        self.child.send(line.encode() + b"\r")
        self.expect(b"\n")
        return self.expect(self.PROMPT).decode().replace("\r\n", "\n").strip()

    def read_until(self, end: bytes) -> bytes:
        """Return all bytes before `end`, fast."""
        data = bytearray(self.child.buffer)
        self.child.buffer = b""
        limit = time.monotonic() + LONG
        while end not in data[-len(end) - 65536 :]:
            assert time.monotonic() < limit, data[-200:]
            if select.select([self.child.child_fd], [], [], 1)[0]:
                data += os.read(self.child.child_fd, 65536)
        before, _, after = bytes(data).partition(end)
        self.child._before = self.child.buffer_type()  # pexpect keeps what it has not given out in two places
        self.child._before.write(after)
        self.child.buffer = after
        return before

    def rest(self) -> str:
        """Return what comes until the program ends."""
        self.child.expect(pexpect.EOF)
        return without_limits_warning(bytes(self.child.before).decode(errors="replace"))

    def status(self) -> int:
        """Wait for the end of the program; return its status, negative for a signal that killed it."""
        self.child.expect(pexpect.EOF)
        self.child.wait()
        return int(self.child.exitstatus if self.child.exitstatus is not None else -self.child.signalstatus)

    def signal(self, number: signal.Signals) -> None:
        """Send the program a signal."""
        os.kill(self.child.pid, number)

    def close(self) -> None:
        """Close the terminal window, and kill what has not ended by that."""
        self.child.close(force=True)

    def hang_up(self) -> None:
        """Close the terminal window, as its emulator does: the program has the time that it needs."""
        process = self.child.ptyproc
        process.fileobj.close()  # not the number alone: it would be closed once more when it is somebody else's
        process.fd = self.child.child_fd = -1
        process.closed = self.child.closed = True

    def is_over(self) -> bool:
        """Return whether the program of a window that was closed has ended; takes its status away."""
        try:
            ended, _ = os.waitpid(self.child.pid, os.WNOHANG)
            return ended != 0
        except ChildProcessError:
            return True


def without_limits_warning(text: str) -> str:
    """Return what the program said without the warning of an engine that can limit nothing, as a rootless one."""
    colour = r"(\x1b\[[\d;]*m)?"
    return re.sub(rf"{colour}warning:{colour} \S+ \S+ can't limit a sandbox's .*\n(  .*\n)*", "", text)


def output_of(client: Any, image: str, *argv: str, **options: Any) -> bytes:
    """Run a container to its end, which is to be a good one; return what it wrote to its standard output.

    The log is read once it is whole: `containers.run` follows it, and a busy engine may leave out its end then.
    """
    container = client.containers.create(image, list(argv) or None, labels={labels.KIND: "test-service"}, **options)
    try:
        container.start()
        status = container.wait()["StatusCode"]
        out: bytes = container.logs(stdout=True, stderr=False)
    finally:
        container.remove(force=True, v=True)
    assert status == 0, out
    return out


def owned(client: Any, pid: int) -> list[Any]:
    """Return the containers, in any state, of the session that the process `pid` owns."""
    rows = client.api.containers(all=True, filters={"label": labels.SESSION})
    return [row for row in rows if row["Labels"].get(labels.OWNER, "").startswith(f"{pid}:")]


def running(client: Any, *pids: int) -> list[str]:
    """Return the names of their containers that have been started."""
    return [row["Names"][0] for pid in pids for row in owned(client, pid) if row["State"] != "created"]


def wait_for(condition: Callable[[], Any], limit: float = LONG) -> Any:
    """Return the condition's value once it is true; fail where that takes longer than `limit` seconds."""
    end = time.monotonic() + limit
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come true"
        time.sleep(0.02)
    return found


def finished(process: subprocess.Popen[bytes]) -> tuple[int, bytes]:
    """Wait for the end of a process whose output nobody reads; return its status and standard error."""
    assert process.stdin is not None
    assert process.stderr is not None
    with process.stdin, process.stderr:
        return process.wait(LONG), process.stderr.read()


def ended(process: subprocess.Popen[bytes]) -> tuple[int, bytes, bytes]:
    """Wait for the end; return status, standard output and standard error."""
    out, err = process.communicate(timeout=LONG)
    return process.returncode, out, err


def wait_for_text(process: subprocess.Popen[bytes], text: bytes, *, stream: str = "stdout") -> bytes:
    """Read the process's output until it holds `text`; return it."""
    pipe = process.stdout if stream == "stdout" else process.stderr
    assert pipe is not None
    data, limit = b"", time.monotonic() + LONG
    while text not in data:
        assert time.monotonic() < limit, data
        if select.select([pipe], [], [], 1)[0]:
            piece = os.read(pipe.fileno(), 65536)
            assert piece, data
            data += piece
    return data
