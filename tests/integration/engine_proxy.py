"""A unix socket between the program and its engine, which a test can hold at a request, or cut off."""

from __future__ import annotations

import contextlib
import json
import re
import select
import socket
import threading
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

FIND: Final = r"GET /version"
LOOK: Final = r"GET /v[0-9.]+/images/"
EXEC: Final = r"POST /v[0-9.]+/containers/[^/]+/exec"
COMMIT: Final = r"POST /v[0-9.]+/commit"
PULL: Final = r"POST /v[0-9.]+/images/create"
CREATE: Final = r"POST /v[0-9.]+/containers/create"
ATTACH: Final = r"POST /v[0-9.]+/containers/[^/]+/attach"
INFO: Final = r"GET /v[0-9.]+/info"
START: Final = r"POST /v[0-9.]+/containers/[^/]+/start"
RUN: Final = r"POST /v[0-9.]+/exec/[^/]+/start"
REQUEST: Final = re.compile(rb"(GET|HEAD|PUT|POST|DELETE) /\S+ HTTP/1\.1\r\n")
REMOVE: Final = r"DELETE /v[0-9.]+/containers/|POST /v[0-9.]+/containers/[^/]+/wait"
"""A throwaway sandbox ends by its lifeline, and the engine is asked when it is gone."""


class EngineProxy:
    """Passes bytes on between clients and the engine at the socket `upstream`.

    `hold` names requests that wait until `release`; `hold_answer` such whose answers do. A client that is gone takes
    its connection to the engine with it, as without a proxy. With `idle` a connection on which a client says nothing
    for so many seconds is cut from `cut_idle()` on, as by a socket proxy or a firewall; `idled` counts those.
    """

    def __init__(self, folder: Path, upstream: str, *, idle: float | None = None) -> None:
        self._idle = idle
        self._since = float("inf")
        self.idled = 0
        self._unanswered: set[socket.socket] = set()
        self._asked: dict[socket.socket, bytes] = {}
        self.url = f"unix://{folder / 'engine.sock'}"
        self._upstream = upstream.removeprefix("unix://")
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.url.removeprefix("unix://"))
        self._listener.listen(64)
        self._open: set[socket.socket] = set()
        self._request: re.Pattern[bytes] | None = None
        self._answer: re.Pattern[bytes] | None = None
        self._refused: tuple[re.Pattern[bytes], bytes] | None = None
        self._released = threading.Event()
        self.held = threading.Event()
        self.waiting: list[socket.socket] = []
        """The clients whose requests or answers have been held so far."""
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> EngineProxy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._released.set()
        self.cut()

    def hold(self, request: str) -> None:
        """Keep requests that match from the engine."""
        self._request = re.compile(request.encode())

    def hold_answer(self, request: str) -> None:
        """Let requests that match through, but not their answers."""
        self._answer = re.compile(request.encode())

    def refuse(self, request: str, said: str) -> None:
        """Answer requests that match in the engine's place, with status 500 and what it says."""
        body = json.dumps({"message": said}).encode()
        head = f"HTTP/1.1 500 Refused\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._refused = (re.compile(request.encode()), head.encode() + body)

    def release(self) -> None:
        """Let everything go on that is held, and hold nothing more."""
        self._request = self._answer = None
        self._released.set()

    def cut(self) -> None:
        """Take the engine away: close every connection and answer no more."""
        for end in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def drop(self, request: str = "", *, newest: bool = False) -> None:
        """Close every connection that is open, or whose last request matches, or the `newest` of these alone."""
        ends = list(self._open) if not request else self._of(request)
        for end in ends[-1:] if newest else ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _of(self, request: str) -> list[socket.socket]:
        return [client for client, line in tuple(self._asked.items()) if re.match(request.encode(), line)]

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            engine = socket.socket(socket.AF_UNIX)
            engine.connect(self._upstream)
            self._open |= {client, engine}
            threading.Thread(target=self._serve, args=(client, engine), daemon=True).start()

    def _serve(self, client: socket.socket, engine: socket.socket) -> None:
        answers_wait = threading.Event()
        back = threading.Thread(target=self._answers, args=(client, engine, answers_wait), daemon=True)
        back.start()
        with contextlib.suppress(OSError):
            while data := self._received(client):
                held, answer = self._request, self._answer  # `release` takes both away
                if self._refused and self._refused[0].match(data):
                    client.sendall(self._refused[1])
                    break
                if held and held.match(data) and not self._wait(client):
                    break
                if REQUEST.match(data):
                    self._asked[client] = data[:200]
                    self._unanswered.add(client)
                if answer and answer.match(data):
                    answers_wait.set()
                engine.sendall(data)
            if not _is_gone(client):
                engine.shutdown(socket.SHUT_WR)
                back.join()
        for end in (client, engine):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        back.join()
        self._open -= {client, engine}
        self._asked.pop(client, None)
        self._unanswered.discard(client)
        for end in (client, engine):
            with contextlib.suppress(OSError):  # `cut` may be at it
                end.close()

    def _received(self, client: socket.socket) -> bytes:
        """Return what a client sends; one that says nothing for too long, and waits for no answer, has gone."""
        begun = time.monotonic()
        while self._idle and not select.select([client], [], [], 0.05)[0]:
            if client in self._unanswered:  # a busy machine takes longer than the limit
                begun = time.monotonic()
            elif time.monotonic() - max(begun, self._since) > self._idle:
                self.idled += 1
                client.shutdown(socket.SHUT_RDWR)
                return b""
        return client.recv(65536)

    def cut_idle(self) -> None:
        """Cut from now on what is idle for long."""
        self._since = time.monotonic()

    def _answers(self, client: socket.socket, engine: socket.socket, waits: threading.Event) -> None:
        with contextlib.suppress(OSError):
            while data := engine.recv(65536):
                self._unanswered.discard(client)
                if waits.is_set() and not self._wait(client):
                    break
                client.sendall(data)
            client.shutdown(socket.SHUT_WR)

    def _wait(self, client: socket.socket) -> bool:
        """Wait for the release; return whether the client is still there then."""
        self.waiting.append(client)
        self.held.set()
        while not self._released.wait(0.01):
            if _is_gone(client):
                return False
        return True


def _is_gone(client: socket.socket) -> bool:
    """Return whether the other end is closed both ways: its process has ended."""
    if client.fileno() < 0:
        return True
    poll = select.poll()
    poll.register(client, select.POLLHUP)
    return any(events & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, events in poll.poll(0))
