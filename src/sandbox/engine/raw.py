"""Requests to an engine's socket on this host, before the SDK is loaded: its libraries take longer than the engine."""

from __future__ import annotations

import _socket  # `socket` and `typing` take as long to load as all that is needed for the first request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

LIMIT: Final = 20.0
"""Seconds for an answer."""
HEAD_LIMIT: Final = 64_000
"""Bytes of an answer's header."""


def ask(path: str, method: str, target: str, body: str = "", *, limit: float = LIMIT) -> tuple[int, bytes]:
    """Return the status and the body of the answer to a request at a unix socket; raise OSError where there is none."""
    return answer_of(send(path, method, target, body, limit=limit))


def send(path: str, method: str, target: str, body: str = "", *, limit: float = LIMIT) -> _socket.socket:
    """Send a request to a unix socket; return the connection, for `answer_of`. Raises OSError."""
    # with HTTP/1.0 the answer ends where the connection does, and is not in chunks (RFC 9112, 6.3)
    request = _head("HTTP/1.0", method, target, body) + body.encode()
    connection = _connect(path, limit)
    try:
        connection.sendall(request)
    except OSError:
        connection.close()
        raise
    return connection


def put(path: str, target: str, pieces: Iterable[bytes], *, limit: float = LIMIT) -> tuple[int, bytes]:
    """Send pieces as the body of a PUT, as they come; return the status and the body of the answer. Raises OSError.

    What `pieces` raises ends the request before its end, so that the engine knows that there is more. An engine that
    refuses answers before it has read all, and closes: its answer can be read, then comes a reset (unix(7)).
    """
    is_refused = False
    connection = _connect(path, limit)
    try:
        more = "Transfer-Encoding: chunked\r\nConnection: close\r\nContent-Type: application/x-tar\r\n"
        connection.sendall(_head("HTTP/1.1", "PUT", target, "", more))
        try:
            for piece in pieces:
                if piece:
                    connection.sendall(b"%x\r\n" % len(piece))
                    connection.sendall(piece)
                    connection.sendall(b"\r\n")
            connection.sendall(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            is_refused = True
    except BaseException:
        connection.close()
        raise
    status, _, rest = read_head(connection)
    return status, read_rest(connection, rest, may_reset=is_refused)


def answer_of(connection: _socket.socket) -> tuple[int, bytes]:
    """Return the status and the body of the answer to a request that was sent, and close; raise OSError for none."""
    status, _, rest = read_head(connection)
    return status, read_rest(connection, rest)


def read_head(connection: _socket.socket) -> tuple[int, bytes, bytes]:
    """Return status and header of an answer, and what came with them of its body; raise OSError, and close, for none.

    The connection stays open.
    """
    answer = b""
    try:
        while b"\r\n\r\n" not in answer:
            part = connection.recv(65536)
            if not part or len(answer) > HEAD_LIMIT:
                raise ConnectionError("the engine did not answer")
            answer += part
        head, _, rest = answer.partition(b"\r\n\r\n")
        return _status(head), head, rest
    except OSError:
        connection.close()
        raise


def read_rest(connection: _socket.socket, begin: bytes, *, may_reset: bool = False) -> bytes:
    """Return the body that begins with `begin`, to its end, and close. Raises OSError.

    `may_reset`: a reset is its end, too.
    """
    parts = [begin]
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        if not may_reset:
            raise
    finally:
        connection.close()
    return b"".join(parts)


def upgrade(path: str, target: str, body: str = "", *, limit: float = LIMIT) -> tuple[_socket.socket, bytes]:
    """Return the connection that a request was upgraded to, and what came right behind the answer's header.

    Raises Refused where the engine says no, OSError where it does not answer.
    """
    connection = _connect(path, limit)
    try:
        head = _head("HTTP/1.1", "POST", target, body, "Connection: Upgrade\r\nUpgrade: tcp\r\n")
        connection.sendall(head + body.encode())
        status, _, rest = read_head(connection)
        if status not in (101, 200):
            raise Refused(f"the engine refused, with status {status}")
    except OSError:
        connection.close()
        raise
    connection.settimeout(None)
    return connection, rest


class Refused(ConnectionError):
    """The engine's answer is that it won't: it has done nothing."""


def _connect(path: str, limit: float) -> _socket.socket:
    connection = _socket.socket(_socket.AF_UNIX)
    try:
        connection.settimeout(limit)
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection


def _head(version: str, method: str, target: str, body: str, more: str = "") -> bytes:
    typed = f"Content-Type: application/json\r\nContent-Length: {len(body.encode())}\r\n" if body else ""
    # the SDK sends this length, too: some engines wait for a body otherwise
    empty = "Content-Length: 0\r\n" if method == "POST" and not body else ""
    return f"{method} {target} {version}\r\nHost: localhost\r\n{typed or empty}{more}\r\n".encode()


def _status(head: bytes) -> int:
    """Return the status of an answer; raise OSError if it is none of HTTP."""
    version, _, rest = head.partition(b" ")
    number = rest[:3]
    if not version.startswith(b"HTTP/") or not number.isdigit():
        raise ConnectionError("the engine's answer is not HTTP")
    return int(number)
