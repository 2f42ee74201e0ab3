"""Calls to AWS by botocore, which is an extra: imported with the first call, its errors become ours."""

from __future__ import annotations

import os
import random
import threading
import time
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

import msgspec

from sandbox.core.plaintext import plain_line
from sandbox.core.python_packages import install_argv
from sandbox.errors import Advice, Denied, EngineError, NotFound, UsageError
from sandbox.trials.fargate.retries import TRIES, pause, verdict
from sandbox.trials.jobs.protocol import Crowded, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

Answer = TypeVar("Answer")

DENIED: Final = ("AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "AuthorizationError")
NOT_SIGNED_IN: Final = (
    *("UnrecognizedClientException", "InvalidClientTokenId", "SignatureDoesNotMatch", "AuthFailure"),
    *("InvalidSignatureException", "IncompleteSignature", "MissingAuthenticationToken", "ExpiredTokenException"),
    *("ExpiredToken", "RequestExpired"),
)
SKEWED: Final = ("RequestTimeTooSkewed", "RequestInTheFuture")
ABSENT: Final = (
    *("ResourceNotFoundException", "ClusterNotFoundException", "RepositoryNotFoundException", "NoSuchEntity"),
    *("InvalidSubnetID.NotFound", "InvalidSubnetID.Malformed"),
)
TIMEOUTS: Final = {"connect_timeout": 10, "read_timeout": 30}


def check_extra() -> None:
    """Raise UsageError, with the line that installs it, where the extra fargate is missing."""
    from importlib.util import find_spec

    if find_spec("botocore") is None:
        message = "sandbox needs its extra fargate for that: the Python package botocore is not installed"
        raise UsageError(message, hints=[Advice.program(*install_argv("botocore"))])


class Forbidden(Denied):
    """An action that the user has no right to; others may be allowed."""


class Conflicting(EngineError):
    """A token was used before: `existing` is what came of that."""

    def __init__(self, brief: str, existing: tuple[str, ...]) -> None:
        super().__init__(brief)
        self.existing = existing


class _Credentials(Protocol):
    method: str


class _Session(Protocol):
    def get_config_variable(self, name: str, /) -> object: ...

    def get_credentials(self) -> _Credentials | None: ...

    def create_client(self, service: str, /, *, region_name: str, config: object) -> object: ...


class Aws:
    """The services of AWS in one region, with the user's own credentials. Safe to use from several threads."""

    def __init__(self, region: str = "") -> None:
        check_extra()
        self._lock = threading.Lock()
        self._named = region
        self._session: _Session | None = None
        self._clients: dict[str, object] = {}

    @property
    def has_region(self) -> bool:
        """Whether a region is named."""
        return bool(self._region)

    @property
    def region(self) -> str:
        """The region: the setting's, else that of the `aws` program. Raises UsageError where none is named."""
        if not self._region:
            hints = [Advice.say("set fargate.region in config.yaml, or AWS_REGION, to a region such as eu-west-1")]
            raise UsageError("sandbox doesn't know the AWS region", hints=hints)
        return self._region

    @cached_property
    def _region(self) -> str:
        """The region, or "". botocore reads AWS_DEFAULT_REGION and the profile; for `aws`, AWS_REGION goes first.

        Source: AWS SDKs and Tools Reference Guide, "AWS Region".
        """
        own = self._named or os.environ.get("AWS_REGION")
        return str(own or self._user_session().get_config_variable("region") or "")

    def sign_in(self) -> str:
        """Return by what the user is signed in, such as `env` or `sso`. Raises Denied without credentials."""
        from botocore.exceptions import BotoCoreError

        try:
            found = self._user_session().get_credentials()
        except BotoCoreError as error:
            raise _failure("credentials", error) from None
        if found is None:
            hint = Advice.program("aws", "configure", after=", or aws sso login, or set AWS_PROFILE")
            raise Denied("there are no credentials for AWS", hints=[hint])
        return str(found.method)

    def call(self, service: str, operation: str, kind: type[Answer], **parameters: object) -> Answer:
        """Return an operation's answer as a value of `kind`; what may pass is tried again.

        Raises Crowded, Refused, Denied, NotFound, Conflicting; EngineError where nobody knows what became of it.
        """
        answer = self._ask(service, operation, parameters)
        return msgspec.convert(answer, kind, strict=False)

    def pages(self, service: str, operation: str, kind: type[Answer], **parameters: object) -> Iterator[Answer]:
        """Yield the pages of an operation's answer."""
        more: dict[str, object] = {}
        while True:
            answer = self._ask(service, operation, {**parameters, **more})
            yield msgspec.convert(answer, kind, strict=False)
            following = answer.get("nextToken")
            if not following or following == more.get("nextToken"):
                return
            more = {"nextToken": following}

    def _ask(self, service: str, operation: str, parameters: Mapping[str, object]) -> dict[str, object]:
        from botocore import xform_name
        from botocore.exceptions import BotoCoreError, ClientError

        has_renewed = False
        for attempt in range(1, TRIES + 1):
            try:
                found: dict[str, object] = getattr(self._client(service), xform_name(operation))(**parameters)
                return found
            except ClientError as error:
                code, said = str(error.response["Error"]["Code"]), str(error.response["Error"].get("Message") or "")
                status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400))
                what = verdict(code, said, status)
                if what == "final" or attempt == TRIES or (what == "sign in" and has_renewed) or what == "crowded":
                    raise translation(operation, code, said, error.response) from None
                has_renewed = has_renewed or what == "sign in"
                if what == "sign in":
                    self._forget()
            except BotoCoreError as error:
                if attempt == TRIES or not _is_passing(error):
                    raise _failure(operation, error) from None
            time.sleep(pause(attempt, random.random))
        raise AssertionError

    def _forget(self) -> None:
        """Read the credentials anew with the next call."""
        with self._lock:
            self._session = None
            self._clients.clear()

    def _user_session(self) -> _Session:
        from botocore.session import Session

        if self._session is None:
            self._session = Session()
        return self._session

    def _client(self, service: str) -> object:
        from botocore.config import Config

        region = self.region
        self.sign_in()
        with self._lock:  # making a client is not safe in two threads
            if service not in self._clients:
                config = Config(retries={"total_max_attempts": 1}, user_agent_extra="sandbox", **TIMEOUTS)
                self._clients[service] = self._user_session().create_client(service, region_name=region, config=config)
            return self._clients[service]


