"""What a package can't do by default, under --hardened and as a user; and that what packages need still works."""

from __future__ import annotations

import os
import re
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.integration.boxes import below_postgres
from tests.integration.running import ARCHIVE, Program
from tests.matrix import FULL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.engine.docker.client import DockerEngine

DEBIAN = ("try", "--distro", "debian", "--quiet")
CAPABILITIES = "sed -n 's/^CapBnd:[[:space:]]*//p; s/^NoNewPrivs:[[:space:]]*//p' /proc/self/status"
SYS_ADMIN, MKNOD, NET_RAW = 21, 27, 13
"""Numbers of bits (linux/capability.h)."""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, engine_url: str, base: str) -> Program:
    assert base
    return Program(folder=tmp_path_factory.mktemp("trust"), engine=engine_url, debian=ARCHIVE)


def said(program: Program, *words: str) -> str:
    done = program.run(*DEBIAN, *words)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def has(bits: str, number: int) -> bool:
    return bool(int(bits, 16) >> number & 1)


def test_nothing_of_the_host_can_be_seen_or_reached(program: Program) -> None:
    look = (
        "ls /dev; echo; cut -d' ' -f3 /proc/mounts | sort -u; echo; ls /var/run/docker.sock /run/podman 2>&1 | wc -l;"
        "mknod /tmp/sda b 8 0 2>&1; mount -t tmpfs none /mnt 2>&1; echo 1 2>&1 >/proc/sys/kernel/panic;"
        "head -c 10 /proc/kcore | wc -c; dmesg 2>&1 | head -1; env"
    )
    told = said(program, "--", "sh", "-c", look)
    devices = told.split("\n\n")[0].split()
    assert not [name for name in devices if name.startswith(("sd", "vd", "nvme", "loop", "kvm", "mem", "dm-"))]
    assert told.count("Operation not permitted") + told.count("permission denied") >= 2
    assert (
        "Read-only file system"
        in program.run(*DEBIAN, "--", "sh", "-c", "echo 1 >/proc/sys/kernel/panic").stderr.decode()
    )


def test_by_default_it_has_what_packages_need_and_no_more(program: Program, engine: DockerEngine) -> None:
    bound, no_new = said(program, "--", "sh", "-c", CAPABILITIES).split()
    raw = not engine.title.startswith("podman")  # containers.conf(5), default_capabilities: nothing is added to them
    assert (has(bound, SYS_ADMIN), has(bound, MKNOD), has(bound, NET_RAW)) == (False, False, raw)
    assert no_new == "0"


def test_hardened_has_neither_privileges_nor_ways_to_them_and_still_installs(program: Program) -> None:
    line = f"hello; {CAPABILITIES}"
    _, bound, no_new = said(program, "hello", "--hardened", "--", "sh", "-c", line).splitlines()
    assert (has(bound, SYS_ADMIN), has(bound, MKNOD), has(bound, NET_RAW)) == (False, False, False)
    assert no_new == "1"


@FULL
def test_what_people_install_most_works_under_the_defaults(engine: DockerEngine, tmp_path: Path) -> None:
    program = Program(folder=tmp_path, engine=engine.url, debian=below_postgres(engine))
    pings = "ping -c1 -W5 127.0.0.1 >/dev/null; su joe -c 'ping -c1 -W5 127.0.0.1' >/dev/null;"
    line = (
        "set -e; useradd -m joe; echo 'joe ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/joe;"
        f"su joe -c 'sudo id -u'; {'' if engine.title.startswith('podman') else pings}"
        "mkdir -p /run/sshd; /usr/sbin/sshd;"  # which listens after it has gone into the background
        "until key=$(ssh-keyscan -t ed25519 127.0.0.1 2>/dev/null | grep ed25519); do sleep 0.1; done;"
        "echo $key | cut -d' ' -f2;"
        "pg_ctlcluster $(ls /etc/postgresql) main start; su postgres -c 'psql -Atc \"select 6*7\"'"
    )
    packages = ("sudo", "iputils-ping", "openssh-server", "openssh-client", "postgresql")
    assert said(program, *packages, "--", "bash", "-c", line).split() == ["0", "ssh-ed25519", "42"]


def test_as_a_user_it_is_nobody_of_importance(program: Program) -> None:
    line = "id -un; id -u; pwd; touch ~/mine && echo ok; touch /etc/x 2>&- || echo no; command -v sudo || echo none"
    assert said(program, "--user", "--", "sh", "-c", line).split() == ["try", "1000", "/home/try", "ok", "no", "none"]


def test_a_user_of_the_image_is_named_and_begins_in_its_home(program: Program) -> None:
    words = ("--user=games:audio", "--", "sh", "-c", "id -un; id -gn; pwd; test -w /dev/sandbox || echo no")
    assert said(program, *words).split() == ["games", "audio", "/usr/games", "no"]
    done = program.run("try", "--distro", "debian", "-q", "--user=gamse", "--", "true")
    assert done.returncode == 125
    assert b"error: the sandbox has no user gamse\n  users   root, daemon" in done.stderr
    assert b"next    the same command with --user=games\n" in done.stderr


