"""An engine behind ssh, by a real sshd: its socket is found, and the user's own way of logging in is taken."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pexpect
import pytest
from tests.integration import ssh_host
from tests.integration.running import Program, wait_for

from sandbox.engine.docker.connect import connect
from sandbox.engine.ssh import close_all, open_tunnel

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.ssh_host import SshHost


@pytest.fixture(autouse=True)
def _can_log_in() -> Iterator[None]:
    if why := ssh_host.missing():
        pytest.skip(why)
    yield
    close_all()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "ssh"
    place.mkdir()
    return place


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Path]:
    """Give what the host has as /run: the engine's socket can be put there."""
    place = tmp_path / "run"
    (place / "user" / "0" / "podman").mkdir(parents=True)
    (place / "podman").mkdir()
    yield place
    for path in place.rglob("*.sock"):
        subprocess.run(["umount", str(path)], check=True)


@pytest.mark.parametrize("name", ["user/0/docker.sock", "user/0/podman/podman.sock", "podman/podman.sock"])
def test_a_socket_of_a_rootless_engine_or_of_podman_is_found_there_by_one_login(
    folder: Path, run: Path, name: str, engine_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (run / name).touch()
    subprocess.run(["mount", "--bind", engine_url.removeprefix("unix://"), str(run / name)], check=True)
    with ssh_host.ssh_host(folder, run=run) as host:
        monkeypatch.setenv("PATH", host.path)
        with connect(host.url(""), environ={}) as engine:
            assert engine.url == host.url(f"/run/{name}")
            assert engine.about().api
            assert engine.client[-1] == f"unix:///run/{name}"
        close_all()


def listened(text: str) -> bool:
    return text in Path("/proc/net/unix").read_text()


HELD = """
import sys, time
from sandbox.engine.ssh import open_tunnel
print(open_tunnel(sys.argv[1]).socket, flush=True)
time.sleep(60)
"""


@pytest.fixture
def shared(folder: Path) -> Iterator[SshHost]:
    """Give a host to which the user's own connection is open, the only way to it: nobody is let in any more."""
    lines = f"ControlPath {folder / 'mine'}\nControlMaster auto\nControlPersist yes\n"
    with ssh_host.ssh_host(folder, client_more=lines) as host:
        ssh = (host.path.partition(":")[0] + "/ssh", "-p", str(host.port), "root@127.0.0.1")
        subprocess.run([*ssh, "true"], check=True, stderr=subprocess.DEVNULL)
        (folder / "authorized").write_text("")
        yield host
        subprocess.run([*ssh[:1], "-O", "exit", *ssh[1:]], check=True, capture_output=True)


def test_the_users_own_connection_is_used_and_stays_as_it_was(
    shared: SshHost, engine_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", shared.path)
    url = shared.url(engine_url.removeprefix("unix://"))
    tunnel = open_tunnel(url)
    with connect(url, environ={}) as engine:
        assert engine.about().api
    assert listened(str(tunnel.socket))
    close_all()
    wait_for(lambda: not listened(str(tunnel.socket)))  # the user's ssh lets its end of a connection go by itself
    held = subprocess.Popen([sys.executable, "-c", HELD, url], stdout=subprocess.PIPE)
    assert held.stdout is not None
    left = held.stdout.readline().decode().strip()
    assert listened(left)
    held.send_signal(signal.SIGKILL)
    held.communicate()
    open_tunnel(url)
    assert not listened(left)
    assert not Path(left).parent.exists()


def test_ssh_asks_at_the_terminal_for_what_only_the_user_knows(folder: Path, tmp_path: Path, engine_url: str) -> None:
    program = Program(folder=tmp_path, engine="")
    with ssh_host.ssh_host(folder, passphrase="only mine") as host:
        url = host.url(engine_url.removeprefix("unix://"))
        at = program.terminal("list", PATH=host.path, SANDBOX_ENGINE=url, SSH_AUTH_SOCK="")
        at.expect(b"Enter passphrase for key")
        at.send(b"only mine\r")
        at.child.expect(pexpect.EOF)
        at.child.close()
        assert at.child.exitstatus == 0
        alone = program.run("list", PATH=host.path, SANDBOX_ENGINE=url, SSH_AUTH_SOCK="")
    assert alone.returncode == 3
    assert b"Permission denied" in alone.stderr
    wait_for(lambda: not list(Path(tempfile.gettempdir()).glob(f"sandbox-ssh-{at.child.pid}-*")))
