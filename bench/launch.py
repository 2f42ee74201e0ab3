"""Runs a command and prints its seconds, the most memory that it had in bytes, and its status (waitpid(2)).

Run as `python -IS bench/launch.py PROGRAM WORDS...`; it is small, since Linux counts as a process's own memory what its
parent had when it was forked (exec_mmap in fs/exec.c, getrusage(2)): of a child of the benchmark, the benchmark's.
"""

from __future__ import annotations

import os
import signal
import sys
import time


def main() -> None:
    """Run the command, which gets SIGTERM when this does; a terminal's Ctrl-C reaches it by itself."""
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGINT])
    started = time.perf_counter()
    silence = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=silence, setsigmask=[])
    signal.signal(signal.SIGTERM, lambda number, _frame: os.kill(pid, number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGTERM, signal.SIGINT])
    _, status, used = os.wait4(pid, 0)
    print(time.perf_counter() - started, used.ru_maxrss * 1024, status)


if __name__ == "__main__":
    main()
