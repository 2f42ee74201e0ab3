"""The install script on a host of its own, a container with apt, sudo and doas: who may run it, and what goes wrong."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.integration.running import ARCHIVE
from tests.matrix import first
from tests.unit.fakes.promotions import PROMOTION

from sandbox.container.box import Box, Outcome
from sandbox.container.shell import DEFAULT_PATH
from sandbox.engine import labels
from sandbox.engine.protocol import ContainerSpec
from sandbox.managers.protocol import PackageRef
from sandbox.promote.formats import shell
from sandbox.promote.formats.base import PromotedPackage
from sandbox.specs.model import Limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.engine.docker.client import DockerEngine

PID1 = ("/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1; done")
SETUP = """
exec 2>&1
apt-get -qq update && apt-get -qq install -y --no-install-recommends sudo doas busybox >/dev/null || exit
mv /etc/apt/sources.list /etc/apt/sources.list.d/lab.list
apt-get -qq update && useradd ann && useradd bob && useradd eve || exit
echo 'ann ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/ann
echo 'permit nopass bob' >/etc/doas.conf && chmod 600 /etc/doas.conf
"""
INSTALLED = "dpkg-query -W -f '${db:Status-Abbrev} ${Package} ${Version}\\n' | grep ' lab-'; true"
SLOW_MIRROR = """
echo 'deb [trusted=yes] http://127.0.0.1:8000/ ./' >/etc/apt/sources.list.d/lab.list
echo 'Acquire::http::Dl-Limit "300"; Acquire::Retries "0";' >/etc/apt/apt.conf.d/slow
answers() { busybox wget -q -O /dev/null http://127.0.0.1:8000/Packages 2>/dev/null; }
while answers; do sleep 0.1; done # one that was told to end has the port until it has
busybox httpd -f -p 127.0.0.1:8000 -h /srv/lab >/dev/null 2>&1 &
echo $! >/run/mirror
until answers; do sleep 0.1; done
"""
OTHER = """
mkdir -p /srv/other/DEBIAN && cat >/srv/other/DEBIAN/control <<'END' && dpkg-deb -b /srv/other /srv || exit
Package: lab-other
Version: 1
Architecture: all
Maintainer: lab <lab@lab.invalid>
Depends: base-passwd | lab-lib
Description: needs one of two, as the apt of trixie does adduser
END
dpkg -i /srv/lab-other*
"""
CUT = """
set -m
sh /srv/install.sh -y & script=$!
until ls /var/cache/apt/archives/partial/lab-big* >/dev/null 2>&1; do sleep 0.1; done
ENDS
wait $script
"""


@dataclass(frozen=True, kw_only=True)
class Machine:
    """A container that plays a host."""

    box: Box

    def run(self, text: str, user: str = "root") -> Outcome:
        """Run shell text as a user."""
        argv = ("sh", "-c", text) if user == "root" else ("su", user, "-c", text)
        return self.box.exec(argv, env={"PATH": DEFAULT_PATH})

    def script(self, options: str, *, shell: str = "sh", user: str = "root") -> Outcome:
        """Run the install script as a user, by a shell."""
        return self.run(f"{shell} /srv/install.sh {options}", user)

    def give(self, *names: str) -> None:
        """Put the script for these packages there; a name may have a version that was asked for."""
        packages = []
        for name, _, version in (text.partition("=") for text in names):
            ref = PackageRef(name=name, version=version or None)
            packages.append(PromotedPackage(ref=ref, version=version or "1.0"))
        text = shell.render(replace(PROMOTION, packages=tuple(packages))).encode()
        assert self.box.exec(("sh", "-c", "cat >/srv/install.sh"), stdin=text).status == 0

    def installed(self) -> set[str]:
        """Return the lab's packages as `ii lab-tool 2.0`."""
        return {" ".join(line.split()) for line in self.run(INSTALLED).stdout.splitlines()}

    def state(self) -> set[str]:
        """Return the lines of the script's state."""
        return set(self.run("cat /var/lib/sandbox-promote/* 2>/dev/null; true").stdout.splitlines())


def started(engine: DockerEngine, image: str, name: str) -> str:
    spec = ContainerSpec(
        name=name, image=image, argv=PID1, labels={labels.KIND: "test-service"}, hostname="host", limits=Limits()
    )
    container = engine.create(spec)
    engine.start(container)
    return container


@pytest.fixture(scope="module")
def image(engine: DockerEngine) -> Iterator[str]:
    """Give an image of a host with users: ann has sudo, bob doas, eve neither."""
    name = f"script-host-{os.getpid()}"
    container = started(engine, ARCHIVE, name)
    try:
        outcome = Box(engine, container).exec(("sh", "-c", SETUP))
        assert outcome.status == 0, outcome.output
        engine.commit(container, reference=f"{name}:latest", labels={labels.KIND: "test-service"})
    finally:
        engine.remove(container)
    yield f"{name}:latest"
    engine.remove_image(f"{name}:latest")


@pytest.fixture
def machine(engine: DockerEngine, image: str) -> Iterator[Machine]:
    container = started(engine, image, f"script-{os.getpid()}")
    yield Machine(box=Box(engine, container))
    engine.remove(container)


WHO = (("ann", "dash"), ("bob", "bash"), ("root", "busybox sh"))


@pytest.mark.parametrize(("user", "shell"), first(WHO, 2, several=True))
def test_it_installs_and_takes_off_as_root_by_sudo_and_by_doas_in_any_shell(
    machine: Machine, user: str, shell: str
) -> None:
    machine.give("lab-tool=2.0", "lab-extra")
    done = machine.script("-y", shell=shell, user=user)
    assert done.status == 0, done.output
    assert machine.installed() == {"ii lab-tool 2.0", "ii lab-extra 1.0", "ii lab-lib 1.1"}
    assert "all is installed already" in machine.script("-y", shell=shell, user=user).stdout
    off = machine.script("--uninstall -y", shell=shell, user=user)
    assert off.status == 0, off.output
    assert "taken off: lab-extra lab-lib lab-tool" in off.stdout
    assert not machine.installed()
    assert machine.run("ls -d /var/lib/sandbox-promote").status != 0


def test_who_may_not_become_root_changes_nothing_and_is_told(machine: Machine) -> None:
    machine.give("lab-tool")
    refused = machine.script("-y", user="eve")
    assert refused.status == 1
    assert "neither sudo nor doas that gives it" in refused.stderr
    assert not machine.state()
    for option in ("--help", "--dry-run", "--check"):
        assert machine.script(option, user="eve").status == 0
    assert not machine.installed()


def test_a_package_that_was_there_in_an_older_version_is_brought_up_and_stays(machine: Machine) -> None:
    machine.give("lab-tool=2.0")
    machine.run("apt-get install -y --no-install-recommends lab-tool=1.0")
    assert machine.script("-y").status == 0
    assert machine.installed() == {"ii lab-tool 2.0", "ii lab-lib 1.1"}
    assert not machine.state()
    assert machine.script("--uninstall -y").status == 0
    assert machine.installed() == {"ii lab-tool 2.0", "ii lab-lib 1.1"}


def test_what_needs_it_by_now_keeps_it(machine: Machine) -> None:
    machine.give("lab-lib", "lab-extra")
    machine.script("-y")
    machine.run("apt-get install -y --no-install-recommends lab-tool")
    off = machine.script("--uninstall -y")
    assert "stays: lab-lib, since something else here needs it" in off.stdout
    assert machine.installed() == {"ii lab-tool 2.0", "ii lab-lib 1.1"}


NEEDS_REDIS = OTHER.replace("lab-other", "lab-client").replace("base-passwd | lab-lib", "redis-server")


def test_what_is_held_or_needed_stays_with_its_mark_and_its_data(machine: Machine) -> None:
    machine.give("redis-server")
    assert machine.script("-y").status == 0
    machine.run("mkdir -p /var/lib/redis && echo mine >/var/lib/redis/dump.rdb && apt-mark hold redis-server")
    held = machine.script("--uninstall -y")
    assert (held.status, "apt-mark unhold" in held.output) == (1, True), held.output
    assert machine.run("apt-mark showmanual redis-server").stdout.split() == ["redis-server"]

    made = machine.run(f"apt-mark unhold redis-server\n{NEEDS_REDIS}")
    assert made.status == 0, made.output
    assert "stays: redis-server, since" in machine.script("--uninstall -y").stdout
    for _ in range(2):
        kept = machine.script("--purge --delete-data -y")
        assert "stays: all data, since these are here and may use it: redis-server redis-tools" in kept.stdout
        assert machine.run("cat /var/lib/redis/dump.rdb").stdout.split() == ["mine"]


def test_what_another_could_have_but_does_not_need_goes_with_what_brought_it(machine: Machine) -> None:
    made = machine.run(OTHER)
    assert made.status == 0, made.output
    machine.give("lab-tool")
    assert machine.script("-y").status == 0
    off = machine.script("--uninstall -y")
    assert "taken off: lab-lib lab-tool" in off.stdout, off.output
    assert machine.installed() == {"ii lab-other 1"}


def test_what_an_install_takes_off_is_said_then_and_when_it_is_taken_back(machine: Machine) -> None:
    machine.give("lab-conflict")
    machine.run("apt-get install -y lab-extra")
    assert "Remv lab-extra" in machine.script("--check").stdout
    assert "warning: the install took off lab-extra" in machine.script("-y").stderr
    off = machine.script("--uninstall -y")
    assert "warning: lab-extra, which the install took off, is not brought back" in off.stderr
    assert not machine.installed()


def test_what_failed_halfway_is_said_and_can_be_taken_back(machine: Machine) -> None:
    machine.give("lab-extra", "lab-broken")
    failed = machine.script("-y")
    assert failed.status == 100
    assert "installed so far: lab-broken lab-extra" in failed.stderr
    assert machine.installed() == {"iF lab-broken 1.0", "ii lab-extra 1.0"}
    off = machine.script("--uninstall -y")
    assert off.status == 0, off.output
    assert not machine.installed()
    assert not machine.state()


ENDS = (("kill -INT -$script", 130), ("kill $(cat /run/mirror)", 100))


@pytest.mark.parametrize(("ends", "status"), first(ENDS, several=True))
def test_a_mirror_that_dies_and_a_ctrl_c_leave_a_second_run_to_carry_on(
    machine: Machine, ends: str, status: int
) -> None:
    machine.give("lab-big", "lab-tool")
    machine.run(SLOW_MIRROR)
    argv = ("bash", "-c", CUT.replace("ENDS", ends))
    failed = machine.box.exec(argv, env={"PATH": DEFAULT_PATH})
    assert failed.status == status
    assert f"failed with status {status}; installed so far: nothing" in failed.stderr
    assert not machine.installed()
    assert not machine.state()
    machine.run(f"kill $(cat /run/mirror); {SLOW_MIRROR} rm /etc/apt/apt.conf.d/slow")
    assert machine.script("-y").status == 0
    assert machine.state() == {"asked lab-big", "asked lab-tool", "came lab-big", "came lab-lib", "came lab-tool"}
