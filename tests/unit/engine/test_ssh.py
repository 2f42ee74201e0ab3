"""What ssh is told for an engine's URL."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.engine.ssh import LIMIT, argv_for, close_all, open_tunnel, reason_of
from sandbox.errors import NoEngine, UsageError

SOCKET = Path("/x/engine.sock")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ssh://box", ["-L", "/x/engine.sock:/var/run/docker.sock", "--", "box"]),
        ("ssh://me@box:2222", ["-l", "me", "-p", "2222", "-L", "/x/engine.sock:/var/run/docker.sock", "--", "box"]),
        ("ssh://box/run/podman/podman.sock", ["-L", "/x/engine.sock:/run/podman/podman.sock", "--", "box"]),
        ("ssh://box/", ["-L", "/x/engine.sock:/var/run/docker.sock", "--", "box"]),
        ("ssh://corp%5Cjoe@box", ["-l", "corp\\joe", "-L", "/x/engine.sock:/var/run/docker.sock", "--", "box"]),
        ("ssh://[::1]:22", ["-p", "22", "-L", "/x/engine.sock:/var/run/docker.sock", "--", "::1"]),
    ],
)
def test_a_url_says_who_where_and_which_socket(url: str, words: list[str]) -> None:
    argv = list(argv_for(url, SOCKET))
    assert argv[0] == "ssh"
    assert argv[-1 - len(words) : -1] == words


@pytest.mark.parametrize("url", ["ssh://", "ssh://-oProxyCommand=x", "ssh://a:b@box", "ssh://box:x", "ssh://box?a=b"])
def test_what_is_no_host_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        argv_for(url, SOCKET)


def test_nobody_is_asked_for_a_password_where_nobody_can_answer() -> None:
    assert "BatchMode=yes" in argv_for("ssh://box", SOCKET)
    assert "BatchMode=yes" not in argv_for("ssh://box", SOCKET, more=())


def test_a_configuration_of_the_user_that_runs_something_else_is_no_obstacle() -> None:
    assert {"RemoteCommand=none", "RequestTTY=no"} <= set(argv_for("ssh://box", SOCKET))
    assert not [word for word in argv_for("ssh://box", SOCKET) if word.startswith(("ControlPath", "ExitOnForward"))]


def test_the_reason_is_what_was_said_last_and_no_time_that_was_not_waited() -> None:
    assert reason_of(b"warning\nPermission denied\n", b"Welcome\n", 1) == "Permission denied"
    assert reason_of(b"", b"Welcome\nThis account is closed.\n", 1) == "This account is closed."
    assert reason_of(b"", b"", 1) == "the connection ended without a word"
    assert reason_of(b"", b"", LIMIT) == "no answer in 20 s"


def fake_ssh(folder: Path, monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    """Put a program before the machine's ssh; the other host is this one."""
    (folder / "ssh").write_text(f"#!/bin/sh\n{program}\n")
    (folder / "ssh").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_the_socket_that_the_other_host_names_is_part_of_the_engines_url(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = tmp_path / "said"
    answer = (
        'case "$*" in *"-O check"*) exit 255;; *"-O"*) exit 0;; esac; echo "sandbox is let in /run/x.sock"; exec cat'
    )
    fake_ssh(tmp_path, monkeypatch, f'echo "$*" >>{said}; {answer}')
    tunnel = open_tunnel("ssh://me@build1")
    assert tunnel.url == "ssh://me@build1/run/x.sock"
    assert f"-L {tunnel.socket}:/run/x.sock -l me -O forward -- build1" in said.read_text()
    close_all()


def test_what_a_login_prints_before_the_answer_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_ssh(tmp_path, monkeypatch, 'echo "Welcome to build1"; echo; for last; do :; done; exec sh -c "$last"')
    assert open_tunnel("ssh://build1").socket.is_absolute()
    close_all()


def test_a_host_that_gives_no_answer_is_told_with_what_it_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_ssh(tmp_path, monkeypatch, 'echo "This account is closed."')
    with pytest.raises(NoEngine) as caught:
        open_tunnel("ssh://build2")
    assert dict(caught.value.details) == {"it said": "This account is closed."}