@pytest.fixture
def shared() -> Iterator[Path]:
    """Give a folder that an engine of another user can mount, too."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        yield Path(folder)


def test_what_a_user_writes_to_a_mount_is_that_users(program: Program, engine: DockerEngine, shared: Path) -> None:
    mount = ("--mount", f"{shared}:/shared:rw")
    line = "touch /shared/theirs; id -u; id -g"
    assert said(program, "--user=1234:77", *mount, "--", "sh", "-c", line).split() == ["1234", "77"]
    own = said(program, "--user=0:77", *mount, "--", "sh", "-c", "touch /shared/roots; id -u; stat -c %g /shared/roots")
    assert own.split() == ["0", "77"]
    said(program, "--user=host", *mount, "--", "touch", "/shared/ours")
    made, ours = (shared / "theirs").stat(), (shared / "ours").stat()
    if engine.about().rootless:  # root in there is who runs the engine, and other numbers are others here
        assert ours.st_uid == Path(engine.url.removeprefix("unix://")).stat().st_uid
    else:
        assert (ours.st_uid, ours.st_gid) == (os.getuid(), os.getgid())
        assert (made.st_uid, made.st_gid) == (1234, 77)


def test_a_proxy_on_the_hosts_loopback_is_reached_by_the_bridge_where_it_listens_there(
    program: Program, engine: DockerEngine, bridge: str
) -> None:
    if engine.about().rootless:
        pytest.skip("the engine's bridge is not on this host")
    with socket.create_server(("0.0.0.0", 0)) as proxy:
        port = proxy.getsockname()[1]
        line = f"echo $http_proxy; exec 3<>/dev/tcp/{bridge}/{port} && echo reached"
        words = ("try", "--distro", "debian", "--proxy-in-shell", "-q", "--", "bash", "-c", line)
        done = program.run(*words, http_proxy=f"http://localhost:{port}")
    assert done.stdout.decode().split() == [f"http://{bridge}:{port}", "reached"], done.stderr


def test_offline_is_cut_and_the_install_was_not(program: Program) -> None:
    line = "hello; sed -n 's/^ *\\([a-z0-9]*\\):.*/\\1/p' /proc/net/dev; cat /proc/net/route | wc -l"
    assert said(program, "hello", "--offline", "--", "sh", "-c", line).split() == ["Hello,", "world!", "lo", "1"]


@pytest.mark.parametrize("source", ["/", "/etc", "/var/run/docker.sock"])
def test_a_mount_that_hands_the_host_over_is_refused_unless_it_is_meant(program: Program, source: str) -> None:
    done = program.run(*DEBIAN, "--mount", f"{source}:/x", "--", "true")
    assert done.returncode == 125
    assert "refused a dangerous mount" in done.stderr.decode()
    assert "--allow-dangerous" in done.stderr.decode()


def test_what_this_host_has_not_is_refused_before_anything_is_made(program: Program) -> None:
    for option, word in (("--mount", "/no/such:/x"), ("--device", "/dev/no-such"), ("--cap-add", "NET_ADMN")):
        done = program.run(*DEBIAN, option, word)
        said = done.stderr.decode()
        assert (done.returncode, said.startswith(f"error: {option}: ")) == (2, True), said
        assert said.splitlines()[1:] == ["  next   sandbox try --help"]
    (program.work / "web.yaml").write_text(UNFIT)
    done = program.run("validate", "web.yaml")
    assert done.returncode == 2
    assert re.findall(r"web\.yaml:(\d):", done.stderr.decode()) == ["2", "3"]


def test_a_mount_that_is_meant_is_made_read_only(program: Program) -> None:
    done = program.run(
        *DEBIAN, "--mount", "/etc:/x", "--allow-dangerous", "--", "sh", "-c", "ls /x/os-release; touch /x/a"
    )
    assert done.stdout == b"/x/os-release\n"
    assert b"Read-only" in done.stderr


UNFIT = "distro: debian\nmounts: ['/no/such:/x']\ndevices: [/dev/no-such, /dev/null]\n"
SPEC = "distro: debian\ncapabilities: [sys_ptrace]\nnetwork: host\nlimits: {pids: 9999}\ncommand: [true]\n"


def test_a_spec_that_asks_for_more_says_so_and_has_to_be_granted(
    program: Program, tmp_path: Path, engine: DockerEngine
) -> None:
    (tmp_path / "more.yaml").write_text(SPEC)
    path = str(tmp_path / "more.yaml")
    refused = program.run("try", "--spec", path)
    assert refused.returncode == 2
    assert refused.stderr.decode().count("\n  ") >= 3
    assert "--allow capabilities,limits,network" in refused.stderr.decode()
    granted = program.run("try", "--spec", path, "--quiet", "--allow", "capabilities,limits,network")
    can_limit = not engine.about().lacks  # a rootless engine without cgroups: what it can't give is refused
    said = granted.stderr.decode()
    assert (granted.returncode, "can't limit" in said) == ((0, False) if can_limit else (3, True)), said


def test_a_runtime_the_engine_has_not_or_does_not_take_is_refused(program: Program) -> None:
    done = program.run(*DEBIAN, "--runtime", "no-such-runtime", "--", "true")
    assert done.returncode == 125
    assert "no-such-runtime" in done.stderr.decode()
