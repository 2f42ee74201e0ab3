"""A connection to a process in a container, and what a forked child has of it."""

from __future__ import annotations

import os
import socket
import threading
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from sandbox.engine.docker.streams import HijackedConnection
from sandbox.engine.streams import FORKS

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT = 10.0


@pytest.fixture
def pair() -> Iterator[tuple[HijackedConnection, socket.socket]]:
    ours, theirs = socket.socketpair()
    theirs.settimeout(WAIT)
    buffered = ours.makefile("rb")
    response = SimpleNamespace(raw=SimpleNamespace(_fp=SimpleNamespace(fp=buffered)), close=buffered.close)
    with ours, theirs, buffered:
        yield HijackedConnection(response), theirs


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # of Python 3.12, with threads
def test_a_forked_child_does_not_keep_a_connection_open(pair: tuple[HijackedConnection, socket.socket]) -> None:
    connection, theirs = pair
    go_read, go_write = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(go_write)
        os.read(go_read, 1)  # lives until the parent has seen the end
        os._exit(connection.fileno() != -1)
    connection.sendall(b"mine")
    assert theirs.recv(4) == b"mine"
    connection.close()
    assert theirs.recv(1) == b""
    for end in (go_read, go_write):
        os.close(end)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # of Python 3.12, with threads
def test_a_child_that_closes_it_does_not_end_it_for_its_parent(
    pair: tuple[HijackedConnection, socket.socket],
) -> None:
    connection, theirs = pair
    pid = os.fork()
    if not pid:
        connection.close()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    connection.sendall(b"still here")
    assert theirs.recv(10) == b"still here"


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # of Python 3.12, with threads
def test_no_thread_forks_while_a_connection_is_on_its_way() -> None:
    done = threading.Event()

    def fork() -> None:
        pid = os.fork()
        if not pid:
            os._exit(0)
        os.waitpid(pid, 0)
        done.set()

    with FORKS:
        thread = threading.Thread(target=fork)
        thread.start()
        assert not done.wait(0.05)
    assert done.wait(WAIT)
    thread.join()
