"""Asks the emulator in AWS's JSON protocol, as the client whose request is being answered."""

from __future__ import annotations

import http.client
import json
import re
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from tests.fargate.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

ECS: Final = "AmazonEC2ContainerServiceV20141113"
LOGS: Final = "Logs_20140328"
ECR: Final = "AmazonEC2ContainerRegistry_V20150921"
SCOPE: Final = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/")
PATIENCE: Final = 120.0


class RefusedError(Exception):
    """The answer is an error."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.refusal = refusal


class Caller(Struct, frozen=True):
    """Who asks: the header Authorization, and the access key, region and service that it names (SigV4)."""

    authorization: str
    key: str = ""
    region: str = "us-east-1"
    service: str = ""


def caller_of(authorization: str) -> Caller:
    """Return who signed a request; nobody where it isn't signed."""
    found = SCOPE.search(authorization)
    return Caller(authorization, *found.groups()) if found else Caller(authorization)


def caller_in(region: str) -> Caller:
    """Return a caller of our own in a region: the emulator checks no signature."""
    return caller_of(
        f"AWS4-HMAC-SHA256 Credential=rig/20260101/{region}/ecs/aws4_request, SignedHeaders=host, Signature=0"
    )


class Upstream:
    """The emulator at a port of 127.0.0.1."""

    def __init__(self, port: int) -> None:
        self.port = port

    def ask(self, service: str, operation: str, params: Mapping[str, Any], caller: Caller) -> dict[str, Any]:
        """Return the emulator's answer; raise RefusedError for an error."""
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"{service}.{operation}",
            "Authorization": caller.authorization,
        }
        status, _, body = self.forward("POST", "/", headers, json.dumps(params).encode())
        answer: dict[str, Any] = json.loads(body or b"{}")
        if status >= 400:
            code = str(answer.pop("__type", "ServerException")).rpartition("#")[2]
            message = str(answer.pop("message", answer.pop("Message", "")))
            raise RefusedError(Refusal(code, message, answer, status))
        return answer

    def forward(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of the answer to a request as it came."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()
