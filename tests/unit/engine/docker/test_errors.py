"""No exception of the SDK or what it rests on gets past the border untranslated."""

from __future__ import annotations

import contextlib
import inspect
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import docker.errors
import pytest
import requests.exceptions
import urllib3.exceptions
from tests.unit.advised import advice_of

from sandbox import errors
from sandbox.engine.docker.errors import FOREIGN, explanation, ours, translate_errors

if TYPE_CHECKING:
    from types import ModuleType


def exceptions(module: ModuleType) -> list[type[Exception]]:
    return [
        kind
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, Exception) and not issubclass(kind, Warning)
        if kind.__module__.partition(".")[0] == module.__name__.partition(".")[0]
    ]


MODULES = (docker.errors, requests.exceptions, urllib3.exceptions)
FOREIGNERS = [
    pytest.param(kind, id=f"{kind.__module__}.{kind.__name__}") for module in MODULES for kind in exceptions(module)
]


ARGUMENTS: tuple[tuple[Any, ...], ...] = (
    (),
    ("why",),
    ("a", "b"),
    (1, 2),
    ("a", "b", "c"),
    ("a", "b", 1),
    ("a", 1, "c", "d", "e"),
    (SimpleNamespace(tell=int, length_remaining=1), b"5"),
)


def made(kind: type[Exception]) -> Exception:
    """Return an exception of any of the shapes that constructors want, one that can be shown."""
    for arguments in ARGUMENTS:
        with contextlib.suppress(TypeError, AttributeError):
            error = kind(*arguments)
            assert isinstance(str(error), str)
            return error
    pytest.fail(f"nothing makes a {kind}")


def test_the_walk_finds_them() -> None:
    assert len(FOREIGNERS) > 60


@pytest.mark.parametrize("kind", FOREIGNERS)
def test_every_exception_of_the_sdk_becomes_one_of_ours(kind: type[Exception]) -> None:
    with pytest.raises(errors.EngineError), translate_errors("do it"):
        raise made(kind)


def test_every_exception_of_docker_is_named_in_the_table() -> None:
    assert [kind for kind in exceptions(docker.errors) if kind not in FOREIGN] == []


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (requests.exceptions.ReadTimeout, errors.EngineTimeout),
        (requests.exceptions.ConnectTimeout, errors.NoEngine),
        (requests.exceptions.ConnectionError, errors.NoEngine),
        (requests.exceptions.ChunkedEncodingError, errors.EngineError),
        (urllib3.exceptions.ReadTimeoutError, errors.EngineTimeout),
        (docker.errors.ImageNotFound, errors.NotFound),
        (docker.errors.ContextNotFound, errors.NoEngine),
        (BrokenPipeError, errors.NoEngine),
        (ConnectionResetError, errors.NoEngine),
        (TimeoutError, errors.EngineTimeout),
        (OSError, errors.EngineError),
    ],
)
def test_the_nearest_class_decides(kind: type[Exception], expected: type[errors.EngineError]) -> None:
    assert ours(made(kind)) is expected


def api_error(status: int, said: Any = "said") -> docker.errors.APIError:
    return docker.errors.APIError("message", response=SimpleNamespace(status_code=status), explanation=said)  # type: ignore[arg-type]  # all that is read of one


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, errors.EngineError),
        (401, errors.Denied),
        (403, errors.Denied),
        (404, errors.NotFound),
        (409, errors.Conflict),
        (500, errors.EngineError),
    ],
)
def test_the_status_decides_first(status: int, expected: type[errors.EngineError]) -> None:
    assert ours(api_error(status)) is expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('creating container storage: the container name "two" is already in use by 34', errors.Conflict),
        ("image sha256:b3 is in use: image used by 71", errors.Conflict),
        ("cannot remove container bb as it could not be stopped: container state improper: stopped", errors.Conflict),
        ("container 1c does not exist in database: no such container", errors.NotFound),
        ("no space left on device", errors.EngineError),
    ],
)
def test_podmans_words_decide_where_its_status_says_nothing(said: str, expected: type[errors.EngineError]) -> None:
    assert ours(api_error(500, said)) is expected
    assert ours(api_error(400, said)) is errors.EngineError


