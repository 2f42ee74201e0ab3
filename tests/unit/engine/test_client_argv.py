"""What is advised to be done by hand reaches the engine that it is about, by that engine's own client."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from sandbox.engine.client_argv import client_argv
from sandbox.engine.dockercli import DEFAULT_HOST

if TYPE_CHECKING:
    from pathlib import Path

ROOTFUL = "unix:///run/podman/podman.sock"
ELSEWHERE = "unix:///srv/engine.sock"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path), "DOCKER_CONFIG": str(tmp_path), "XDG_RUNTIME_DIR": "/run/user/77"}


def with_context(environ: dict[str, str], name: str) -> dict[str, str]:
    with open(f"{environ['DOCKER_CONFIG']}/config.json", "w", encoding="utf-8") as file:  # noqa: PTH123
        json.dump({"currentContext": name}, file)
    return environ


ROWS = {
    ("docker", DEFAULT_HOST): "docker",
    ("docker", ELSEWHERE): f"docker -H {ELSEWHERE}",
    ("docker", "tcp://build1:2375"): "docker -H tcp://build1:2375",
    ("docker", "http://build1:2375"): "docker -H tcp://build1:2375",
    ("docker", "https://build1:2376"): "docker --tls -H tcp://build1:2376",
    ("docker", "ssh://build1"): "ssh build1 docker",
    ("docker", "ssh://me@build1:2222"): "ssh -l me -p 2222 build1 docker",
    ("docker", "ssh://build1/srv/engine.sock"): f"ssh build1 docker -H {ELSEWHERE}",
    ("podman", ELSEWHERE): f"podman --url {ELSEWHERE}",
    ("podman", DEFAULT_HOST): f"podman --url {DEFAULT_HOST}",
    ("podman", "tcp://build1:8080"): "podman --url tcp://build1:8080",
    ("podman", "ssh://build1"): "ssh build1 podman",
    ("podman", "ssh://build1/run/podman/podman.sock"): f"ssh build1 podman --url {ROOTFUL}",
}


@pytest.mark.parametrize(("engine", "expected"), ROWS.items(), ids=[" ".join(row) for row in ROWS])
def test_an_engine_is_reached_by_its_own_client(
    engine: tuple[str, str], expected: str, environ: dict[str, str]
) -> None:
    assert " ".join(client_argv(*engine, environ)) == expected


def test_the_docker_cli_needs_no_word_for_the_engine_that_it_uses_anyway(environ: dict[str, str]) -> None:
    assert client_argv("docker", ELSEWHERE, {**environ, "DOCKER_HOST": ELSEWHERE}) == ("docker",)
    assert client_argv("docker", DEFAULT_HOST, {**environ, "DOCKER_HOST": ELSEWHERE}) == ("docker", "-H", DEFAULT_HOST)
    with_context(environ, "lab")
    assert client_argv("docker", DEFAULT_HOST, environ) == ("docker", "-H", DEFAULT_HOST)
    assert client_argv("docker", "tcp://lab:2376", environ, context="lab") == ("docker",)
    assert client_argv("podman", "ssh://lab", environ, context="other") == ("docker", "--context", "other")
    assert client_argv("docker", DEFAULT_HOST, {**environ, "DOCKER_CONTEXT": "default"}) == ("docker",)


def test_a_configuration_that_can_not_be_is_no_context(environ: dict[str, str]) -> None:
    assert client_argv("docker", DEFAULT_HOST, {**environ, "DOCKER_CONFIG": "below/here"}) == ("docker",)


def test_podman_needs_no_word_for_the_engine_of_who_asks(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 77)
    assert client_argv("podman", "unix:///run/user/77/podman/podman.sock", environ) == ("podman",)
    assert client_argv("podman", ROOTFUL, environ) == ("podman", "--url", ROOTFUL)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert client_argv("podman", ROOTFUL, environ) == ("podman",)


@pytest.mark.parametrize("name", ["docker", "podman"])
def test_the_real_client_takes_the_words_before_its_verb(name: str, environ: dict[str, str]) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"no {name} is installed here")
    for url in (ELSEWHERE, "tcp://127.0.0.1:9"):
        argv = [*client_argv(name, url, environ), "rm", "--help"]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stderr
