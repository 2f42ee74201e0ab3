"""Converts exceptions of the SDK (docker, requests, urllib3) into our errors."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import docker.errors
import requests.exceptions
import urllib3.exceptions

from sandbox import errors
from sandbox.engine.refusals import STATUS
from sandbox.errors import Advice

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

FOREIGN: Final[Mapping[type[Exception], type[errors.EngineError]]] = {
    docker.errors.DockerException: errors.EngineError,
    docker.errors.APIError: errors.EngineError,
    docker.errors.NotFound: errors.NotFound,
    docker.errors.ImageNotFound: errors.NotFound,
    docker.errors.InvalidVersion: errors.EngineError,
    docker.errors.InvalidRepository: errors.EngineError,
    docker.errors.InvalidConfigFile: errors.EngineError,
    docker.errors.InvalidArgument: errors.EngineError,
    docker.errors.DeprecatedMethod: errors.EngineError,
    docker.errors.TLSParameterError: errors.NoEngine,
    docker.errors.NullResource: errors.EngineError,
    docker.errors.ContainerError: errors.EngineError,
    docker.errors.StreamParseError: errors.EngineError,
    docker.errors.BuildError: errors.EngineError,
    docker.errors.ImageLoadError: errors.EngineError,
    docker.errors.MissingContextParameter: errors.EngineError,
    docker.errors.ContextAlreadyExists: errors.EngineError,
    docker.errors.ContextException: errors.EngineError,
    docker.errors.ContextNotFound: errors.NoEngine,
    requests.exceptions.RequestException: errors.EngineError,
    requests.exceptions.Timeout: errors.EngineTimeout,
    requests.exceptions.ConnectionError: errors.NoEngine,
    urllib3.exceptions.HTTPError: errors.EngineError,
    urllib3.exceptions.TimeoutError: errors.EngineTimeout,
    urllib3.exceptions.ProxySchemeUnsupported: errors.NoEngine,  # the only one that is not an HTTPError
    ConnectionError: errors.NoEngine,
    TimeoutError: errors.EngineTimeout,
    OSError: errors.EngineError,
}
"""The SDK's exceptions and our errors; the nearest class of an exception counts."""

SERVER_ERROR: Final = 500
SAID: Final[tuple[tuple[str, type[errors.EngineError]], ...]] = (
    (r"name .*is already in use|image used by|image is in use|container state improper", errors.Conflict),
    (r"no such (container|image|exec)|does not exist in database|image not known", errors.NotFound),
)
"""Podman's messages with status 500, and the error they mean."""


TAKEN: Final = r"(?:listen \w+ |Bind for )(\S+):(\d+)\b.*already (?:in use|allocated)"
"""The engines' messages about a port that is in use."""


REFUSED: Final = (
    (r"bind source path does not exist: (\S.*)", "the engine's host has no {} to mount"),
    (r"statfs (\S.*): no such file or directory", "the engine's host has no {} to mount"),
    (r'unknown capability: "?(?:CAP_)?(\w+)', "the engine's host knows no capability {}"),
    (r'(?:custom device|\bstat) "?(/dev/[^\s":]+)"?: no such file', "the engine's host has no device {}"),
    (r"[Uu]nknown runtime specified (\S+)", "the engine has no runtime {}"),
    (r'default OCI runtime "(\S+)" not found', "the engine has no runtime {}"),
)
"""What engines say of what was asked for and can't be given: Docker 20.10 to 28, Podman 4.3 to 5.8."""


def ours(error: Exception) -> type[errors.EngineError]:
    """Return our class for a foreign exception."""
    response = getattr(error, "response", None)
    status: int = getattr(response, "status_code", 0)
    if status in STATUS:
        return STATUS[status]
    if status == SERVER_ERROR:
        known = (kind for words, kind in SAID if re.search(words, explanation(error), re.IGNORECASE))
        return next(known, errors.EngineError)
    for kind in type(error).__mro__:
        if kind in FOREIGN:
            return FOREIGN[kind]
    return errors.EngineError


def explanation(error: Exception) -> str:
    """Return the engine's message, in one line."""
    said: Any = getattr(error, "explanation", None) or error
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    return " ".join(text.split()) or type(error).__name__


@contextmanager
def translate_errors(doing: str, *, is_request: bool = False) -> Iterator[None]:
    """Raise our error for any of the SDK's; `doing` is what was tried, as `start the container`.

    `is_request`: it is about what a user asked for by name, so it may be that which is wrong.
    """
    try:
        yield
    except errors.SandboxError:
        raise
    except tuple(FOREIGN) as error:
        raise translate(error, doing, is_request=is_request) from error


def _refusal(said: str) -> errors.UsageError | None:
    """Return the error for what was asked for and the engine's host has not; None for all else."""
    for pattern, text in REFUSED:
        if found := re.search(pattern, said):
            return errors.UsageError(text.format(found[1]), details=[("it said", said)])
    return None


def translate(error: Exception, doing: str, *, is_request: bool = False) -> errors.EngineError | errors.UsageError:
    """Return our error, with the engine's message as its evidence."""
    kind = ours(error)
    said = explanation(error)
    if kind is errors.EngineTimeout:
        return kind(f"the engine did not answer: could not {doing}", hints=[Advice.sandbox("doctor")])
    if kind is errors.NoEngine:
        return kind(
            f"lost the connection to the engine: could not {doing}",
            details=[("it said", said)],
            hints=[Advice.sandbox("doctor")],
        )
    if taken := re.search(TAKEN, said):
        hints = [
            Advice.again("--port", "0:PORT", after=", for any free port"),
            Advice.program("ss", "-ltnp", f"sport = :{taken[2]}"),
        ]
        return kind(
            f"port {taken[2]} of {taken[1]} is already in use on the engine's host",
            details=[("it said", said)],
            hints=hints,
        )
    if is_request and (refusal := _refusal(said)):
        return refusal
    return kind(f"the engine could not {doing}", details=[("it said", said)])
