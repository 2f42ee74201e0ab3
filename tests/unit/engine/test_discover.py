"""Which engine is used: where it is looked for, and what is said when none answers."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from tests.unit.advised import advice_of

from sandbox.engine.discover import (
    EngineAddress,
    advice,
    find_engine,
    is_here,
    no_engine,
    other_host,
    places,
    silent_reason,
)
from sandbox.engine.docker.connect import with_port
from sandbox.engine.peer import is_this_host
from sandbox.errors import NoEngine, UsageError
from sandbox.report.advice import advice_text

if TYPE_CHECKING:
    from collections.abc import Iterator

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="macOS has more places")


def urls(environ: dict[str, str]) -> list[str]:
    return [place.url for place in places(environ)]


@linux_only
def test_the_usual_sockets_are_tried_in_order() -> None:
    assert urls({"XDG_RUNTIME_DIR": "/run/user/7", "HOME": "/nonexistent"}) == [
        "unix:///var/run/docker.sock",
        "unix:///run/user/7/docker.sock",
        "unix:///run/user/7/podman/podman.sock",
        "unix:///run/podman/podman.sock",
    ]
    assert f"unix:///run/user/{os.getuid()}/docker.sock" in urls({"HOME": "/nonexistent"})


@linux_only
def test_a_socket_of_an_engine_in_a_virtual_machine_is_tried_where_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # a socket's name may have 108 bytes (unix(7))
    names = [".docker/desktop/docker.sock", ".colima/default/docker.sock", ".orbstack/run/docker.sock"]
    names += [".rd/docker.sock", ".lima/docker/sock/docker.sock"]
    with contextlib.ExitStack() as stack:
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True)
            stack.enter_context(socket.socket(socket.AF_UNIX)).bind(name)
        environ = {"XDG_RUNTIME_DIR": "/run/user/7", "HOME": str(tmp_path)}
        assert urls(environ)[2:-2] == [f"unix://{tmp_path / name}" for name in names]


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("build1:2375", "tcp://build1:2375"),
        (":2375", "tcp://localhost:2375"),
        ("[::1]:2375", "tcp://[::1]:2375"),
        ("tcp://build1", "tcp://build1"),
    ],
)
def test_a_host_is_taken_as_docker_takes_it(text: str, url: str) -> None:
    assert urls({"DOCKER_HOST": text}) == [url]


def test_a_port_that_is_not_given_is_dockers() -> None:
    assert with_port("tcp://build1", is_tls=False) == "tcp://build1:2375"
    assert with_port("tcp://[::1]", is_tls=True) == "tcp://[::1]:2376"
    assert with_port("tcp://build1:99/x", is_tls=True) == "tcp://build1:99/x"
    assert with_port("unix:///a", is_tls=False) == "unix:///a"


@pytest.mark.parametrize(
    ("host", "is_here"),
    [("localhost", True), ("x.localhost", True), ("127.8.0.1", True), ("::1", True), ("build1", False), ("", False)],
)
def test_the_loopback_is_this_host(host: str, *, is_here: bool) -> None:
    assert is_this_host(host) is is_here


def test_docker_host_is_the_only_place() -> None:
    [place] = places({"DOCKER_HOST": "tcp://192.0.2.1:2375", "DOCKER_CONTEXT": "other"})
    assert (place.url, place.source, place.chosen) == ("tcp://192.0.2.1:2375", "DOCKER_HOST", True)


def test_a_chosen_engine_is_the_only_place() -> None:
    [place] = places({"DOCKER_HOST": "unix:///other"}, chosen=("unix:///mine", "--engine"))
    assert (place.url, place.source, place.chosen) == ("unix:///mine", "--engine", True)


@linux_only
def test_an_engine_has_this_hosts_files_where_it_is_one_that_listens_here(tmp_path: Path) -> None:
    own = Path("/proc/self/comm").read_text().strip()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "sock"))
        listener.listen()
        chosen = (f"unix://{tmp_path}/sock", "--engine")
        assert is_here({}, chosen=chosen, listeners=(own,))
        assert not is_here({}, chosen=chosen)
    assert not is_here({}, chosen=(f"unix://{tmp_path}/none", "--engine"), listeners=(own,))
    assert not is_here({}, chosen=("tcp://192.0.2.1:2375", "--engine"), listeners=(own,))
    assert not is_here({"DOCKER_HOST": "no such thing"}, listeners=(own,))


LISTENER: Final = """
import os, socket, sys
if len(sys.argv) == 2:
    os.execv("/proc/self/exe", ["podman", "-c", os.environ["CODE"], sys.argv[1], "again"])
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print("listens", flush=True)
sys.stdin.read()
"""
"""Runs itself anew by its link in /proc, as rootless Podman does: the kernel calls it `exe` from then on."""


@linux_only
def test_an_engine_that_ran_itself_anew_is_known_by_what_it_was_started_as(tmp_path: Path) -> None:
    path = str(tmp_path / "sock")
    environ = {**os.environ, "CODE": LISTENER, "PYTHONHOME": sys.base_prefix}
    argv = [sys.executable, "-c", LISTENER, path]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"listens\n"
        assert Path(f"/proc/{process.pid}/comm").read_text() == "exe\n"
        assert is_here({}, chosen=(f"unix://{path}", "--engine"))


@pytest.mark.parametrize("text", ["ftp://host", "unix://", "ssh://", "podman", "", "/var/run/docker.sock", "UNIX:///x"])
def test_what_can_not_be_reached_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match="--engine is not an engine") as caught:
        list(places({}, chosen=(text, "--engine")))
    assert "unix:///path" in caught.value.details[0][1]


def test_a_bare_word_is_the_name_of_a_docker_context(tmp_path: Path) -> None:
    context(tmp_path, "build-box", "tcp://192.0.2.7:2375")
    [place] = places({"DOCKER_CONFIG": str(tmp_path)}, chosen=("build-box", "--engine"))
    assert (place.url, place.source) == ("tcp://192.0.2.7:2375", "--engine")


def test_another_host_is_a_place() -> None:
    [place] = places({}, chosen=("ssh://me@host:2222/run/podman.sock", "--engine"))
    assert place.url == "ssh://me@host:2222/run/podman.sock"


def context(folder: Path, name: str, url: str) -> None:
    from hashlib import sha256

    meta = folder / "contexts/meta" / sha256(name.encode()).hexdigest()
    meta.mkdir(parents=True)
    text = {"Name": name, "Metadata": {}, "Endpoints": {"docker": {"Host": url, "SkipTLSVerify": False}}}
    (meta / "meta.json").write_text(json.dumps(text))


@pytest.fixture
def docker_config(tmp_path: Path) -> Path:
    return tmp_path


def test_the_docker_clis_active_context_is_the_only_place(docker_config: Path) -> None:
    context(docker_config, "remote", "tcp://192.0.2.9:2375")
    (docker_config / "config.json").write_text('{"currentContext": "remote"}')
    [place] = places({"DOCKER_CONFIG": str(docker_config)})
    assert (place.url, place.source, place.chosen) == ("tcp://192.0.2.9:2375", "docker context remote", True)


def test_docker_context_names_one_too(docker_config: Path) -> None:
    context(docker_config, "other", "unix:///other.sock")
    (docker_config / "config.json").write_text('{"currentContext": "remote"}')
    assert urls({"DOCKER_CONFIG": str(docker_config), "DOCKER_CONTEXT": "other"}) == ["unix:///other.sock"]


def test_a_context_that_is_not_there_is_said_to_be(docker_config: Path) -> None:
    with pytest.raises(NoEngine) as caught:
        list(places({"DOCKER_CONFIG": str(docker_config), "DOCKER_CONTEXT": "nope"}))
    assert "nope" in caught.value.brief


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "5", '{"currentContext": ""}', '{"currentContext": "default"}']
)
def test_a_config_that_names_no_context_leaves_the_usual_places(docker_config: Path, text: str) -> None:
    (docker_config / "config.json").write_text(text)
    assert urls({"DOCKER_CONFIG": str(docker_config)})[0] == "unix:///var/run/docker.sock"


@pytest.fixture
def silent(tmp_path: Path) -> Iterator[str]:
    """A socket on which an engine is bound that never accepts more than its queue, nor answers."""
    path = tmp_path / "silent.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen(4)
        yield f"unix://{path}"


def test_a_socket_that_accepts_has_no_reason(silent: str) -> None:
    assert silent_reason(silent) is None


def test_what_is_no_socket_file_is_left_to_the_sdk() -> None:
    assert silent_reason("tcp://192.0.2.1:1") is None


def test_a_missing_socket_says_so(tmp_path: Path) -> None:
    assert silent_reason(f"unix://{tmp_path}/nope") == "no such file"


def test_a_socket_that_nobody_listens_on_says_so(tmp_path: Path) -> None:
    path = tmp_path / "dead.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
    assert silent_reason(f"unix://{path}") == "nothing listens there"


@contextmanager
def not_root() -> Iterator[None]:
    """Give up root's rights, which open every socket, for a while."""
    before = os.geteuid()
    os.seteuid(before or 65534)
    try:
        yield
    finally:
        os.seteuid(before)


