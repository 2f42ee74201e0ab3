"""A connection that is idle for hours carries a byte now and then: what lies between may end idle ones.

A socket proxy does after minutes (HAProxy `timeout client`, nginx `proxy_read_timeout`), and so does a firewall.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from sandbox.core.signals import leave_signals_to_main

if TYPE_CHECKING:
    from sandbox.engine.protocol import Connection

EVERY: Final = 20.0
"""Seconds between two bytes: less than half of the shortest limit that is common, a minute."""


class Pulse:
    """Writes a newline to a connection each `every` seconds until it ends; whoever reads it there passes over it."""

    def __init__(self, stream: Connection, every: float = EVERY) -> None:
        self._stream = stream
        self._every = every
        self._over = threading.Event()
        self._turn = threading.Lock()
        with leave_signals_to_main():
            threading.Thread(target=self._beat, daemon=True).start()

    def _beat(self) -> None:
        while not self._over.wait(self._every):
            with self._turn:
                if self._over.is_set():
                    return
                try:
                    self._stream.sendall(b"\n")
                except BlockingIOError:  # it is full: it is not idle
                    continue
                except (OSError, ValueError):  # it is closed: whoever has it sees that
                    return

    def end(self) -> None:
        """Write no more."""
        self._over.set()
