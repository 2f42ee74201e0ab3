"""A container that is created and started while the rest of the program is loaded; the session takes it over later.

On a machine with two cores that is half of the time from `sandbox try` to the prompt. The order is a session's own:
labels from the creation on, the lifeline before the start. So it goes by itself where this process is killed.

`threading`, `socket` and `typing` take as long to load as the engine to create: none of them is loaded here, or the
engine would wait for its next request meanwhile.
"""

from __future__ import annotations

import _thread
import os
import sys
import time

from sandbox.engine.raw import ask, read_head, read_rest, send, upgrade

TYPE_CHECKING = False
if TYPE_CHECKING:
    import _socket
    from typing import Final

UNKNOWN: Final = "unknown"

CREATED: Final = 201
CONFLICT: Final = 409
REMOVAL_LIMIT: Final = 10.0
"""Seconds after which a removal that is under way is left to the engine."""
STARTED: Final = (204, 304)
"""The engine's answers: no content, and not modified, where it ran already."""
TURN: Final = 0.0005
"""Seconds after which the thread that loads modules lets another one go on: each request waits for that some times."""
USUAL_TURN: Final = 0.005
"""CPython's own."""


def end_turns() -> None:
    """Let threads go on as usual, once the shell of the sandbox is there, or what comes before that has begun.

    Until then those that talk to the engine come first: between the start of the container and the request for the
    shell lay 5 ms, one turn of the main thread.
    """
    sys.setswitchinterval(USUAL_TURN)


def socket_stamp(path: str) -> str:
    """Return what is another once the engine at a socket was started anew; UNKNOWN where it can't be read."""
    try:
        found = os.stat(path)  # noqa: PTH116 - pathlib takes 8 ms
    except (OSError, ValueError):
        return UNKNOWN
    return f"{found.st_dev}:{found.st_ino}:{found.st_ctime_ns}"


def speaker_of(head: bytes) -> str:
    """Return what an answer's header says of the engine that gave it, one line; UNKNOWN where it says too little."""
    lines = [line.decode(errors="replace").strip() for line in head.split(b"\r\n")]
    named = [line for line in lines if line.lower().startswith(("server:", "api-version:", "ostype:"))]
    return "; ".join(sorted(named)) if len(named) == 3 else UNKNOWN  # noqa: PLR2004 - one of each


class Begun:
    """The container, from the first request on, until a session takes it over or it is removed again.

    `plan` is a HeadStart, or as one, with the request that creates filled for this session. `begin` starts, or goes on
    where that request was sent on the connection `sent`; `wait` returns whether it runs. Then `ident` is its id,
    `connection` its lifeline, and `rest` what this has received already.
    """

    def __init__(
        self,
        plan: tuple[str, str, tuple[str, str], str, str, str],
        *,
        name: str,
        session: str,
        sent: _socket.socket | None = None,
    ) -> None:
        self.url, path, self.creation, lifeline, about, limits = plan
        self.name = name
        self.session = session
        self.has_limits = limits not in (UNKNOWN, "") and limits == socket_stamp(path)
        self.ident = ""
        self.answer = b""
        self.connection: _socket.socket | None = None
        self.rest = b""
        self._path = path
        self._lifeline = lifeline
        self._about = about
        self.speaker = UNKNOWN
        self._sent = sent
        self._runs = False
        self._answered = _thread.allocate_lock()
        self._over = _thread.allocate_lock()
        self._is_left = False

    def begin(self) -> None:
        """Create and start it in a thread, in which the signals are blocked that are blocked here."""
        self._answered.acquire()
        self._over.acquire()
        sys.setswitchinterval(TURN)
        try:
            _thread.start_new_thread(self._run, ())
        except RuntimeError:  # there can be no further thread
            self._run()

    def _run(self) -> None:
        try:
            self._start()
        except (OSError, ValueError):
            self._remove()
        finally:
            self._over.release()

    def _start(self) -> None:
        try:
            connection = self._sent or send(self._path, "POST", *self.creation)
            status, head, rest = read_head(connection)
            self.answer, self.speaker = read_rest(connection, rest), speaker_of(head)
        finally:
            self._answered.release()
        ident = self.answer.partition(b'"Id":"')[2].partition(b'"')[0].decode()
        if status != CREATED or not ident.isalnum():
            return  # its image is gone, or the name is in use: the ordinary way says so
        self.ident = ident
        self.connection, self.rest = upgrade(self._path, self._lifeline.replace("@id@", ident))
        status, _ = ask(self._path, "POST", f"{self._containers}/{ident}/start")
        self._runs = status in STARTED
        if not self._runs:
            self._remove()

    @property
    def _containers(self) -> str:
        return self.creation[0].partition("/create?")[0]

    def wait(self) -> bool:
        """Wait for the engine's answers; return whether the container runs."""
        with self._over:
            return self._runs and not self._is_left

    def version(self) -> dict[str, object] | None:
        """Return the engine's answer to /version as it was kept; None where another engine has created the container.

        Waits for the engine's first answer, whose header says which one it is: /version runs two programs on the
        engine's host, while it starts the container.
        """
        import json

        with self._answered:
            try:
                kept = json.loads(self._about)
                is_same = self.speaker != UNKNOWN and self.speaker == kept["speaker"]
                return dict(kept["version"]) if is_same else None
            except (ValueError, TypeError, KeyError):
                return None

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
            end_turns()
            with self._over:
                self._remove()

    def _remove(self) -> None:
        """Remove what there is; where the engine does not answer, the end of the lifeline ends the container."""
        if self.connection is not None:
            self.connection.close()
        if self.ident:
            try:  # noqa: SIM105 - contextlib takes as long to load as the engine to answer
                self._delete()
            except OSError:
                pass
            self.ident = ""

    def _delete(self) -> None:
        """Remove it, and wait where the engine does that already, since its lifeline has ended."""
        late = time.monotonic() + REMOVAL_LIMIT
        while time.monotonic() < late:
            status, _ = ask(self._path, "DELETE", f"{self._containers}/{self.ident}?force=1&v=1")
            if status != CONFLICT:
                return
            time.sleep(0.02)
