"""--like-host and --upgrade are refused where the sandbox would begin as something else than this host."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from sandbox.cli.inspect_options import check_upgrade
from sandbox.cli.like_host import _check_alone
from sandbox.cli.try_arguments import TryArguments
from sandbox.cli.try_options import What
from sandbox.distros.lookup import find_target
from sandbox.errors import UsageError
from sandbox.managers.host_state import HostFile, HostPackage, HostState
from sandbox.managers.registry import manager_of
from sandbox.provision.host_steps import check_readable, check_release
from sandbox.provision.plan import Terms, plan_for
from sandbox.specs.model import Spec

STATE = HostState(
    packages=(HostPackage(name="tree", version="1"),),
    files=(HostFile(path="/etc/apt/sources.list", content=b"deb x\n"),),
)


@pytest.mark.parametrize(
    ("spec", "what", "named"),
    [
        (Spec(image="debian"), What(), "--image"),
        (Spec(platform="linux/arm64"), What(), "--platform"),
        (Spec(distro="fedora"), What(), "--distro fedora"),
        (Spec(distro="debian:sid"), What(), "--distro debian:sid"),
        (Spec(), What(as_of="2026-01-01"), "--as-of"),
        (Spec(), What(locked=True), "--locked"),
    ],
)
def test_what_makes_another_base_is_refused(spec: Spec, what: What, named: str) -> None:
    with pytest.raises(UsageError, match=f"--like-host and {named} can't be combined"):
        _check_alone(TryArguments(what=what), spec, "debian:bookworm")


def test_the_hosts_own_distro_may_be_named() -> None:
    for distro in (None, "debian", "debian:bookworm"):
        _check_alone(TryArguments(), Spec(distro=distro), "debian:bookworm")


@pytest.mark.parametrize("name", ["opensuse-leap", "gentoo", "nixos", "void"])
def test_a_host_of_another_manager_is_refused_by_name(name: str) -> None:
    target = find_target(name)
    with pytest.raises(UsageError, match=f"can't read a host of {target.manager}"):
        check_readable(target)


def test_an_upgrade_is_of_this_host_alone() -> None:
    with pytest.raises(UsageError, match="needs --like-host"):
        check_upgrade((), like_host=False)
    with pytest.raises(UsageError, match="--upgrade and htop can't be combined"):
        check_upgrade(("htop",), like_host=True)
    with pytest.raises(UsageError, match="--upgrade-to needs --like-host"):
        check_upgrade((), like_host=False, to="trixie")
    with pytest.raises(UsageError, match="--upgrade and --upgrade-to can't be combined"):
        check_upgrade((), like_host=True, both=True, to="trixie")


def test_another_release_is_one_of_this_hosts_distro() -> None:
    host = find_target("debian:bookworm")
    assert [check_release(host, name) for name in ("trixie", "13", "testing")] == ["trixie", "trixie", "forky"]
    for distro, release, said in (
        ("debian:bookworm", "noble", "Debian has no release 'noble'"),
        ("debian:bookworm", "12", "this host is debian bookworm already"),
        ("fedora", "44", "works only with apt, and this host has dnf5"),
    ):
        with pytest.raises(UsageError, match=said):
            check_release(find_target(distro), release)


def test_the_plan_begins_with_the_host_and_has_one_index() -> None:
    target = find_target("debian")
    manager = manager_of(target.manager)
    terms = Terms(like=STATE, mirror="http://mirror.example/debian", cached=True)
    plan = plan_for(Spec(packages=("htop",)), target, manager, terms)
    assert [step.kind for step in plan.steps] == ["repository", "index", "host", "fetch", "install"]
    upgrade = plan_for(Spec(), target, manager, replace(terms, upgrade=True))
    assert [step.kind for step in upgrade.steps] == ["repository", "index", "host", "install"]
    assert upgrade.steps[-1].argv[-2:] == ("upgrade", "-y")
    assert upgrade.upgrades == "upgrade of this host"
    release = plan_for(Spec(), target, manager, replace(terms, upgrade=True, upgrade_to="trixie"))
    kinds = ["repository", "index", "host", "host", "install", "install"]
    assert [step.kind for step in release.steps] == kinds
    assert release.steps[-1].argv[-2:] == ("dist-upgrade", "-y")
    assert release.upgrades == "upgrade of this host to trixie"
