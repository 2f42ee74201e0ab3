"""Watches the disk of an engine that can't limit a container's, and ends the sandbox before the host runs out."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sandbox.core.human import size
from sandbox.core.signals import left_to_main
from sandbox.errors import Advice, SandboxError, StepFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.engine.protocol import Engine

RESERVE: Final = 500_000_000
"""Bytes that stay free on the engine's disk, or a twentieth of it where that is less."""
SHARE: Final = 20
PERIOD: Final = 1.0
"""Seconds between two looks."""
RUSH: Final = 5_000_000_000
"""Bytes of room that a fast disk can be filled with in a few of those: with less it is looked at more often."""
HURRY: Final = 0.05
"""Seconds between two looks then; one costs microseconds."""


class DiskWatch:
    """Looks at the engine's disk in a thread of its own until `stop`; `on_full` is called once."""

    def __init__(self, engine: Engine, on_full: Callable[[], object]) -> None:
        self._engine = engine
        self._on_full = on_full
        self._over = threading.Event()
        self.reason: str | None = None
        with left_to_main():
            threading.Thread(target=self._run, daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._over.set()

    def end(self) -> None:
        """Look no more, and raise why the sandbox ended, where that was us; a second time nothing is raised."""
        if not self._over.is_set():
            self.stop()
            self.explain()

    def explain(self) -> None:
        """Raise why the sandbox ended, where that was us."""
        if self.reason:
            raise StepFailed(self.reason, cause="disk", hints=[Advice.program("df", "-h"), Advice.sandbox("clean")])

    def _run(self) -> None:
        if self._over.wait(PERIOD):  # asking costs the engine time, which the way to the prompt needs
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
        """Return the engine's folder; None for an engine that is not on this host, whose disk can't be seen."""
        try:
            root = self._engine.about().root
        except SandboxError:
            return None
        is_here = self._engine.url.startswith("unix://") and root and Path(root).is_dir()
        return Path(root) if is_here else None


@contextmanager
def guard_disk(engine: Engine, on_full: Callable[[], object]) -> Iterator[DiskWatch]:
    """Watch while work is done; where that fails because the sandbox was ended for the disk, say so instead."""
    watch = DiskWatch(engine, on_full)
    try:
        yield watch
    except SandboxError:
        watch.explain()
        raise
    finally:
        watch.stop()


def free_space(folder: Path) -> tuple[int, int]:
    """Return the bytes that are free where a folder is, and those that have to stay so."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize, min(RESERVE, found.f_blocks * found.f_frsize // SHARE)
