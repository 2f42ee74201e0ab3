"""Requests to Docker's API at a socket of this host, and its answers as values or as our errors.

`doing` is always what is tried, as `start the container`.
"""

from __future__ import annotations

import json
import socket
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from msgspec import Struct

from sandbox.engine.raw import Refused, ask, put, read_head, read_rest, send, upgrade
from sandbox.engine.refusals import refusal
from sandbox.engine.streams import FORKS, SocketConnection
from sandbox.errors import EngineError

if TYPE_CHECKING:
    import _socket
    from collections.abc import Iterable, Iterator, Mapping

    from sandbox.errors import SandboxError

OK: Final = 200
REFUSED: Final = 300
"""The lowest status of an answer that does not say that it was done."""
PIECE: Final = 1 << 16
"""Bytes of an archive to read at once: Docker writes 32 kB each time.

From 128 kB on, each piece costs the system a mapping: 93 ms of a processor for 121 MB, and 46 ms with these.
"""
PATH_STAT: Final = b"x-docker-container-path-stat"


class Answer(Struct, frozen=True):
    """An answer of which the header was read: its status, and the connection that brings the rest of its body."""

    status: int
    head: bytes
    begin: bytes
    connection: _socket.socket

    def body(self) -> bytes:
        """Return the whole body. Raises OSError."""
        return read_rest(self.connection, self.begin)

    def pieces(self) -> Iterator[bytes]:
        """Yield the body as it comes, at most PIECE bytes at once. Raises OSError."""
        if self.begin:
            yield self.begin
        while piece := self.connection.recv(PIECE):
            yield piece


class SocketApi:
    """One version of the API at the socket `path`; `limit` are the seconds that an answer may take.

    Every request raises NoEngine or EngineTimeout where no answer comes, with what it could not do.
    """

    def __init__(self, path: str, version: str, *, limit: float) -> None:
        self.path = path
        self._version = version
        self._limit = limit

    def target(self, path: str, query: Mapping[str, Any] | None = None) -> str:
        """Return the target of a request, as `/v1.41/containers/json?all=1`."""
        return f"/v{self._version}{path}" + (f"?{urlencode(query, errors='surrogateescape')}" if query else "")

    def ask(self, doing: str, method: str, target: str, body: str = "") -> tuple[int, bytes]:
        """Return status and body of an answer."""
        try:
            return ask(self.path, method, target, body, limit=self._limit)
        except OSError as error:
            raise connection_error(doing, error) from error

    def read(self, doing: str, target: str) -> tuple[int, Any]:
        """Return status and value of a JSON answer, None for a refusal. Raises EngineError for one that was cut off."""
        status, answer = self.ask(doing, "GET", target)
        return status, parse(doing, answer) if status == OK else None

    def value(self, doing: str, target: str) -> Any:
        """Return the value of a JSON answer. Raises NotFound and its like for a refusal, EngineError as `read`."""
        status, answer = self.ask(doing, "GET", target)
        if status != OK:
            raise refusal(doing, status, answer)
        return parse(doing, answer)

    @contextmanager
    def answer(self, doing: str, method: str, target: str, *, limit: float | None = None) -> Iterator[Answer]:
        """Yield an answer as soon as its header came, and close its connection behind the block."""
        try:
            connection = send(self.path, method, target, limit=limit or self._limit)
            status, head, begin = read_head(connection)
            with closing(connection):
                yield Answer(status, head, begin, connection)
        except OSError as error:
            raise connection_error(doing, error) from error

    def stream(self, doing: str, target: str, body: str = "") -> SocketConnection | None:
        """Return the stream that a request becomes; None where the engine refuses."""
        try:
            with FORKS:
                plain, early = upgrade(self.path, target, body, limit=self._limit)
                return SocketConnection(socket.socket(fileno=plain.detach()), early)
        except Refused:
            return None
        except OSError as error:
            raise connection_error(doing, error) from error

    def download(self, doing: str, target: str) -> Iterator[bytes]:
        """Yield an archive as it comes. Raises NotFound and its like for a refusal."""
        with self.answer(doing, "GET", target) as found:
            if found.status != OK:
                raise refusal(doing, found.status, found.body())
            yield from found.pieces()

    def upload(self, doing: str, target: str, archive: Iterable[bytes]) -> None:
        """Send an archive. Raises NotFound and its like for a refusal."""
        try:
            status, answer = put(self.path, target, archive, limit=self._limit)
        except OSError as error:
            raise connection_error(doing, error) from error
        if status != OK:
            raise refusal(doing, status, answer)


def connection_error(doing: str, error: OSError) -> SandboxError:
    """Return our error for a connection that can't be had, or brings no answer."""
    from sandbox.engine.docker.errors import translate

    return translate(error if isinstance(error, TimeoutError) else ConnectionError(str(error)), doing)


def parse(doing: str, answer: bytes) -> Any:
    """Return the value of a JSON answer. Raises EngineError for one that was cut off."""
    try:
        return json.loads(answer)
    except ValueError as error:
        message = f"the engine could not {doing}"
        raise EngineError(message, details=[("it said", "an answer that was cut off")]) from error


def path_stat(head: bytes) -> Mapping[str, Any]:
    """Return what an answer's header says of a path. Raises EngineError where it says nothing."""
    from base64 import b64decode

    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == PATH_STAT:
            found: Mapping[str, Any] = json.loads(b64decode(value))
            return found
    message = "the engine's answer says nothing about the path"
    raise EngineError(message)
