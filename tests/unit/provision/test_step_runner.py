"""An install that brings the look behind it: what the command says, and how it ends, is as without that."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.unit.fakes import FakeEngine, FakeReporter

from sandbox.container.box import Box
from sandbox.core.programs import sh_argv
from sandbox.distros.lookup import find_target
from sandbox.managers.apt import driver as apt
from sandbox.provision.network import HostNetwork
from sandbox.provision.plan import Terms, plan_for
from sandbox.provision.run import Provisioned, Provisioning
from sandbox.provision.site import InstallSite
from sandbox.provision.step_runner import LOOKED
from sandbox.specs.model import Spec

if TYPE_CHECKING:
    from sandbox.engine.protocol import ExecSpec

LOOK = ("sh", "-c", 'cat; printf "%s\\0it\'s" "$1"; exit "$2"', "sh", "a b")


@pytest.mark.parametrize("shell", [name for name in ("sh", "dash", "bash") if shutil.which(name)])
@pytest.mark.parametrize(
    ("text", "look_status", "status", "seen"),
    [
        ("echo one; echo two >&2", 0, 0, b"a b\0it's" + LOOKED),
        ("echo one; echo two >&2", 3, 0, b"a b\0it's"),
        ("echo one; echo two >&2; exit 100", 0, 100, b""),
        ("echo one; echo two >&2; kill -9 $$", 0, 137, b""),
    ],
)
def test_an_install_ends_as_it_would_alone_and_a_look_follows_one_that_did_well(
    shell: str, text: str, look_status: int, status: int, seen: bytes
) -> None:
    look = shlex.join((*LOOK, str(look_status)))
    argv = (shell, *sh_argv("sandbox.provision", "install_and_look.sh", look, "sh", "-c", text)[1:])
    done = subprocess.run(argv, input=b"unread\n", capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (status, b"one\ntwo\n")
    assert done.stderr.endswith(seen) if status == 137 else done.stderr == seen


STANZA = "Package: {}\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\nInstalled-Size: 4\n\n"


class Distro:
    """Answers to a look, and to an install with the look behind it: whole or not."""

    def __init__(self, *, is_whole: bool) -> None:
        self.is_whole, self.status = is_whole, STANZA.format("bash")

    def __call__(self, spec: ExecSpec) -> tuple[int, bytes, bytes]:
        if "install" in spec.argv:
            self.status += STANZA.format("htop")
            return 0, b"E: no errors\n", self.look() + LOOKED if self.is_whole else self.look()[:20]
        return 0, self.look() if any("wc -c" in word for word in spec.argv) else b"", b""

    def look(self) -> bytes:
        return f"bash\0\0{len(self.status)} {apt.STATUS}\0{self.status}listing\0\0files\0".encode()


def provision(distro: Distro) -> tuple[Provisioned, FakeEngine]:
    engine, reporter = FakeEngine(commands=distro), FakeReporter()
    plan = plan_for(Spec(packages=("htop",)), find_target("debian:bookworm"), apt, Terms())
    site = InstallSite(box=Box(engine, "c"), plan=plan, manager=apt, network=HostNetwork(), reporter=reporter)
    return Provisioning(site).run(path="/usr/bin", looks_at_once=True), engine


@pytest.mark.parametrize(("is_whole", "looks"), [(True, 1), (False, 2)])
def test_a_look_that_was_cut_off_is_done_again_by_itself(is_whole: bool, looks: int) -> None:
    state, engine = provision(Distro(is_whole=is_whole))
    assert state.came == ("htop",)
    assert len([spec for spec in engine.ran if spec.argv[0] == "/bin/sh"]) == looks
