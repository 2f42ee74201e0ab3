"""Whose a terminal is: asked in real sessions and process groups at a real pseudo-terminal."""

from __future__ import annotations

import os
import pty
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

ASK = (
    "from sandbox.core.foreground import is_ours, is_elsewhere; print('ours', is_ours(0), 'elsewhere', is_elsewhere(0))"
)
ALONE = "ours False elsewhere True"
OURS = "ours True elsewhere False"


def at_terminal(code: str) -> str:
    """Return what Python code prints that leads a session with a terminal of its own."""
    pid, master = pty.fork()
    if pid == 0:
        os.execv(sys.executable, [sys.executable, "-c", code])
    said = b""
    try:
        while piece := os.read(master, 4096):
            said += piece
    except OSError:  # how a pseudo-terminal ends on Linux
        pass
    os.close(master)
    os.waitpid(pid, 0)
    return said.decode().strip()


def with_child(before: str) -> str:
    """Return code that asks in a child, which does something `before`."""
    return f"import subprocess, sys; subprocess.run([sys.executable, '-c', {ASK!r}], check=True, {before})"


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        pytest.param(ASK, OURS, id="leader"),
        pytest.param(with_child(""), OURS, id="member of the foreground"),
        pytest.param(with_child("preexec_fn=__import__('os').setpgrp"), ALONE, id="background"),
        pytest.param(with_child("start_new_session=True"), ALONE, id="another session"),
    ],
)
def test_a_terminal_is_ours_in_its_foreground_alone(code: str, answer: str) -> None:
    assert at_terminal(code) == answer


def test_a_terminal_that_controls_no_session_is_ours() -> None:
    master, slave = pty.openpty()
    done = subprocess.run([sys.executable, "-c", ASK], stdin=slave, capture_output=True, text=True, check=True)
    os.close(master)
    os.close(slave)
    assert done.stdout.strip() == OURS


CONTAINER = """
import fcntl, os, struct, subprocess, sys, time
folder, wanted = sys.argv[1], int(sys.argv[2])
subprocess.run(("mount", "-t", "devpts", "-o", "newinstance,ptmxmode=0666", "devpts", folder), check=True)
number = -1
while number < wanted:  # a new instance counts from 0
    controller = os.open(f"{folder}/ptmx", os.O_RDWR | os.O_NOCTTY)
    number = struct.unpack("I", fcntl.ioctl(controller, 0x80045430, b"1234"))[0]  # TIOCGPTN
fcntl.ioctl(controller, 0x40045431, struct.pack("i", 0))  # TIOCSPTLCK
os.dup2(os.open(f"{folder}/{number}", os.O_RDWR), 0)
print("ready", flush=True)
time.sleep(600)
"""
"""What an engine does for a container's terminal: a devpts of its own, whose terminal a session has."""


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("unshare"), reason="it needs root and unshare(1)")
def test_a_containers_terminal_of_the_same_number_is_another_one(tmp_path: Path) -> None:
    master, slave = pty.openpty()
    number = os.ttyname(slave).rpartition("/")[2]
    argv = ("unshare", "--mount", sys.executable, "-c", CONTAINER, str(tmp_path), number)
    with subprocess.Popen(argv, stdout=subprocess.PIPE, start_new_session=True, text=True) as other:
        try:
            assert other.stdout is not None
            assert other.stdout.readline() == "ready\n"
            done = subprocess.run([sys.executable, "-c", ASK], stdin=slave, capture_output=True, text=True, check=True)
        finally:
            other.kill()
    os.close(master)
    os.close(slave)
    assert done.stdout.strip() == OURS


def test_what_is_no_terminal_is_nobodys() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "ours False elsewhere False"
