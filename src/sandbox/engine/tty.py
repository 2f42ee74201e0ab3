"""The user's terminal: raw mode and back, size, foreground, and its connection to a process in a sandbox."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import termios
import time
import tty
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from sandbox.core.echo import show_keys
from sandbox.core.foreground import LOOK, is_elsewhere, is_ours
from sandbox.core.foreground import is_terminal as is_at_terminal
from sandbox.core.signals import is_ending, wake_by_signals
from sandbox.engine.pump import Pump
from sandbox.errors import Advice, Interrupted, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

    from sandbox.core.progress import Reporter
    from sandbox.engine.protocol import Exec

SIGNALS: Final = 4096
"""Bytes to read at once from the pipe that gets one for each signal."""
CHANGES: Final = frozenset((signal.SIGWINCH, signal.SIGCONT))
"""After these the window may have another size."""


def is_terminal() -> bool:
    """Return whether standard input and output are a terminal, and we are in its foreground."""
    return is_ours(0) and is_ours(1)


def check_shell() -> None:
    """Raise UsageError where a shell can't be opened: the terminal is another's, as behind `&` or under timeout(1)."""
    if is_elsewhere(0):
        message = "a shell needs the terminal, but sandbox runs in the background"
        hints = [Advice.say("the same command without &, or with timeout --foreground"), Advice.again("--", "CMD")]
        raise UsageError(message, hints=hints)


def await_foreground(reporter: Reporter) -> None:
    """Wait, open to signals, until the terminal is ours; raise Interrupted(SIGHUP) where it is closed meanwhile."""
    if not is_terminal():
        reporter.rows([("  waits", "in the background; fg opens the shell")])
    while not is_terminal():
        if not (is_at_terminal(0) and is_at_terminal(1)):
            raise Interrupted(signal.SIGHUP)
        time.sleep(LOOK)


def size() -> tuple[int, int]:
    """Return the terminal's rows and columns, 24 and 80 where it says nothing."""
    for descriptor in (1, 0, 2):
        with contextlib.suppress(OSError):
            columns, rows = os.get_terminal_size(descriptor)
            if rows and columns:
                return rows, columns
    return 24, 80


class _Terminal:
    """Raw mode on standard input while we are in its foreground, given back at the end and on a stop (SIGTSTP)."""

    def __init__(self) -> None:
        self._saved = termios.tcgetattr(0)
        self._is_raw = False

    def follow(self) -> None:
        """Make it raw where it is ours and is not yet: at first, and when it comes back."""
        if not self._is_raw and is_ours(0):
            self._is_raw = True
            with _without_sigttou():
                tty.setraw(0, termios.TCSANOW)

    def lose(self) -> None:
        """Note that somebody else may have set it: a shell does, whose job was stopped."""
        self._is_raw = False

    def restore(self) -> None:
        """Give it back as it was found; a shell that has it back already has set it itself."""
        self._is_raw = False
        if is_ours(0):
            with _without_sigttou():
                termios.tcsetattr(0, termios.TCSANOW, self._saved)

    def stop(self, _signum: int, _frame: FrameType | None) -> None:
        """Stop as the shell asked from outside, with the terminal as we found it; not while a signal ends us."""
        if is_ending():
            return
        self.restore()
        os.kill(os.getpid(), signal.SIGSTOP)


@contextmanager
def _without_sigttou() -> Iterator[None]:
    """Change a terminal in the block without SIGTTOU, which would stop us for ever where the foreground moves just now.

    One that has been closed needs no change.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        with contextlib.suppress(termios.error):
            yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def raw_terminal() -> Iterator[_Terminal]:
    """Hold the terminal in raw mode while the block runs, whatever ends it."""
    terminal = _Terminal()
    before = signal.signal(signal.SIGTSTP, terminal.stop)
    try:
        terminal.follow()
        yield terminal
    finally:
        terminal.restore()
        signal.signal(signal.SIGTSTP, before)


@contextmanager
def _changes(terminal: _Terminal) -> Iterator[None]:
    """Have the window's changes and our own continuing noted, which by default nobody is told of."""

    def note(signum: int, _frame: FrameType | None) -> None:
        if signum == signal.SIGCONT:
            terminal.lose()

    before = {number: signal.signal(number, note) for number in CHANGES}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def interact(process: Exec, on_word: Callable[[], object] = lambda: None) -> None:
    """Join the terminal to a process that has one, until the process ends; follow the window's size.

    In the background its output goes on, and nothing is read until the foreground is ours again. `on_word` is called
    once the process has written something, and it was passed on.
    """
    show_keys()
    with (
        wake_by_signals() as signals,
        raw_terminal() as terminal,
        _changes(terminal),
        _pump_of(process, framed=False) as pump,
    ):
        is_first = is_resized = True
        while pump.turn(signals):
            terminal.follow()
            is_resized = bool(CHANGES & _signals_of(signals)) or is_resized
            # only once it has spoken: an engine lets a resize wait until the process is there, and the prompt with it
            if is_resized and pump.spoke:
                if is_first:
                    on_word()
                process.resize(*size())
                is_first = is_resized = False
        pump.flush()


def _signals_of(signals: int) -> frozenset[int]:
    """Return the numbers of the signals that came since the last look."""
    with contextlib.suppress(BlockingIOError):
        return frozenset(os.read(signals, SIGNALS))
    return frozenset()


def filter_streams(process: Exec) -> None:
    """Join standard input, output and error to a process without a terminal: bytes in, bytes out, exact."""
    show_keys()
    with wake_by_signals() as signals, _pump_of(process, framed=True) as pump:
        while pump.turn(signals):
            _signals_of(signals)
        pump.flush()


@contextmanager
def _pump_of(process: Exec, *, framed: bool) -> Iterator[Pump]:
    """Yield what moves a process's bytes; whatever ends the block, terminals are left as they were met."""
    pump = Pump(process.stream, framed=framed)
    try:
        yield pump
    finally:
        pump.reset_terminals()


def flush_standard_streams() -> None:
    """Let what Python holds for standard output and error go before raw bytes are written past it."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
