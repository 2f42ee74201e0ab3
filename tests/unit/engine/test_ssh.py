"""What ssh is told for an engine's URL."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.engine.ssh import argv_for
from sandbox.errors import UsageError

SOCKET = Path("/x/engine.sock")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ssh://box", ["-L", "/x/engine.sock:/var/run/docker.sock", "--", "box"]),
        ("ssh://me@box:2222", ["-l", "me", "-p", "2222", "-L", "/x/engine.sock:/var/run/docker.sock", "--", "box"]),
        ("ssh://box/run/podman/podman.sock", ["-L", "/x/engine.sock:/run/podman/podman.sock", "--", "box"]),
        ("ssh://box/", ["-L", "/x/engine.sock:/var/run/docker.sock", "--", "box"]),
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


def test_nobody_is_asked_for_a_password() -> None:
    assert "BatchMode=yes" in argv_for("ssh://box", SOCKET)
