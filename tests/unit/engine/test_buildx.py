"""The user's buildx: where it is found, what it is given, what it says, and that it ends with us."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sandbox.engine.buildx import (
    Buildx,
    BuildxRequest,
    build_argv,
    can_build,
    failure_words,
    find_program,
    follow,
    run_build,
)

NEW = "github.com/docker/buildx v0.13.0 abc"
RUNNING = "Name:   default\nDriver: docker\n\nNodes:\nStatus:           running\n"


def program(folder: Path, text: str) -> Buildx:
    """Return a stand-in for buildx: a shell script."""
    path = folder / "docker-buildx"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return Buildx(program=str(path), engine={"DOCKER_HOST": "unix:///e.sock"}, headers={"X-Own": "1"})


def request(folder: Path, **changes: object) -> BuildxRequest:
    given = {"dockerfile": folder / "Dockerfile", "options": (), "arguments": {}, "logins": {}}
    return BuildxRequest(**{**given, **changes})  # type: ignore[arg-type]


def test_the_users_own_plugin_comes_before_the_systems_and_a_relative_folder_is_none(tmp_path: Path) -> None:
    for name in ("extra", "config/cli-plugins"):
        (tmp_path / name).mkdir(parents=True)
        program(tmp_path / name, "")
    environ = {"DOCKER_CONFIG": str(tmp_path / "config")}
    own = str(tmp_path / "config/cli-plugins/docker-buildx")
    assert find_program(environ, ()) == own
    assert find_program(environ, ("extra", "./extra")) == own
    assert find_program(environ, (str(tmp_path / "extra"),)) == str(tmp_path / "extra/docker-buildx")
    Path(own).chmod(0o644)
    assert find_program(environ, ()) != own
    assert find_program({"DOCKER_CONFIG": "relative"}, ()) != own


@pytest.mark.parametrize(
    ("version", "said", "can"),
    [
        (NEW, RUNNING, True),
        ("github.com/docker/buildx 0.29.1+ds1 0.29.1+ds1-4", RUNNING, True),
        ("github.com/docker/buildx v0.12.1 abc", RUNNING, False),
        ("podman version 5.8", RUNNING, False),
        (NEW, RUNNING.replace("running", "inactive"), False),
        (NEW, RUNNING.replace("docker\n", "docker-container\n"), False),
    ],
)
def test_only_a_new_buildx_that_reaches_the_engine_builds(
    tmp_path: Path, version: str, said: str, *, can: bool
) -> None:
    text = f"if [ $1 = version ]; then echo '{version}'; else cat <<'X'\n{said}\nX\nfi"
    assert can_build(program(tmp_path, text), {"PATH": os.environ["PATH"]}) == can


def test_it_gets_the_logins_that_are_named_and_no_secret_of_the_environment(tmp_path: Path) -> None:
    own = program(tmp_path, 'cat "$DOCKER_CONFIG/config.json"; echo; env; echo "$DOCKER_CONFIG" >&2')
    environ = {
        "PATH": os.environ["PATH"],
        "AWS_SECRET": "s1",
        "BUILDX_BUILDER": "mine",
        "DOCKER_CONTEXT": "far",
        "SSH_AUTH_SOCK": "/agent",
        "GIT_AUTH_TOKEN": "s2",
        "https_proxy": "http://p:1",
    }
    logins = {"registry.example": {"username": "me", "password": "pass"}, "token.example": {"identitytoken": "t"}}
    with run_build(own, environ, request(tmp_path, logins=logins, arguments={"WORD": "argued"})) as (lines, status):
        said = list(lines)
        assert status() == 0
    config = json.loads(said[0])
    assert base64.b64decode(config["auths"]["registry.example"]["auth"]) == b"me:pass"
    assert config["auths"]["token.example"]["identitytoken"] == "t"
    assert config["HttpHeaders"] == {"X-Own": "1"}
    env = dict(line.partition("=")[::2] for line in said[1:] if "=" in line)
    assert {"AWS_SECRET", "BUILDX_BUILDER", "DOCKER_CONTEXT", "SSH_AUTH_SOCK", "GIT_AUTH_TOKEN"}.isdisjoint(env)
    assert (env["DOCKER_HOST"], env["https_proxy"], env["WORD"]) == ("unix:///e.sock", "http://p:1", "argued")
    assert not Path(env["DOCKER_CONFIG"]).exists()


def test_the_value_of_an_argument_is_on_no_command_line_and_no_power_is_given(tmp_path: Path) -> None:
    argv = build_argv("buildx", request(tmp_path, arguments={"HTTP_PROXY": "http://me:secret@p:1"}))
    assert argv[argv.index("--build-arg") + 1] == "HTTP_PROXY"
    assert "secret" not in " ".join(argv)
    assert argv[2:4] == ("--builder", "default")
    assert {"--load", "--provenance=false", "--progress=rawjson"} <= set(argv)
    assert not [word for word in argv if word.startswith(("--ssh", "--secret", "--allow", "--push"))]


OURS = """
import sys
from pathlib import Path
from sandbox.engine.buildx import Buildx, BuildxRequest, run_build
own = Buildx(program=sys.argv[1], engine={}, headers={})
asked = BuildxRequest(dockerfile=Path("/Dockerfile"), options=(), arguments={}, logins={"r": {"username": "u"}})
with run_build(own, {"PATH": "/usr/bin:/bin"}, asked) as (lines, _):
    for line in lines:
        print(line, flush=True)
