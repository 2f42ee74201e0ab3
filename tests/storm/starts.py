"""The ways to start a program at, beside, behind and without a terminal, each as a user or a script does."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import pexpect

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TOKEN: Final = "STORM_RUN"
"""The variable by which the processes of one start are found."""
PASSED: Final = ("PATH", "HOME", "TERM", "SANDBOX_ENGINE", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", TOKEN)
FORK: Final = "import os, sys; os.fork() and os._exit(0); os.setpgid(0, 0); os.execvp(sys.argv[1], sys.argv[1:])"
ORPHAN: Final = f"{sys.executable} -c {shlex.quote(FORK)}"

Then = Literal["", "stop", "stop, bg", "stop, bg, fg", "stop, fg", "close", "freeze"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How it is started: `text` is given to `shell` with the command for {c}, or typed into it where that is `typed`.

    `then` is what is done once it runs. Without a `shell` it is started by itself: at a terminal that controls no
    session, or at none.
    """

    name: str
    text: str = "{c}"
    shell: str = "bash"
    typed: bool = False
    then: Then = ""


def typed(name: str, text: str, then: Then = "") -> Way:
    """Return a way that is typed into a shell with job control."""
    return Way(name=name, text=text, typed=True, then=then)


WAYS: Final = (
    Way(name="bash -c", text="{c}; exit $?"),
    Way(name="exec, as pexpect", text="exec {c}"),
    typed("typed", "{c}"),
    typed("typed with &", "{c} &"),
    typed("typed with &, stty tostop", "stty tostop; {c} &"),
    typed("typed with &, then fg", "{c} & sleep 0.2; fg"),
    Way(name="& and wait in a script", text="{c} & wait"),
    Way(name="timeout in a script", text="timeout 300 {c}; exit $?"),
    typed("timeout, typed", "timeout 300 {c}"),
    Way(name="timeout --foreground", text="timeout --foreground 300 {c}; exit $?"),
    typed("setsid, typed", "setsid {c}"),
    Way(name="setsid -w", text="setsid -w {c}; exit $?"),
    Way(name="setsid -w -c", text="setsid -w -c {c}; exit $?"),
    Way(name="nohup", text="nohup {c}; exit $?"),
    typed("nohup with &", "nohup {c} &"),
    Way(name="script -c", text="script -qec {q} /dev/null; exit $?"),
    typed("stopped by SIGTSTP", "{c}", "stop"),
    typed("stopped by SIGSTOP", "{c}", "freeze"),
    typed("stopped, then bg", "{c}", "stop, bg"),
    typed("stopped, then bg, then fg", "{c}", "stop, bg, fg"),
    typed("stopped, then fg", "{c}", "stop, fg"),
    Way(name="closed terminal, SIGHUP ignored", text="trap '' HUP; {c}; exit $?", then="close"),
    Way(name="input from /dev/null", text="{c} </dev/null; exit $?"),
    Way(name="output to a pipe", text="{c} | cat"),
    Way(name="input from a pipe", text="sleep 300 | {c}"),
    typed("inside a pipeline, typed", "sleep 2 | {c} | cat"),
    Way(name="sh -i -c", text="{c}; exit $?", shell="sh -i"),
    Way(name="orphaned process group", text=f"{ORPHAN} {{c}}; sleep 300"),
    Way(name="stdbuf", text="stdbuf -oL {c}; exit $?"),
    Way(name="env -i", text="env -i {e} {c}; exit $?"),
    Way(name="nice", text="nice {c}; exit $?"),
    Way(name="xargs", text="echo | xargs {c}; exit $?"),
    Way(name="a terminal that controls no session", shell="alone"),
    Way(name="no terminal", shell=""),
)


class Start:
    """A command started in one way; `output` grows as it is written, `terminal` is the master's descriptor."""

    def __init__(self, way: Way, argv: Sequence[str], *, env: Mapping[str, str], cwd: Path) -> None:
        self.way = way
        self.output = bytearray()
        self._token = f"{TOKEN}={env[TOKEN]}".encode()
        self._child: Any = None
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False
        if way.shell in ("", "alone"):
            self.terminal = self._start_alone(argv, dict(env), cwd)
        else:
            passed = " ".join(shlex.quote(f"{name}={env[name]}") for name in PASSED if name in env)
            line = way.text.format(c=shlex.join(argv), q=shlex.quote(shlex.join(argv)), e=passed)
            own = [*shlex.split(way.shell), "-c", line] if not way.typed else ["bash", "--norc", "--noprofile", "-i"]
            self._child = pexpect.spawn(own[0], own[1:], env={**env, "PS1": "host> "}, cwd=str(cwd), timeout=60)
            self._child.delaybeforesend = None
            self.terminal = self._child.child_fd
            if way.typed:
                self._child.expect_exact(b"host> ")
                self.type(line)
        self._drain = threading.Thread(target=self._read, daemon=True)
        self._drain.start()

    def _start_alone(self, argv: Sequence[str], env: dict[str, str], cwd: Path) -> int:
        """Start it in a session without a terminal; return what it writes to."""
        if self.way.shell == "alone":
            master, slave = os.openpty()
            self._process = subprocess.Popen(
                argv, stdin=slave, stdout=slave, stderr=slave, env=env, cwd=cwd, start_new_session=True
            )
            os.close(slave)
            return master
        reader, writer = os.pipe()
        self._process = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=writer, stderr=writer, env=env, cwd=cwd, start_new_session=True
        )
        os.close(writer)
        return reader

    def _read(self) -> None:
        while not self._closed:
            try:
                data = os.read(self.terminal, 65536)
            except OSError:
                return
            if not data:
                return
            self.output += data

    def type(self, text: str) -> None:
        """Type a line, where there is somewhere to."""
        if self.way.shell and not self._closed:
            os.write(self.terminal, text.encode() + b"\r")

    def hang_up(self) -> None:
        """Close the terminal, as a window that is closed."""
        self._closed = True
        self._child.ptyproc.fileobj.close()
        self._child.ptyproc.fd = self._child.child_fd = -1
        self._child.ptyproc.closed = self._child.closed = True

    def pids(self, *, program: bool = True) -> list[int]:
        """Return the processes of the program itself, or all that came of this start, without the dead."""
        return [pid for pid in _processes() if _is_of(pid, self._token, program=program)]

    def end(self) -> None:
        """Kill what is left of it, all of it started by us."""
        for pid in (*self.pids(program=False), *([self._child.pid] if self._child else [])):
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                continue
        if self._process is not None:
            self._process.wait()
            if self._process.stdin is not None:
                self._process.stdin.close()
        if self._child is not None and not self._child.closed:
            self._closed = True
            self._child.close(force=True)
        elif self._child is not None:
            self._child.wait()
        else:
            self._drain.join(5)
            os.close(self.terminal)


def _processes() -> list[int]:
    return [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]


def _is_of(pid: int, token: bytes, *, program: bool) -> bool:
    try:
        if token not in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0"):
            return False
        words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        alive = state(pid) not in ("", "Z")
    except OSError:
        return False
    return alive and (not program or (b"python" in words[0] and words[1:3] == [b"-m", b"sandbox"]))


def state(pid: int) -> str:
    """Return the letter of a process's state (proc(5)), nothing where it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""
