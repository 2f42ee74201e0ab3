"""The files of images, each read once however many inspections of one run begin on it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from sandbox.errors import SandboxError
from sandbox.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.evaluate.snapshot import Snapshot


class Pristine:
    """What images hold before anything is installed, by their ids."""

    def __init__(self) -> None:
        self._known: dict[str, Task[Snapshot]] = {}
        self._lock = threading.Lock()

    def of(self, ident: str, read: Callable[[], Snapshot]) -> Task[Snapshot]:
        """Return the files of an image, which `read` reads where nobody has, or whoever did was cut off."""
        with self._lock:
            known = self._known.get(ident)
            if known is None:
                self._known[ident] = task = Task(read)
                return task
        return Task(lambda: _given(known, read))


def _given(known: Task[Snapshot], read: Callable[[], Snapshot]) -> Snapshot:
    try:
        return known.result()
    except SandboxError:
        return read()