"""


def is_there(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_build_and_the_logins_it_got_are_gone_after_kill_9_of_ours(tmp_path: Path) -> None:
    own = program(tmp_path, 'sleep 600 & echo "$$ $! $DOCKER_CONFIG"; trap "" TERM; wait')
    with subprocess.Popen([sys.executable, "-c", OURS, own.program], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        shell, sleep, folder = process.stdout.readline().decode().split()
        assert is_there(shell)
        assert Path(folder).is_dir()
        process.send_signal(signal.SIGKILL)
    end = time.monotonic() + 60
    while (is_there(shell) or is_there(sleep) or Path(folder).exists()) and time.monotonic() < end:
        time.sleep(0.01)
    assert not is_there(shell)
    assert not is_there(sleep)
    assert not Path(folder).exists()


def rawjson(*rows: object) -> list[str]:
    return [row if isinstance(row, str) else json.dumps(row) for row in rows]


def log(step: str, text: str) -> dict[str, object]:
    return {"logs": [{"vertex": step, "stream": 1, "data": base64.b64encode(text.encode()).decode()}]}


def test_steps_and_whole_lines_are_shown_and_the_step_that_failed_keeps_its_own_output() -> None:
    shown: list[str] = []
    said = follow(
        iter(
            rawjson(
                {"vertexes": [{"digest": "d", "name": "[internal] load .dockerignore", "started": "t"}]},
                {"vertexes": [{"digest": "a", "name": "[2/3] RUN a"}, {"digest": "b", "name": "[3/3] RUN b"}]},
                {"vertexes": [{"digest": "a", "name": "[2/3] RUN a", "started": "t"}]},
                {"vertexes": [{"digest": "a", "name": "[2/3] RUN a", "started": "t", "completed": "t"}]},
                {"vertexes": [{"digest": "b", "name": "[3/3] RUN b", "started": "t"}]},
                log("b", "one\ntw"),
                log("a", "other\n"),
                log("b", "o\n"),
                {"vertexes": [{"digest": "b", "name": "[3/3] RUN b", "error": "exit code: 3"}]},
                "Dockerfile:3",
                'ERROR: failed to build: failed to solve: process "b" did not complete: exit code: 3',
            )
        ),
        shown.append,
    )
    assert shown == ["[2/3] RUN a", "[3/3] RUN b", "one", "other", "two"]
    assert (said.step, said.output) == ("[3/3] RUN b", "one\ntwo\n")
    assert said.reason == 'process "b" did not complete: exit code: 3'


@pytest.mark.parametrize("line", ["{", "[]", "{}", '{"vertexes":null}', '{"vertexes":[1],"logs":{}}', '{"logs":[{}]}'])
def test_a_line_of_no_known_form_is_passed_over(line: str) -> None:
    assert follow(iter([line]), lambda _: None).reason == ""


def test_a_reason_stands_without_what_each_program_puts_before_it() -> None:
    said = (
        "failed to build: failed to solve: rpc error: code = Unknown desc = failed to solve with frontend dockerfile.v0"
    )
    assert failure_words(f"{said}: failed to create LLB definition: parse error on line 3") == "parse error on line 3"
