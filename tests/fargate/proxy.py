"""The strict proxy: an HTTP server on 127.0.0.1 that answers as AWS does, and does what it may by the emulator."""

from __future__ import annotations

import json
import re
import socket
import threading
import uuid
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs

import msgspec
from tests.fargate.ecs import Ecs
from tests.fargate.faults import BEFORE, Fault, Faults, refusal_of
from tests.fargate.logs import Logs
from tests.fargate.upstream import ECR, ECS, LOGS, RefusedError, caller_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.fargate.refusals import Refusal
    from tests.fargate.upstream import Caller, Upstream

CONTROL: Final = "/_rig/faults"
ECR_HOST: Final = re.compile(rb"\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com")
INSTEAD: Final = frozenset(BEFORE).union(("error",))
JSON: Final = "application/x-amz-json-1.1"


class Proxy:
    """Serves until `close`; `faults` may be added at any time, `calls` counts operations, `by_key` a client's."""

    def __init__(self, upstream: Upstream, kill: Callable[[str], None]) -> None:
        self.faults = Faults()
        self.calls: Counter[str] = Counter()
        self.by_key: Counter[str] = Counter()
        self.upstream = upstream
        self.ecs = Ecs(upstream, self.faults, kill)
        self.logs = Logs(upstream, self.faults)
        handler = type("Bound", (Handler,), {"proxy": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05})
        self._thread.start()

    @property
    def url(self) -> str:
        """Where clients ask."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
        self.ecs.join()

    def answer(self, service: str, operation: str, body: bytes, caller: Caller) -> dict[str, Any] | None:
        """Return the answer of ECS or Logs; None for other services, which the emulator answers alone."""
        if service == ECS:
            return self.ecs.answer(operation, json.loads(body or b"{}"), caller)
        if service == LOGS:
            return self.logs.answer(operation, json.loads(body or b"{}"), caller)
        return None


class Handler(BaseHTTPRequestHandler):
    """One request. HTTP 1.0: no connection stays open for a client that may be killed."""

    proxy: Proxy

    def do_POST(self) -> None:
        """Answer a request to AWS."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        caller = caller_of(self.headers.get("Authorization", ""))
        service, operation = self._asked(body)
        self.proxy.calls[operation] += 1
        self.proxy.by_key[caller.key] += 1
        faults = self.proxy.faults
        if faults.take(frozenset(("drop",)), operation=operation, key=caller.key):
            self._hang_up()
            return
        fault = faults.take(INSTEAD, operation=operation, key=caller.key)
        if fault and (refusal := refusal_of(fault, f"{caller.service}:{operation}")):
            self._refuse(refusal, caller)
            return
        try:
            found = self.proxy.answer(service, operation, body, caller)
        except RefusedError as error:
            self._refuse(error.refusal, caller)
            return
        if faults.take(frozenset(("lost_answer",)), operation=operation, key=caller.key):
            if found is None:
                self.proxy.upstream.forward("POST", self.path, self._headers(), body)
            self._hang_up()
        elif found is None:
            self._forward(body, is_ecr=service == ECR)
        else:
            self._send(200, JSON, json.dumps(found).encode())

    def do_GET(self) -> None:
        """Say which faults are left and which came, and what was asked."""
        left = [{**msgspec.to_builtins(fault), "times": times} for fault, times in self.proxy.faults.left]
        found = {"left": left, "met": self.proxy.faults.met, "calls": dict(self.proxy.calls)}
        self._send(200 if self.path == CONTROL else 404, JSON, json.dumps(found).encode())

    def do_PUT(self) -> None:
        """Add a fault."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            self.proxy.faults.add(msgspec.json.decode(body, type=Fault))
        except (msgspec.MsgspecError, ValueError) as error:
            self._send(400, JSON, json.dumps({"message": str(error)}).encode())
            return
        self._send(200, JSON, b"{}")

    def do_DELETE(self) -> None:
        """Let no fault come any more."""
        self.proxy.faults.clear()
        self._send(200, JSON, b"{}")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing: tests ask `calls`."""

    def _asked(self, body: bytes) -> tuple[str, str]:
        """Return the service and operation: of JSON by a header, of others by the form."""
        target = self.headers.get("X-Amz-Target", "")
        if target:
            service, _, operation = target.partition(".")
            return service, operation
        return "", parse_qs(body.decode(errors="replace")).get("Action", [self.path])[0]

    def _headers(self) -> Mapping[str, str]:
        return {name: value for name, value in self.headers.items() if name.lower() not in ("host", "connection")}

    def _forward(self, body: bytes, *, is_ecr: bool) -> None:
        status, headers, answer = self.proxy.upstream.forward("POST", self.path, self._headers(), body)
        if is_ecr:  # its registry is the emulator itself
            answer = ECR_HOST.sub(f"127.0.0.1:{self.proxy.upstream.port}".encode(), answer)
        kind = next((value for name, value in headers.items() if name.lower() == "content-type"), JSON)
        self._send(status, kind, answer)

    def _refuse(self, refusal: Refusal, caller: Caller) -> None:
        if self.headers.get("X-Amz-Target"):
            text = {"__type": refusal.code, "message": refusal.message, **refusal.extra}
            self._send(refusal.status, JSON, json.dumps(text).encode())
            return
        error = f"<Code>{refusal.code}</Code><Message>{refusal.message}</Message>"
        if caller.service == "ec2":
            text_ = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>x</RequestID></Response>"
        else:
            text_ = f"<ErrorResponse><Error>{error}</Error><RequestId>x</RequestId></ErrorResponse>"
        self._send(refusal.status, "text/xml", text_.encode())

    def _hang_up(self) -> None:
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def _send(self, status: int, kind: str, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
            self.end_headers()
            self.wfile.write(body)
        except (BrokenPipeError, ConnectionResetError):  # a client that was killed
            self.close_connection = True
