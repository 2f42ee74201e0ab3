"""The processes of a sandbox, as its own program shows them: it is run here, for this machine's."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sandbox.container.processes import Running, processes_argv, running_of
from sandbox.core.tasks import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG = 60.0
ONE_THREAD_WORKS = """
import sys, threading
def work():
    while True: pass
threading.Thread(target=work, daemon=True).start()
sys.stdin.read()
"""


@contextmanager
def python(program: str) -> Iterator[int]:
    """Run a program that ends with its input; give its process."""
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE) as process:
        try:
            yield process.pid
        finally:
            process.kill()


def look() -> Running:
    done = subprocess.run(processes_argv(), capture_output=True, check=True)
    return running_of(done.returncode, done.stdout)


def test_a_process_is_busy_where_another_thread_than_its_first_works() -> None:
    with python(ONE_THREAD_WORKS) as pid:
        assert wait_until(lambda: look().work.get(pid, 0) > 0.2 and pid in look().busy, LONG)


def test_a_process_that_waits_for_input_is_not_busy_and_has_had_its_time() -> None:
    with python("import sys; sys.stdin.read()") as pid:
        assert wait_until(lambda: pid in look().work and pid not in look().busy, LONG)
        assert look().work[pid] >= 0
