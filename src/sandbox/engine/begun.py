"""A container that is created and started while the rest of the program is loaded; the session takes it over later.

On a machine with two cores that is half of the time from `sandbox try` to the prompt. The order is a session's own:
labels from the creation on, the lifeline before the start. So it goes by itself where this process is killed.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NamedTuple

from sandbox.core.signals import left_to_main
from sandbox.engine.marks import fill
from sandbox.engine.raw import answer_of, ask, send, upgrade

if TYPE_CHECKING:
    import _socket

UNKNOWN: Final = "unknown"

CREATED: Final = 201
CONFLICT: Final = 409
REMOVAL_LIMIT: Final = 10.0
"""Seconds after which a removal that is under way is left to the engine."""
STARTED: Final = (204, 304)
"""The engine's answers: no content, and not modified, where it ran already."""


class Creation(NamedTuple):
    """A request that creates a container, as it is sent: `target` is its path and query, `body` JSON."""

    target: str
    body: str


class HeadStart(NamedTuple):
    """How to begin a container: the engine's URL, the path of its socket, the requests without a session's own words.

    `lifeline` is the target of the request that attaches, with `@id@` for the container. `limits` is the stamp of the
    socket while the engine said that it can give all limits: where it has that still, the engine runs as then.
    """

    url: str
    path: str
    creation: Creation
    lifeline: str
    limits: str = UNKNOWN

    def fill(self, *, name: str, session: str, owner: str) -> Creation:
        """Return the request for one session."""
        target, body = (fill(text, name=name, session=session, owner=owner) for text in self.creation)
        return Creation(target, body)


def socket_stamp(path: str) -> str:
    """Return what is another once the engine at a socket was started anew; UNKNOWN where it can't be read."""
    try:
        found = os.stat(path)  # noqa: PTH116 - pathlib takes 8 ms
    except (OSError, ValueError):
        return UNKNOWN
    return f"{found.st_dev}:{found.st_ino}:{found.st_ctime_ns}"


class Begun:
    """The container, from the first request on, until a session takes it over or it is removed again.

    `begin` starts, or goes on where the first request was sent on the connection `sent`; `wait` returns whether it
    runs. Then `ident` is its id, `connection` its lifeline, and `rest` what this has received already.
    """

    def __init__(
        self, plan: HeadStart, *, name: str, session: str, owner: str, sent: _socket.socket | None = None
    ) -> None:
        self.url = plan.url
        self.name = name
        self.session = session
        self.creation = plan.fill(name=name, session=session, owner=owner)
        self.has_limits = plan.limits not in (UNKNOWN, "") and plan.limits == socket_stamp(plan.path)
        self.ident = ""
        self.answer = b""
        self.connection: socket.socket | None = None
        self.rest = b""
        self._plan = plan
        self._sent = sent
        self._runs = False
        self._over = threading.Event()
        self._is_left = False

    def begin(self) -> None:
        """Create and start it in a thread."""
        with left_to_main():
            threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        try:
            self._start()
        except (OSError, ValueError):
            self._remove()
        finally:
            self._over.set()

    def _start(self) -> None:
        status, self.answer = answer_of(self._sent or send(self._plan.path, "POST", *self.creation))
        ident = self.answer.partition(b'"Id":"')[2].partition(b'"')[0].decode()
        if status != CREATED or not ident.isalnum():
            return  # its image is gone, or the name is in use: the ordinary way says so
        self.ident = ident
        lifeline, self.rest = upgrade(self._plan.path, self._plan.lifeline.replace("@id@", ident))
        self.connection = socket.socket(fileno=lifeline.detach())
        status, _ = ask(self._plan.path, "POST", f"{self._containers}/{ident}/start")
        self._runs = status in STARTED
        if not self._runs:
            self._remove()

    @property
    def _containers(self) -> str:
        return self.creation.target.partition("/create?")[0]

    def wait(self) -> bool:
        """Wait for the engine's answers; return whether the container runs."""
        self._over.wait()
        return self._runs and not self._is_left

    def warnings(self) -> list[str]:
        """Return the engine's warnings at the creation."""
        import json

        return [str(text) for text in json.loads(self.answer).get("Warnings") or ()]

    def take(self) -> None:
        """Leave it to the caller, who removes it from now on."""
        self._is_left = True

    def abandon(self) -> None:
        """Remove it if nobody has taken it over; no effect a second time."""
        if not self._is_left:
            self._is_left = True
            self._over.wait()
            self._remove()

    def _remove(self) -> None:
        """Remove what there is; where the engine does not answer, the end of the lifeline ends the container."""
        if self.connection is not None:
            self.connection.close()
        if self.ident:
            with suppress(OSError):
                self._delete()
            self.ident = ""

    def _delete(self) -> None:
        """Remove it, and wait where the engine does that already, since its lifeline has ended."""
        late = time.monotonic() + REMOVAL_LIMIT
        while time.monotonic() < late:
            status, _ = ask(self._plan.path, "DELETE", f"{self._containers}/{self.ident}?force=1&v=1")
            if status != CONFLICT:
                return
            time.sleep(0.02)
