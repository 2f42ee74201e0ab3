"""Signals: the first is raised once, the rest wait for the cleanup."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress

import pytest

from sandbox.core.signals import ENDING, trap_termination
from sandbox.errors import Interrupted


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_ends_the_block_with_its_own_status(number: signal.Signals) -> None:
    with pytest.raises(Interrupted) as caught, trap_termination():
        os.kill(os.getpid(), number)
    assert caught.value.status == 128 + number


def test_a_second_signal_waits_for_the_cleanup() -> None:
    cleaned = False
    with trap_termination() as guard:
        with pytest.raises(Interrupted):
            os.kill(os.getpid(), signal.SIGTERM)
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGHUP)
        cleaned = True
    assert cleaned
    assert guard.signum == signal.SIGTERM


def test_a_signal_while_cleaning_up_is_noted_and_not_raised() -> None:
    with trap_termination() as guard:
        guard.cleaning = True
        os.kill(os.getpid(), signal.SIGTERM)
        guard.check()
    assert guard.signum == signal.SIGTERM


def test_a_signal_that_was_swallowed_is_raised_at_the_next_check() -> None:
    with trap_termination() as guard:
        guard.check()
        with suppress(BaseException):
            os.kill(os.getpid(), signal.SIGHUP)
        with pytest.raises(Interrupted):
            guard.check()


def test_handlers_are_given_back() -> None:
    before = [signal.getsignal(number) for number in ENDING]
    with trap_termination():
        assert [signal.getsignal(number) for number in ENDING] != before
    assert [signal.getsignal(number) for number in ENDING] == before


def test_an_ignored_signal_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with trap_termination() as guard:
            os.kill(os.getpid(), signal.SIGHUP)
        assert guard.signum is None
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_signal_to_a_stopped_program_reaches_it_though_its_main_thread_waits_for_another() -> None:
    code = """
import signal, sys, time
from sandbox.core.signals import trap_termination
from sandbox.core.tasks import Background
with trap_termination():
    print("go", flush=True)
    Background(lambda: time.sleep(100)).result()
"""
    for _ in range(3):
        argv = [sys.executable, "-c", code]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            assert process.stdout is not None
            process.stdout.readline()
            process.send_signal(signal.SIGSTOP)
            os.waitpid(process.pid, os.WUNTRACED)
            process.send_signal(signal.SIGTERM)
            process.send_signal(signal.SIGCONT)
            try:
                process.wait(60)
            finally:
                process.kill()


LOST = """
import fcntl, os, select, signal, socket, sys, tempfile, threading
from sandbox.core.signals import keep_main_awake, trap_termination

near, far = socket.socketpair()
file = tempfile.NamedTemporaryFile()
other = open(file.name)
fcntl.flock(file, fcntl.LOCK_EX)
waits = {
    "result": lambda: threading.Event().wait(),
    "answer": lambda: near.recv(1),
    "output": lambda: select.select([near], [], []),
    "lock": lambda: fcntl.flock(other, fcntl.LOCK_EX),
}

def take():
    '''Take the signal once the main thread sleeps in its wait, so that nothing interrupts that.'''
    path = f"/proc/self/task/{os.getpid()}/stat"
    while open(path).read().rpartition(")")[2].split()[0] != "S":
        pass
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

keep_main_awake()
thread = threading.Thread(target=take, daemon=True)
with trap_termination():
    thread.start()
    waits[sys.argv[1]]()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's state of a thread is read from /proc")
@pytest.mark.parametrize("wait", ["result", "answer", "output", "lock"])
def test_a_signal_that_another_thread_took_ends_the_wait_of_the_main_one(wait: str) -> None:
    done = subprocess.run([sys.executable, "-c", LOST, wait], capture_output=True, text=True, check=False, timeout=60)
    assert "Interrupted" in done.stderr.splitlines()[-1]