def _is_passing(error: Exception) -> bool:
    """Return whether a connection failed, and not what was asked for or the credentials."""
    from botocore.exceptions import ConnectionError as NoConnection
    from botocore.exceptions import HTTPClientError

    return isinstance(error, (HTTPClientError, NoConnection))


def _failure(operation: str, error: Exception) -> EngineError:
    from botocore.exceptions import ParamValidationError

    text = plain_line(str(error), 200)
    if _is_of_credentials(error):
        return _denial(_credential_problem(error))
    if isinstance(error, ParamValidationError):
        return Refused(f"{operation} was not asked for: {text}")
    if _is_passing(error):
        return EngineError(f"AWS does not answer: {operation}", details=[("it failed with", text)])
    return Refused(f"{operation} could not be asked for", details=[("it failed with", text)])


def _is_of_credentials(error: Exception) -> bool:
    """Return whether an error is about who the user is."""
    from botocore import exceptions

    names = (
        *("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "ProfileNotFound"),
        *("TokenRetrievalError", "SSOError", "InfiniteLoopConfigError", "InvalidConfigError", "ConfigNotFound"),
        *("ConfigParseError", "RefreshWithMFAUnsupportedError", "LoginError"),
    )
    return isinstance(error, tuple(getattr(exceptions, name) for name in names if hasattr(exceptions, name)))


def _credential_problem(error: Exception) -> str:
    """Return what is wrong with credentials; what a program wrote that was to give some is left out."""
    provider = getattr(error, "kwargs", {}).get("provider")
    is_retrieval = type(error).__name__ == "CredentialRetrievalError"
    return f"no credentials came from {provider}" if is_retrieval else plain_line(str(error), 200)


SIGN_IN: Final = (
    Advice.program("aws", "sso", "login", after=", or set AWS_PROFILE to another profile"),
    Advice.sandbox("doctor", "--on", "fargate"),
)


def _denial(text: str) -> Denied:
    return Denied("AWS does not accept the credentials", details=[("AWS", text)], hints=SIGN_IN)


def translation(operation: str, code: str, said: str, answer: Mapping[str, object]) -> EngineError:
    """Return our error for a refusal. What it says of a signature is left out: it may hold a token."""
    text = plain_line(said, 300)
    if verdict(code, said) == "crowded":
        return Crowded(f"Fargate has no room now: {text}")
    if code in SKEWED or "Signature expired" in said or "Signature not yet current" in said:
        details = [("AWS", f"{code}; here it is {time.strftime('%Y-%m-%d %H:%M:%S UTC', time.gmtime())}")]
        hints = [Advice.program("timedatectl", after=" shows whether the clock is set by the network")]
        return Denied("AWS does not accept requests by the clock of this machine", details=details, hints=hints)
    if code in NOT_SIGNED_IN:
        return _denial(code)
    if code in DENIED:
        return Forbidden(
            f"you may not call {operation} in AWS",
            details=[("AWS", text)],
            hints=[Advice.say("attach the policy that the stack of examples/fargate makes to your user or role")],
        )
    if code in ABSENT:
        return NotFound(f"{operation}: {text or code}", details=[("AWS", code)])
    if code == "ConflictException":
        existing = answer.get("resourceIds")
        return Conflicting(text, tuple(map(str, existing)) if isinstance(existing, list) else ())
    if verdict(code, said) == "again":
        return EngineError(f"AWS is busy: {operation}", details=[("AWS", f"{code}: {text}")])
    return Refused(f"AWS refuses {operation}", details=[("AWS", f"{code}: {text}")])
