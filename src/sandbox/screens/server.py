"""Serves a screen's page on 127.0.0.1, and relays its WebSocket to the display; both end with this process."""

from __future__ import annotations

import base64
import hashlib
import logging
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Response
from websockets.sync.server import serve

from sandbox.core.programs import program, source
from sandbox.core.signals import leave_signals_to_main
from sandbox.core.tasks import Background
from sandbox.engine.frames import Frames
from sandbox.errors import SandboxError
from sandbox.screens.gate import Gate

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from websockets.http11 import Request
    from websockets.sync.server import ServerConnection
    from websockets.typing import Subprotocol

    from sandbox.engine.protocol import Exec

PIECE: Final = 65536
LARGEST: Final = 1 << 20
"""Bytes of a message from the browser: keys, the pointer, at most a clipboard's text."""
END_LIMIT: Final = 1.0
"""Seconds for browsers to say goodbye."""
POLICY: Final = (
    "default-src 'self'; script-src 'self' '{start}'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)
"""Nothing from elsewhere, and of scripts in the page itself that one alone which has this checksum (CSP 3, 2.3.1).

data: is what noVNC shows pointers and JPEG rectangles by.
"""
OWN: Final[Mapping[str, str]] = {
    "/": "page.html",
    "/page.js": "page.mjs",
    "/page.css": "page.css",
    "/favicon.ico": "icon.svg",
}
TYPES: Final[Mapping[str, str]] = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
}
SOCKET: Final = "/screen"
KEY: Final = "/key"
HEADER: Final = "X-Sandbox-Token"


class ScreenServer:
    """The server of one screen; `pages` are noVNC's files by their paths, `connect` opens a connection to the display.

    It serves from its construction on; `address` is for one user, once.
    """

    def __init__(
        self, connect: Callable[[], Exec], pages: Callable[[], Mapping[str, bytes]], *, clipboard: bool
    ) -> None:
        self._connect = connect
        self._pages = pages
        self._clipboard = clipboard
        self._open: set[Exec] = set()
        listener = socket.create_server(("127.0.0.1", 0))
        self.gate = Gate(listener.getsockname()[1])
        quiet = logging.getLogger("sandbox.screens")  # its records would be written to the user's terminal
        quiet.addHandler(logging.NullHandler())
        quiet.propagate = False
        self._server = serve(
            self._relay,
            sock=listener,
            process_request=self._answer,
            select_subprotocol=self._select,
            compression=None,
            server_header=None,
            max_size=LARGEST,
            logger=quiet,
        )
        with leave_signals_to_main():  # threads of a daemon are daemons, too: none keeps the program from ending
            threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def address(self) -> str:
        """The address for the user's browser, which works once."""
        return self.gate.address

    def end(self) -> None:
        """Close the port and all connections; no longer than END_LIMIT is waited for browsers."""
        for process in tuple(self._open):
            process.stream.close()
        Background(self._server.shutdown).wait(END_LIMIT)

    def _answer(self, _connection: ServerConnection, request: Request) -> Response | None:
        """Return the answer to a request, None to let a WebSocket begin."""
        host, path = request.headers.get("Host", ""), request.path.partition("?")[0]
        if not self.gate.is_host(host):
            return _refusal(421, "Misdirected Request")
        if path == SOCKET:
            return self._refuse_socket(request, host)
        if path == KEY:
            key = self.gate.take(request.headers.get(HEADER, ""))
            return _refusal(403, "Forbidden") if key is None else _document("txt", key.encode())
        content = self._content(path)
        return (
            _refusal(404, "Not Found")
            if content is None
            else _document(OWN.get(path, path).rpartition(".")[2], content)
        )

    def _refuse_socket(self, request: Request, host: str) -> Response | None:
        is_ours = self.gate.is_origin(request.headers.get("Origin", ""), host)
        if is_ours and self.gate.subprotocol(_protocols(request)):
            self.gate.close()
            return None
        return _refusal(403, "Forbidden")

    def _content(self, path: str) -> bytes | None:
        if path in OWN:
            text = (program if path == "/page.js" else source)(__package__, OWN[path])
            text = text.replace("@CLIPBOARD@", "yes" if self._clipboard else "no")
            return text.replace("@START@", program(__package__, "start.js")).encode()
        return self._pages().get(path.removeprefix("/novnc/")) if path.startswith("/novnc/") else None

    def _select(self, _connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        return next((word for word in offered if self.gate.subprotocol(word)), None)

    def _relay(self, browser: ServerConnection) -> None:
        """Pass bytes on between a browser and the display until one of them ends."""
        try:
            display = self._connect()
        except SandboxError:  # it has ended, and the page says so
            return
        self._open.add(display)
        try:
            with leave_signals_to_main():
                threading.Thread(target=_forward, args=(display, browser), daemon=True).start()
            for message in browser:
                if isinstance(message, bytes):
                    display.stream.sendall(message)
        except (ConnectionClosed, OSError, ValueError):
            pass
        finally:
            self._open.discard(display)
            display.stream.close()


def _forward(display: Exec, browser: ServerConnection) -> None:
    """Send the browser what the display says; close the browser's end with the display's."""
    frames = Frames()
    with suppress(ConnectionClosed, OSError, ValueError):
        while data := display.stream.recv(PIECE):
            for is_error, piece in frames.feed(data):
                if not is_error:
                    browser.send(piece)
    browser.close()


def _protocols(request: Request) -> str:
    return ",".join(request.headers.get_all("Sec-WebSocket-Protocol"))


def _document(kind: str, content: bytes) -> Response:
    """Return a page of our own: nobody may frame it, keep it, or take it for something else."""
    headers = {
        "Content-Type": TYPES.get(kind, "text/plain; charset=utf-8"),
        "Content-Length": str(len(content)),
        "Content-Security-Policy": POLICY.format(start=_checksum(program(__package__, "start.js"))),
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
        "Connection": "close",
    }
    return Response(200, "OK", Headers(headers), content)


def _checksum(script: str) -> str:
    """Return a script's checksum as a policy names it."""
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def _refusal(status: int, reason: str) -> Response:
    return Response(status, reason, Headers({"Content-Length": "0", "Connection": "close"}), b"")
