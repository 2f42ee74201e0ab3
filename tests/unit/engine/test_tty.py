"""A process that is joined to the standard streams: whichever thread takes a signal, the wait ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Final

import pexpect
import pytest

from sandbox.core.tasks import wait_until

JOINED: Final = """
import signal, socket, sys, threading
from types import SimpleNamespace
from sandbox.core.signals import trap_termination
from sandbox.engine import tty
from sandbox.errors import Interrupted

class Wire(socket.socket):
    pending = False
    def close_write(self):
        self.shutdown(socket.SHUT_WR)

ours, other = socket.socketpair()
wire = Wire(fileno=ours.detach())
sizes = []
process = SimpleNamespace(stream=wire, resize=lambda *size: (sizes.append(size), raise_elsewhere()))
number = getattr(signal, sys.argv[2])

def raise_elsewhere():
    # to that thread alone, as the kernel may choose it: nothing interrupts the main one
    threading.Timer(0.2, lambda: signal.raise_signal(number)).start()

other.send(b"$ " if sys.argv[1] == "interact" else b"\\1\\0\\0\\0\\0\\0\\0\\2$ ")
if sys.argv[1] == "filter_streams":
    raise_elsewhere()
try:
    with trap_termination():
        getattr(tty, sys.argv[1])(process)
except Interrupted as error:
    print("ended by", error.status, flush=True)
"""
"""Joins a process that says `$ ` and then nothing; a signal comes in another thread once the main one waits."""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_another_thread_takes_ends_the_wait_for_a_command(number: signal.Signals) -> None:
    argv = [sys.executable, "-c", JOINED, "filter_streams", number.name]
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout == f"$ ended by {128 + number}\n"


def test_a_signal_that_another_thread_takes_ends_the_wait_at_a_shell() -> None:
    child = pexpect.spawn(sys.executable, ["-c", JOINED, "interact", "SIGTERM"], timeout=30)
    child.expect_exact("ended by 143")
    child.wait()


def test_a_stop_that_another_thread_takes_stops_it() -> None:
    child = pexpect.spawn(sys.executable, ["-c", JOINED, "interact", "SIGTSTP"], timeout=30)
    assert wait_until(lambda: os.waitid(os.P_PID, child.pid or 0, os.WSTOPPED | os.WNOHANG) is not None, 30)
    child.kill(signal.SIGKILL)
    child.wait()
