"""Which cell runs next and on which engine: a thread-safe queue without I/O."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Item = TypeVar("Item")


class Worker:
    """An engine's place: at most `slots` items at a time; `lost`: why it accepts no more."""

    def __init__(self, url: str, slots: int) -> None:
        self.url = url
        self.slots = slots
        self.busy = 0
        self.lost = ""


class Scheduler(Generic[Item]):
    """Waiting items; each goes to the least busy place."""

    def __init__(self, items: Iterable[Item], places: Sequence[Worker], *, most: int) -> None:
        self._waiting = deque(items)
        self._places = places
        self._most = most
        self._turn = threading.Condition()
        self._is_over = False

    def take(self) -> tuple[Item, Worker | None] | None:
        """Return the next item and its place once there is one free, without a place where all are lost.

        None where nothing waits and nothing can come back, or it is over.
        """
        with self._turn:
            while not self._is_over:
                if self._waiting:
                    alive = [place for place in self._places if not place.lost]
                    free = [place for place in alive if place.busy < place.slots]
                    if not alive:
                        return self._waiting.popleft(), None
                    if free and self._busy() < self._most:
                        place = min(free, key=lambda place: place.busy / place.slots)
                        place.busy += 1
                        return self._waiting.popleft(), place
                elif not self._busy():
                    break
                self._turn.wait()
            return None

    def finish(self, place: Worker) -> None:
        """Free a slot."""
        with self._turn:
            place.busy -= 1
            self._turn.notify_all()

    def give_back(self, item: Item, place: Worker, reason: str) -> None:
        """Put an item back at the front, since its place is lost."""
        with self._turn:
            place.busy -= 1
            place.lost = place.lost or reason
            self._waiting.appendleft(item)
            self._turn.notify_all()

    def end(self) -> None:
        """Hand out nothing more."""
        with self._turn:
            self._is_over = True
            self._turn.notify_all()

    def _busy(self) -> int:
        return sum(place.busy for place in self._places)
