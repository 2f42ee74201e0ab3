"""Signals that end a session: the first is raised in the main thread, later ones wait for the cleanup."""

from __future__ import annotations

import _thread
import os
import signal
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

ENDING: Final = (
    *(signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT),
    *(signal.SIGALRM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGXCPU),
)
"""Signals that end a program by default and that people send: with a key, `timeout -s`, `ulimit -t`."""

FOR_MAIN: Final = (*ENDING, signal.SIGTSTP, signal.SIGCONT, signal.SIGWINCH)
"""Signals for which the main thread has a handler, which nothing wakes where another thread takes them."""

NUDGE: Final = signal.SIGURG
"""What interrupts a system call of the main thread and does nothing else; a program ignores it by default."""
PAUSES: Final = (0.05, 0.2, 1.0)
"""Seconds before each nudge behind a signal; a nudge can come just before the system call, too."""

KILLED: Final = 128 + signal.SIGKILL
"""Exit status of a killed command: by a user, at a memory limit, or because PID 1 ended."""

_came: list[int] = []


def is_ending() -> bool:
    """Return whether a signal that ends the program has arrived: then long waits are not worth it."""
    return bool(_came)


def first() -> int | None:
    """Return the first signal that has ended the program, if one has."""
    return _came[0] if _came else None


class Guard:
    """The signals so far. `cleaning` is set once the cleanup has begun: nothing is raised after that."""

    def __init__(self) -> None:
        self.signum: int | None = None
        self.cleaning = False

    def handle(self, signum: int, _frame: FrameType | None) -> None:
        """Record a signal, and raise it, unless one was raised before or the cleanup runs."""
        first = self.signum is None
        _came.append(signum)
        self.signum = self.signum or signum
        if first and not self.cleaning:
            raise _interruption(signum)

    def check(self) -> None:
        """Raise a recorded signal that some code swallowed."""
        if self.signum is not None and not self.cleaning:
            raise _interruption(self.signum)


def _interruption(signum: int) -> BaseException:
    from sandbox.errors import Interrupted  # a container is begun before the errors' library is loaded

    return Interrupted(signum)


@contextmanager
def trap_termination() -> Iterator[Guard]:
    """Turn SIGINT, SIGTERM and similar into one Interrupted in the block; an ignored signal stays ignored (nohup)."""
    guard = Guard()
    before: dict[signal.Signals, Any] = {}
    for number in ENDING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, guard.handle)
    try:
        yield guard
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def leave_signals_to_main() -> Iterator[None]:
    """Keep the signals we handle from the threads that the block starts: Python handles them in the main one alone.

    The kernel prefers that one, but not while all are stopped: SIGTERM and SIGCONT, as a shell's `kill %1` sends them,
    would reach any thread, and the main one would wait on for what it waits for (signal.c, `wants_signal`; a search
    that was stopped went on for 10 s).
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, FOR_MAIN)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def unblock_signals() -> Iterator[None]:
    """Unblock the signals we handle in what the block starts: a program inherits blocked signals."""
    before = signal.pthread_sigmask(signal.SIG_UNBLOCK, FOR_MAIN)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def wake_by_signals() -> Iterator[int]:
    """Yield a descriptor from which the number of each signal can be read, a byte each; for the main thread.

    A wait that also waits for it ends at each signal. Another wait sleeps on where the signal came after Python's last
    look and before the system call, or to another thread: then nothing interrupts the call (of 240 shells that were
    stopped right after their prompt, on a busy machine, 9 went on), until `keep_main_awake` does.
    """
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    try:
        yield reader
    finally:
        signal.set_wakeup_fd(before, warn_on_full_buffer=False)
        os.close(reader)
        os.close(writer)


def keep_main_awake() -> None:
    """Have each signal end the main thread's wait, whichever wait it is, for the rest of the program.

    A thread reads the numbers of the signals, and interrupts the main one behind each. Without it a SIGTERM just before
    the wait for a step's output, for a trial's cells or for a lock was lost: the program went on until the next one.
    """
    if signal.getsignal(NUDGE) is not signal.SIG_DFL:
        return
    signal.signal(NUDGE, _do_nothing)
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    with leave_signals_to_main(), suppress(RuntimeError):  # there can be no further thread
        # the start of a `threading.Thread` is waited for, on a busy machine for 10 ms
        _thread.start_new_thread(_nudge, (reader, _thread.get_ident()))


def _do_nothing(_signum: int, _frame: FrameType | None) -> None:
    """Only the interrupted system call counts."""


def _nudge(reader: int, main: int) -> None:
    """Interrupt the main thread behind each signal that is read."""
    while numbers := os.read(reader, 4096):
        if set(numbers) == {NUDGE}:  # its own
            continue
        for pause in PAUSES:
            time.sleep(pause)
            signal.pthread_kill(main, NUDGE)
