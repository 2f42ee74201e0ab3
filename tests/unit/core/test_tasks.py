"""Work in threads: results in order, errors raised where they are wanted."""

from __future__ import annotations

import subprocess
import sys
import threading

import pytest

from sandbox.core.tasks import PARALLEL_FROM, THREADS, Background, parallel_map


def test_results_come_in_order_from_threads() -> None:
    meeting = threading.Barrier(THREADS, timeout=10)  # holds unless all are there at once

    def work(item: int) -> int:
        meeting.wait()
        return -item

    assert parallel_map(work, range(THREADS)) == [-item for item in range(THREADS)]


def test_a_few_need_no_thread() -> None:
    found = parallel_map(lambda _: threading.current_thread(), range(PARALLEL_FROM - 1))
    assert set(found) == {threading.current_thread()}


@pytest.mark.parametrize("count", [1, 20])
def test_an_error_of_one_is_raised(count: int) -> None:
    with pytest.raises(ZeroDivisionError):
        parallel_map(lambda item: 1 // item, range(count))


def test_work_that_begins_while_the_interpreter_ends_is_done_all_the_same() -> None:
    code = """
import atexit
from sandbox.core.tasks import Background
atexit.register(lambda: print(Background(lambda: 6 * 7).result()))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("42\n", "")


def test_work_for_which_there_is_no_thread_is_done_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        message = "can't create new thread at interpreter shutdown"
        raise RuntimeError(message)

    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert Background(threading.current_thread).result() is threading.current_thread()
