"""The steps of a plan in a container: what is known at the end, and what is said when one fails."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from tests.unit.advised import advice_of
from tests.unit.fakes import FakeEngine, FakeReporter

from sandbox.container.box import Box
from sandbox.distros.lookup import find_target
from sandbox.errors import StepFailed, UnknownPackage
from sandbox.managers.apt import driver as apt
from sandbox.managers.languages.pip import driver as pip
from sandbox.provision.network import INSIDE, HostNetwork
from sandbox.provision.plan import Terms, plan_for
from sandbox.provision.run import Provisioned, Provisioning, versions
from sandbox.provision.site import InstallSite
from sandbox.specs.model import Spec

if TYPE_CHECKING:
    from sandbox.engine.protocol import ExecSpec

UNREACHED = HostNetwork()
NETWORK = HostNetwork(proxies={"http_proxy": "http://p"}, bundle=b"PEM")
STATUS = "Package: {name}\nStatus: install ok installed\nVersion: {version}\nArchitecture: amd64\nInstalled-Size: 4\n\n"
BASH, HTOP = STATUS.format(name="bash", version="5"), STATUS.format(name="htop", version="3")


class Distro:
    """Answers as a distro would: a look at it, the manager's commands, and what they change."""

    def __init__(self, *, fails: str = "", said: str = "") -> None:
        self.status, self.commands, self.fails, self.said = BASH, "bash\0", fails, said
        self.index = b"htop\nhtop-dev\nbtop\n"

    def __call__(self, spec: ExecSpec) -> tuple[int, bytes, bytes]:
        words = " ".join(spec.argv)
        if "wc -c" in words:
            files = f"{len(self.status)} {apt.STATUS}\0{self.status}"
            return 0, f"{self.commands}\0{files}listing\0\0files\0".encode(), b""
        if self.fails and self.fails in spec.argv:
            return 100, b"", self.said.encode()
        if "pkgnames" in words:
            return 0, self.index, b""
        if "install" in spec.argv:
            self.status, self.commands = BASH + HTOP, "bash\0htop\0"
        return 0, b"", b""


def work_in(
    engine: FakeEngine, spec: Spec, network: HostNetwork = UNREACHED, *, cached: bool = False, goes: bool = False
) -> Provisioning:
    """Return what runs the steps for a spec in a sandbox of Debian."""
    plan = plan_for(spec, find_target("debian:bookworm"), apt, Terms(cached=cached))
    box = Box(engine, "c")
    return Provisioning(
        InstallSite(box=box, plan=plan, manager=apt, network=network, reporter=FakeReporter(), goes=goes)
    )


def provisioned(engine: FakeEngine, spec: Spec, *, network: HostNetwork, cached: bool = False) -> Provisioned:
    return work_in(engine, spec, network, cached=cached).run(path="/usr/bin")


def test_what_came_is_known_at_the_end() -> None:
    found = provisioned(FakeEngine(commands=Distro()), Spec(packages=("htop",)), network=HostNetwork())
    assert [(row.name, row.version) for row in found.asked] == [("htop", "3")]
    assert (found.commands, found.dependencies, found.explicit) == (("htop",), 0, frozenset({"bash", "htop"}))


def test_nothing_asked_for_runs_nothing_but_the_look() -> None:
    engine = FakeEngine(commands=Distro())
    assert provisioned(engine, Spec(), network=NETWORK).explicit == frozenset({"bash"})
    assert len(engine.ran) == 1


@pytest.mark.parametrize("said", [b"", b"Get:1 an index\n"])
def test_the_first_look_is_over_before_anything_changes(said: bytes) -> None:
    distro = Distro()

    def slow(spec: ExecSpec) -> tuple[int, bytes, bytes]:
        looks = any("wc -c" in word for word in spec.argv)
        time.sleep(0.05 * looks)
        status, out, err = distro(spec)
        return status, said if "update" in spec.argv else out, err

    engine = FakeEngine(commands=slow)
    found = provisioned(engine, Spec(packages=("htop",)), network=HostNetwork())
    kinds = ["look" if any("wc -c" in word for word in spec.argv) else spec.argv[-1] for spec in engine.ran]
    assert kinds == ["update", "look", "htop", "look"]
    assert found.commands == ("htop",)


def test_what_begins_after_the_steps_begins_before_the_last_look() -> None:
    engine, seen = FakeEngine(commands=Distro()), list[str]()
    work = work_in(engine, Spec(packages=("htop",)))
    work.run(path="/usr/bin", after_steps=lambda: seen.extend(spec.argv[-1] for spec in engine.ran))
    assert seen[-1] == "htop"
    assert "wc -c" in " ".join(engine.ran[-1].argv)


def test_the_hosts_network_reaches_every_step_and_its_certificates_go_at_the_end() -> None:
    engine = FakeEngine(commands=Distro())
    provisioned(engine, Spec(packages=("htop",), setup=("true",)), network=NETWORK)
    steps = [spec for spec in engine.ran if not any("wc -c" in word for word in spec.argv)]
    assert all(spec.env["http_proxy"] == "http://p" and spec.env["SSL_CERT_FILE"] == INSIDE for spec in steps)
    assert [process.stream.sent for process in engine.execs].count(b"PEM") == 1
    assert INSIDE in engine.ran[-1].argv
    assert all(spec.user == "0" for spec in engine.ran)


