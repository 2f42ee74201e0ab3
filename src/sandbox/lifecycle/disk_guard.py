"""Watches the engine's disk and ends the sandbox before it is full, for engines that can't limit a container's disk."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.core.human import size
from sandbox.core.signals import leave_signals_to_main
from sandbox.errors import Advice, SandboxError, StepFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.engine.protocol import Engine

RESERVE: Final = 500_000_000
"""Bytes to keep free on the engine's disk; a twentieth of the disk if that is less."""
SHARE: Final = 20
PERIOD: Final = 1.0
"""Seconds between two checks."""
RUSH: Final = 5_000_000_000
"""Bytes that a fast disk can write in a few checks. With less free space, checks are more frequent."""
HURRY: Final = 0.05
"""Seconds between these frequent checks; each costs microseconds."""


class DiskWatch:
    """Watches the engine's disk in a thread until `stop`; calls `on_full` once."""

    def __init__(self, engine: Engine, on_full: Callable[[], object]) -> None:
        self._engine = engine
        self._on_full = on_full
        self._over = threading.Event()
        self.reason: str | None = None
        with leave_signals_to_main():
            threading.Thread(target=self._run, daemon=True).start()

    def stop(self) -> None:
        """Stop watching."""
        self._over.set()

    def end(self) -> None:
        """Stop watching; raise the reason if the guard ended the sandbox. A second call raises nothing."""
        if not self._over.is_set():
            self.stop()
            self.explain()

    def explain(self) -> None:
        """Raise the reason if the guard ended the sandbox."""
        if self.reason:
            raise StepFailed(self.reason, cause="disk", hints=[Advice.program("df", "-h"), Advice.sandbox("clean")])

    def _run(self) -> None:
        if self._over.wait(PERIOD):  # the request costs the engine time, which the start of the shell needs more
            return
        folder, pause = self._folder(), 0.0
        while folder is not None and not self._over.wait(pause):
            free, reserve = free_space(folder)
            pause = PERIOD if free > RUSH else HURRY
            if free < reserve:
                self.reason = f"ended the sandbox because the disk is almost full: {size(free)} are left at {folder}"
                self._on_full()
                return

    def _folder(self) -> Path | None:
        """Return the engine's folder, or None for an engine on another host, whose disk is invisible from here."""
        try:
            root = self._engine.about().root
        except SandboxError:
            return None
        is_here = self._engine.url.startswith("unix://") and root and Path(root).is_dir()
        return Path(root) if is_here else None


@contextmanager
def guard_disk(engine: Engine, on_full: Callable[[], object]) -> Iterator[DiskWatch]:
    """Watch during the block. If the block fails because the guard ended the sandbox, raise that reason instead."""
    watch = DiskWatch(engine, on_full)
    try:
        yield watch
    except SandboxError:
        watch.explain()
        raise
    finally:
        watch.stop()


def free_space(folder: Path) -> tuple[int, int]:
    """Return (bytes free in a folder's file system, bytes to keep free)."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize, min(RESERVE, found.f_blocks * found.f_frsize // SHARE)
