"""How the program ends by Ctrl-C: as a shell wants it, whose loop it may be in."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pexpect

if TYPE_CHECKING:
    from pathlib import Path

LOOP = 'for n in 1 2; do "$@"; echo "round $n ended with $?"; done'
LIMIT = 60.0


def listener(folder: Path) -> tuple[socket.socket, dict[str, str]]:
    """Return an engine that takes a connection and says nothing, and the environment in which it is the one to ask."""
    silent = socket.socket(socket.AF_UNIX)
    silent.bind(str(folder / "s"))
    silent.listen()
    silent.settimeout(LIMIT)
    return silent, {**os.environ, "HOME": str(folder), "SANDBOX_ENGINE": f"unix://{folder}/s"}


def test_ctrl_c_at_a_terminal_ends_the_loop_that_the_program_is_in(tmp_path: Path) -> None:
    silent, env = listener(tmp_path)
    words = ["-c", LOOP, "sh", sys.executable, "-m", "sandbox", "list"]
    with silent:
        child: Any = pexpect.spawn("bash", words, env=env, timeout=LIMIT)
        connection, _ = silent.accept()
        with connection:
            child.send(b"\x03")
            said = child.read()
    child.wait()
    assert (b"round" in said, child.signalstatus) == (False, signal.SIGINT)


def test_sigint_without_a_terminal_is_a_status(tmp_path: Path) -> None:
    silent, env = listener(tmp_path)
    argv = [sys.executable, "-m", "sandbox", "list"]
    pipe = subprocess.PIPE
    with silent, subprocess.Popen(argv, env=env, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        connection, _ = silent.accept()
        with connection:
            process.send_signal(signal.SIGINT)
            assert process.wait(LIMIT) == 128 + signal.SIGINT


SWALLOWING = """\
import ctypes, os, signal
from sandbox.cli import program

def interrupt():
    os.kill(os.getpid(), signal.SIGINT)

class Interrupts:
    def __getattr__(self, name):
        interrupt()

def run(argv):
    try:
        BODY
    finally:
        print("undone", flush=True)

program.run = run
os._exit(program.run_line())
"""
"""C code that drops all errors, as PyObject_HasAttrString does (C API; from Python 3.13 on it reports them)."""


def interrupted(body: str) -> tuple[int, str]:
    """Return how the program ended, and what it printed, that interrupts itself in the place of a command line."""
    text = SWALLOWING.replace("BODY", body)
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, timeout=LIMIT, check=False)
    return done.returncode, done.stdout


def test_ctrl_c_works_again_behind_one_that_c_code_swallowed() -> None:
    swallow = "ctypes.pythonapi.PyObject_HasAttrString(ctypes.py_object(Interrupts()), b'x')"
    body = f"{swallow}; interrupt(); print('lost')"
    assert interrupted(body) == (128 + signal.SIGINT, "undone\n")


def test_a_second_ctrl_c_does_not_end_what_the_first_one_undoes() -> None:
    body = "interrupt()\n    except BaseException:\n        interrupt(); print('undoing'); raise"
    assert interrupted(body) == (128 + signal.SIGINT, "undoing\nundone\n")
    other = "try: [][1]\n        except IndexError: interrupt()"
    deep = f"interrupt()\n    except BaseException:\n        {other}\n        raise"
    assert interrupted(deep) == (128 + signal.SIGINT, "undone\n")