@pytest.mark.parametrize("goes", [True, False])
def test_dpkg_leaves_the_disk_to_the_kernel_only_where_all_goes_with_the_session(goes: bool) -> None:
    engine = FakeEngine(commands=Distro())
    work_in(engine, Spec(packages=("htop",)), goes=goes).run(path="")
    steps = [spec for spec in engine.ran if not any("wc -c" in word for word in spec.argv)]
    assert [spec.env.get("DPKG_FORCE", "") for spec in steps] == ["security-mac,downgrade,unsafe-io" * goes] * 2
    assert not [word for spec in engine.ran for word in spec.argv if "unsafe-io" in word or "DPKG_FORCE" in word]


def test_without_certificates_none_are_brought() -> None:
    engine = FakeEngine(commands=Distro())
    provisioned(engine, Spec(packages=("htop",)), network=HostNetwork())
    assert not [spec for spec in engine.ran if INSIDE in spec.argv]


def test_an_unknown_package_has_the_nearest_names_of_the_distros_own_index() -> None:
    distro = Distro(fails="install", said="E: Unable to locate package htpo\n")
    with pytest.raises(UnknownPackage) as caught:
        provisioned(FakeEngine(commands=distro), Spec(packages=("htpo",)), network=HostNetwork())
    error = caught.value
    assert error.exit_code == 4
    assert "htpo" in error.brief
    assert dict(error.details)["nearest"].startswith("htop")
    assert advice_of(error) == ("the same with htop for htpo",)


def test_an_unknown_package_has_its_name_in_this_distro_before_what_is_spelled_alike() -> None:
    distro = Distro(fails="install", said="E: Unable to locate package fd\n")
    distro.index = b"fdisk\nfd-find\nfdm\n"
    with pytest.raises(UnknownPackage) as caught:
        provisioned(FakeEngine(commands=distro), Spec(packages=("fd",)), network=HostNetwork())
    details = dict(caught.value.details)
    assert (details["its name here"], details["nearest"]) == ("fd-find", "fdm, fdisk")
    assert advice_of(caught.value) == ("the same with fd-find for fd",)


def test_a_failed_setup_command_is_shown_with_what_it_said() -> None:
    distro = Distro(fails="false; x", said="line 1\n\x1b[31mline 2\x1b[0m\n")
    with pytest.raises(StepFailed, match="setup failed with exit status 100") as caught:
        provisioned(FakeEngine(commands=distro), Spec(setup=("false; x",)), network=HostNetwork())
    details = dict(caught.value.details)
    assert details["it said"] == "line 1\nline 2"
    assert details["ran"] == "sh -c 'false; x'"


def test_evidence_is_the_steps_own_command_not_what_we_wrap_around_it() -> None:
    distro = Distro(fails="false; x", said="no")
    with pytest.raises(StepFailed) as caught:
        provisioned(FakeEngine(commands=distro), Spec(setup=("false; x",)), network=NETWORK)
    assert dict(caught.value.details)["ran"] == "sh -c 'false; x'"


class Languages(Distro):
    """Has what a pip put into /opt/pip, once it has run."""

    def __call__(self, spec: ExecSpec) -> tuple[int, bytes, bytes]:
        text = " ".join(spec.argv)
        if "sandbox-language" in text and "http" not in self.commands.split("\0"):
            return 0, b"sandbox-language pip\n", b""
        if "sandbox-language" in text:
            listed = "4\t/opt/pip/httpie\n" + "".join(
                f"/opt/pip/httpie/lib/python3.11/site-packages/{name}.dist-info\n"
                for name in ("httpie-3.2.2", "rich-1")
            )
            return 0, f"sandbox-language pip\n{listed}".encode(), b""
        if "httpie" in spec.argv and "wc -c" not in text:
            self.commands += "http\0"
            return (1, b"", self.said.encode()) if self.fails == "pip" else (0, b"", b"")
        answer = super().__call__(spec)
        if "apt-get" in spec.argv and "install" in spec.argv:
            self.commands += "apt-thing\0"
        return answer


def test_a_languages_package_is_told_with_its_version_and_its_commands_before_the_distros() -> None:
    found = provisioned(FakeEngine(commands=Languages()), Spec(packages=("pip:httpie", "htop")), network=NETWORK)
    assert [(row.full_name, row.version) for row in found.asked] == [("htop", "3"), ("pip:httpie", "3.2.2")]
    assert found.commands == ("htop", "http", "apt-thing")
    assert (found.dependencies, found.size) == (1, 8192)
    assert found.explicit == frozenset({"bash", "htop", "pip:httpie"})
    assert found.languages == ("pip",)
    assert set(found.stamps) == {*apt.state_files, *pip.state_files}
    assert versions(found) == ("htop 3", "pip:httpie 3.2.2")


def test_what_a_language_needs_was_not_asked_for_by_the_user() -> None:
    found = provisioned(FakeEngine(commands=Languages()), Spec(packages=("pip:httpie",)), network=HostNetwork())
    assert versions(found) == ("pip:httpie 3.2.2",)


def test_an_unknown_package_of_a_language_is_not_called_one_of_the_distro() -> None:
    said = "ERROR: No matching distribution found for httpie"
    engine = FakeEngine(commands=Languages(fails="pip", said=said))
    with pytest.raises(UnknownPackage, match="no package named httpie") as caught:
        provisioned(engine, Spec(packages=("pip:httpie",)), network=HostNetwork())
    assert "nearest" not in dict(caught.value.details)