def test_a_socket_that_is_not_for_us_says_so(silent: str, tmp_path: Path) -> None:
    (tmp_path / "silent.sock").chmod(0)
    with not_root():
        assert silent_reason(silent) == "permission denied"


@pytest.mark.parametrize("name", ["x" * 200, "a\0b"])
def test_a_path_that_can_be_no_socket_is_a_reason_and_no_crash(name: str) -> None:
    assert silent_reason(f"unix:///tmp/{name}")


def test_an_engine_that_hangs_up_is_passed_over_with_what_it_said(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        path = tmp_path / "rude.sock"
        server.bind(str(path))
        server.listen(8)

        def hang_up() -> None:
            for _ in range(2):  # the look at the socket, then the SDK
                server.accept()[0].close()

        threading.Thread(target=hang_up, daemon=True).start()
        with pytest.raises(NoEngine) as caught:
            find_engine({}, chosen=(f"unix://{path}", "--engine"))
    [(label, text)] = caught.value.details
    assert label == "tried"
    assert text.startswith(f"unix://{path} (")
    assert text.endswith("; --engine)")


def test_an_engine_that_is_not_there_is_told_with_the_next_step(tmp_path: Path) -> None:
    with pytest.raises(NoEngine) as caught:
        find_engine({"DOCKER_HOST": f"unix://{tmp_path}/nope"})
    error = caught.value
    assert (error.brief, error.exit_code) == ("no container engine answers", 3)
    assert error.details == (("tried", f"unix://{tmp_path}/nope (no such file; DOCKER_HOST)"),)
    assert advice_of(error) == ("sandbox doctor",)


def test_everything_that_was_tried_is_told() -> None:
    rows = [
        (EngineAddress(url="unix:///a", source="one"), "no such file"),
        (EngineAddress(url="unix:///b", source="two"), "permission denied"),
    ]
    error = no_engine(rows)
    assert error.details == (
        ("tried", "unix:///a (no such file; one)"),
        ("tried", "unix:///b (permission denied; two)"),
        ("found", "an engine is running, but your user may not use it"),
    )
    assert advice_of(error)[-1] == "sandbox doctor"


def test_there_is_always_one_command_that_helps() -> None:
    for denied in (True, False):
        for chosen in (True, False):
            assert advice_text(advice(denied=denied, chosen=chosen)[1])


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("ssh://me@build1:22", "build1"),
        ("tcp://10.0.0.7:2376", "10.0.0.7"),
        ("tcp://127.0.0.1:2375", ""),
        ("tcp://localhost:2375", ""),
        ("tcp://engine.localhost:2375", ""),
        ("unix:///none", ""),
    ],
)
def test_an_engine_on_another_host_is_known_by_its_url(url: str, host: str) -> None:
    assert other_host({"DOCKER_HOST": url}) == host