def test_what_the_engine_said_is_the_evidence() -> None:
    with pytest.raises(errors.Conflict) as caught, translate_errors("create the container x"):
        raise api_error(409, b"the name\n  is\ttaken\xff")
    assert caught.value.brief == "the engine could not create the container x"
    assert caught.value.details == (("it said", "the name is taken\ufffd"),)
    assert isinstance(caught.value.__cause__, docker.errors.APIError)


def test_an_error_that_says_nothing_is_named() -> None:
    assert explanation(made(docker.errors.NullResource)) == "NullResource"


@pytest.mark.parametrize(
    ("kind", "brief"),
    [
        (TimeoutError, "the engine did not answer: could not start"),
        (ConnectionResetError, "lost the connection to the engine: could not start"),
    ],
)
def test_an_engine_that_is_gone_has_a_next_step(kind: type[Exception], brief: str) -> None:
    with pytest.raises(errors.EngineError) as caught, translate_errors("start"):
        raise made(kind)
    assert caught.value.brief == brief
    assert advice_of(caught.value) == ("sandbox doctor",)


@pytest.mark.parametrize("error", [errors.PullFailed("ours"), errors.UsageError("ours")])
def test_our_own_pass_as_they_are(error: errors.SandboxError) -> None:
    with pytest.raises(type(error), match="ours"), translate_errors("do it"):
        raise error


@pytest.mark.parametrize("kind", [ValueError, KeyError, errors.Interrupted])
def test_a_bug_or_a_signal_passes_as_it_is(kind: type[BaseException]) -> None:
    with pytest.raises(kind), translate_errors("do it"):
        raise kind


@pytest.mark.parametrize(
    "said",
    [
        "driver failed: Error starting userland proxy: listen tcp4 127.0.0.1:18123: bind: address already in use",
        "driver failed programming: Bind for 127.0.0.1:18123 failed: port is already allocated",
        "cannot listen on the TCP port: listen tcp4 127.0.0.1:18123: bind: address already in use",
    ],
)
def test_a_port_that_is_taken_is_named(said: str) -> None:
    with (
        pytest.raises(errors.EngineError, match=r"^port 18123 of 127\.0\.0\.1 is already in use") as caught,
        translate_errors("start it"),
    ):
        raise docker.errors.APIError("500", explanation=said)
    assert caught.value.details == (("it said", said),)
    assert "--port 0:PORT" in advice_of(caught.value)[0]


SAID = {
    'invalid mount config for type "bind": bind source path does not exist: /nope': "has no /nope to mount",
    "statfs /no pe: no such file or directory": "has no /no pe to mount",
    'invalid CapAdd: unknown capability: "CAP_NOPE"': "knows no capability NOPE",
    'error gathering device information while adding custom device "/dev/nope": no such file or directory': (
        "has no device /dev/nope"
    ),
    "stat /dev/nope: no such file or directory": "has no device /dev/nope",
    "Unknown runtime specified nope": "has no runtime nope",
}
"""What Docker 20.10 and Podman 4.3 say."""


@pytest.mark.parametrize(("said", "words"), SAID.items())
def test_what_was_asked_for_and_is_not_there_is_the_users_to_mend(said: str, words: str) -> None:
    with pytest.raises(errors.UsageError, match=words), translate_errors("create the container x", is_request=True):
        raise docker.errors.APIError(said)
    with pytest.raises(errors.EngineError), translate_errors("look"):
        raise docker.errors.APIError(said)


def test_a_command_that_an_image_lacks_is_no_missing_mount() -> None:
    said = 'exec: "/bin/sh": stat /bin/sh: no such file or directory: unknown'
    with pytest.raises(errors.EngineError), translate_errors("start the container", is_request=True):
        raise docker.errors.APIError(said)
