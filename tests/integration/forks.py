"""The program in a fork of a process that has loaded its modules: a run costs 0.05 s of processor instead of 0.3 s.

`Program.run` uses it but for runs with variables that some libraries read as they load. `Program.start` and
`Program.terminal` start Python anew.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib
import io
import json
import os
import pkgutil
import socket
import subprocess
import sys
import tempfile
from functools import cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

REQUEST: Final = 1 << 20
"""Bytes: more than the longest command line and environment of a test."""


def run(words: list[str], *, env: Mapping[str, str], cwd: Path, stdin: bytes, limit: float) -> tuple[int, bytes, bytes]:
    """Run the program to its end; return its status, output and errors. Raise TimeoutExpired after `limit` seconds."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                request = json.dumps({"words": words, "env": dict(env), "cwd": str(cwd)}).encode()
                descriptors = [file.fileno() for file in (given, out, err)]
                socket.send_fds(_server(os.getpid()), [request], [*descriptors, theirs.fileno()])
            ours.settimeout(limit)
            pid = int(_line(ours))
            try:
                status = int(_line(ours))
            except TimeoutError:
                os.kill(pid, 9)
                raise subprocess.TimeoutExpired(words, limit) from None
        out.seek(0)
        err.seek(0)
        return status, out.read(), err.read()


def _line(connection: socket.socket) -> bytes:
    found = b""
    while not found.endswith(b"\n"):
        piece = connection.recv(1)
        assert piece, "the server of forks ended"
        found += piece
    return found


@cache
def _server(_pid: int) -> socket.socket:
    """Return the connection to this process's own server, which ends with it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.forks", str(theirs.fileno())], pass_fds=[theirs.fileno()]
    )
    theirs.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _serve(connection: socket.socket) -> None:
    """Fork for each request until the tests have ended."""
    while True:
        request, descriptors, _, _ = socket.recv_fds(connection, REQUEST, 4)
        if not request:
            return
        keeper = os.fork()
        if not keeper:
            connection.close()
            _keep(json.loads(request), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)
        with contextlib.suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass


def _keep(request: dict[str, object], descriptors: list[int]) -> None:
    """Fork the program, tell its pid and how it ended, and end."""
    answer = socket.socket(fileno=descriptors[3])
    pid = os.fork()
    if not pid:
        answer.close()
        _become(request, descriptors[:3])
    answer.sendall(f"{pid}\n".encode())
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    answer.sendall(f"{status}\n".encode())
    os._exit(0)


def _become(request: dict[str, object], descriptors: list[int]) -> None:
    """Be the program, as Python would have started it."""
    from sandbox.cli.main import main

    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    os.environ.clear()
    env, words = request["env"], request["words"]
    assert isinstance(env, dict)
    assert isinstance(words, list)
    os.environ.update(env)
    os.chdir(str(request["cwd"]))
    sys.argv = ["sandbox", *words]
    sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)), encoding="utf-8")
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(io.FileIO(1, "w", closefd=False)), encoding="utf-8")
    sys.stderr = io.TextIOWrapper(
        io.BufferedWriter(io.FileIO(2, "w", closefd=False)),
        encoding="utf-8",
        errors="backslashreplace",
        line_buffering=True,
    )
    try:
        main()
    except BaseException:  # noqa: BLE001 - a bug of the program: its traceback is part of what the test sees
        sys.excepthook(*sys.exc_info())
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)


def _load() -> None:
    """Import all modules of the program."""
    package = importlib.import_module("sandbox")
    for module in pkgutil.walk_packages(package.__path__, "sandbox."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


if __name__ == "__main__":
    import signal

    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _load()
    _serve(socket.socket(fileno=int(sys.argv[1])))
