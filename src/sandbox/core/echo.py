"""Whether a terminal shows what is typed: not while steps run, into whose line it would go; the shell reads it later.

What is typed stays with the kernel until somebody reads it (termios(3), ECHO); nothing is ever thrown away.
"""

from __future__ import annotations

import os
import signal
import termios
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from sandbox.core.foreground import is_ours
from sandbox.core.signals import is_ending

if TYPE_CHECKING:
    from types import FrameType

    Attributes = list[int | list[bytes | int]]

LOCAL: Final = 3
"""The place of the local flags in what tcgetattr(3) returns."""


class _Keys:
    """The terminal on standard input: `found` is how it was, None while it shows what is typed."""

    def __init__(self) -> None:
        self.found: Attributes | None = None

    def stop(self, _signum: int, _frame: FrameType | None) -> None:
        """Stop, as Ctrl-Z asks, with the terminal as it was found; go on as before where it is ours again.

        Not while a signal ends us: the cleanup would wait for somebody to continue it.
        """
        if is_ending():
            return
        _set(self.found)
        os.kill(os.getpid(), signal.SIGSTOP)
        _set(_without_echo(self.found))


_keys: Final = _Keys()


def hide_keys() -> None:
    """Show nothing of what is typed until `show_keys`; nothing happens without a terminal that is ours."""
    if _keys.found is not None or threading.current_thread() is not threading.main_thread() or not is_ours(0):
        return
    if signal.getsignal(signal.SIGTSTP) is not signal.SIG_DFL:  # who takes a stop has the terminal already
        return
    with suppress(termios.error):
        _keys.found = termios.tcgetattr(0)
        signal.signal(signal.SIGTSTP, _keys.stop)
        _set(_without_echo(_keys.found))


def show_keys() -> None:
    """Give the terminal back as it was found; what was typed meanwhile is there for who reads next."""
    if _keys.found is None:
        return
    _set(_keys.found)
    _keys.found = None
    signal.signal(signal.SIGTSTP, signal.SIG_DFL)


def _without_echo(attributes: Attributes | None) -> Attributes | None:
    if attributes is None:
        return None
    changed = [*attributes]
    local = changed[LOCAL]
    if isinstance(local, int):
        changed[LOCAL] = local & ~(termios.ECHO | termios.ECHONL)
    return changed


def _set(attributes: Attributes | None) -> None:
    """Set the terminal where it is ours; one that is another's by now has its own shell to set it."""
    if attributes is None or not is_ours(0):
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTTOU})
    try:
        with suppress(termios.error):
            termios.tcsetattr(0, termios.TCSANOW, attributes)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
