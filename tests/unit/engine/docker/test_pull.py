"""A pull: its events as progress, its failures by their causes."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.advised import advice_of

from sandbox.engine.docker.pull import Layers, cause, pull_error
from sandbox.engine.protocol import PullProgress

A, B = "0123456789ab", "ba9876543210"


def event(layer: str, status: str, current: int | None = None, total: int | None = None) -> dict[str, Any]:
    return {"id": layer, "status": status, "progressDetail": {"current": current, "total": total} if total else {}}


def fed(*events: dict[str, Any]) -> list[tuple[int, int, int, int]]:
    layers = Layers()
    found = [layers.feed(row) for row in events]
    return [(row.done, row.total, row.layers_done, row.layers) for row in found if row is not None]


def test_a_recorded_pull_adds_up() -> None:
    rows = fed(
        {"status": "Pulling from library/debian", "id": "bookworm"},
        event(A, "Pulling fs layer"),
        event(B, "Pulling fs layer"),
        event(A, "Waiting"),
        event(A, "Downloading", 100, 1000),
        event(B, "Downloading", 50, 500),
        event(A, "Downloading", 1000, 1000),
        event(A, "Verifying Checksum"),
        event(A, "Download complete"),
        event(A, "Extracting", 32, 1000),
        event(B, "Download complete"),
        event(A, "Pull complete"),
        event(B, "Pull complete"),
        {"status": "Digest: sha256:0123"},
        {"status": "Status: Downloaded newer image for debian:bookworm"},
    )
    assert rows == [
        (0, 0, 0, 1),
        (0, 0, 0, 2),
        (0, 0, 0, 2),
        (100, 1000, 0, 2),
        (150, 1500, 0, 2),
        (1050, 1500, 0, 2),
        (1050, 1500, 0, 2),
        (1050, 1500, 0, 2),
        (1050, 1500, 0, 2),
        (1500, 1500, 0, 2),
        (1500, 1500, 1, 2),
        (1500, 1500, 2, 2),
    ]


def test_layers_that_are_here_already_count_as_done() -> None:
    assert fed(event(A, "Already exists"), event(B, "Pulling fs layer")) == [(0, 0, 1, 1), (0, 0, 1, 2)]


@pytest.mark.parametrize("row", [{}, {"status": "x"}, {"id": None}, {"id": 5}, {"id": "latest", "status": "Pulling"}])
def test_what_says_nothing_of_a_layer_is_passed_over(row: dict[str, Any]) -> None:
    assert Layers().feed(row) is None


def test_a_layer_without_numbers_is_no_error() -> None:
    found = Layers().feed({"id": A, "status": "Downloading", "progressDetail": {"current": 5}})
    assert found == PullProgress(done=5, total=0, layers=1, layers_done=0, status="Downloading")


CAUSES = {
    "toomanyrequests: You have reached your pull rate limit.": "the registry's rate limit is reached",
    "error pulling image: status code 429": "the registry's rate limit is reached",
    "manifest for debian:nope not found: manifest unknown: manifest unknown": "the registry does not have this tag",
    "pull access denied for nope, repository does not exist or may require 'docker login': denied: requested access to "
    "the resource is denied": "the registry needs a login, or has no such repository",
    "unauthorized: authentication required": "the registry needs a login, or has no such repository",
    'Get "https://r.example/v2/": no basic auth credentials': "the registry needs a login, or has no such repository",
    'Get "https://r.example/v2/": dial tcp: lookup r.example: no such host': "the registry can't be reached",
    'Get "https://r.example/v2/": net/http: TLS handshake timeout': "the registry can't be reached",
    "dial tcp 192.0.2.1:443: connect: connection refused": "the registry can't be reached",
    "dial tcp 192.0.2.1:443: connect: network is unreachable": "the registry can't be reached",
    "read tcp 192.0.2.1:1->192.0.2.2:443: read: connection reset by peer": "the registry can't be reached",
    "unexpected EOF": "the registry broke off the download, or sent wrong data",
    "write /var/lib/docker/tmp/x: no space left on device": "the engine's disk is full",
    "no matching manifest for linux/riscv64 in the manifest list": "there is no image for this architecture",
    "x509: certificate signed by unknown authority": "the engine does not trust the registry's certificate",
    # as Docker 28.5 with the containerd store says it
    'failed to resolve reference "127.0.0.1:5006/lab/no:1": 127.0.0.1:5006/lab/no:1: not found': "the registry has no "
    "such tag or repository",
    'unknown: failed to resolve reference "r.example/lab:1": unexpected status from HEAD request to '
    "https://r.example/v2/lab/manifests/1: 429 Too Many Requests": "the registry's rate limit is reached",
    'failed to resolve reference "r.example/lab:1": pull access denied, repository does not exist or may require '
    "authorization: authorization failed: no basic auth credentials": "the registry needs a login, or has no such "
    "repository",
    'unknown: failed to resolve reference "r.example/lab:1": unexpected status from HEAD request to '
    "https://r.example/v2/lab/manifests/1: 403 Forbidden": "the registry needs a login, or has no such repository",
    'unknown: failed to resolve reference "r.example/lab:1": unexpected status from HEAD request to '
    "https://r.example/v2/lab/manifests/1: 503 Service Unavailable": "the registry fails at the moment",
    "no matching manifest for linux/amd64 in the manifest list entries: no match for platform in manifest: not found": (
        "there is no image for this architecture"
    ),
    'failed to resolve reference "r.example/lab:1": failed to do request: Head "https://r.example/v2/lab/manifests/1": '
    "tls: failed to verify certificate: x509: certificate signed by unknown authority": "the engine does not "
    "trust the registry's certificate",
    'failed to do request: Head "https://r.example/v2/lab/manifests/1": dial tcp: lookup r.example on 192.0.2.53: no '
    "such host": "the registry can't be reached",
    'failed to do request: Head "https://r.example/v2/lab/manifests/1": tls: first record does not look like a TLS '
    "handshake": "the registry speaks plain HTTP, which the engine has to allow",
    'Get "https://certificate.example/v2/": dial tcp: lookup certificate.example: no such host': (
        "the registry can't be reached"
    ),
    "something else": "the engine could not pull the image",
    "": "the engine could not pull the image",
}


@pytest.mark.parametrize("said", CAUSES)
def test_the_cause_is_named(said: str) -> None:
    assert cause(said) == CAUSES[said]
    error = pull_error("debian:bookworm", said)
    assert error.brief == f"could not pull debian:bookworm: {CAUSES[said]}"
    assert error.details == (("engine said", said),)


def test_a_word_of_its_name_is_no_cause() -> None:
    said = "the engine said nothing of r.example/platform/certificate:429"
    assert pull_error("r.example/platform/certificate:429", said).brief.endswith(
        ": the engine could not pull the image"
    )


def test_a_registry_that_wants_a_login_is_named_in_the_command() -> None:
    assert advice_of(pull_error("r.example:5000/web/app:1", "unauthorized")) == ("docker login r.example:5000",)
    assert advice_of(pull_error("debian:bookworm", "denied: x")) == ()
    assert advice_of(pull_error("r.example/app", "unexpected EOF")) == ()


def test_what_the_engine_said_is_one_line() -> None:
    assert pull_error("x", "a\n\n b\t").details == (("engine said", "a b"),)
