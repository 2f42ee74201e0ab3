"""What an engine has to give a sandbox that boots, which is refused, and where the boot comes in a plan."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from tests.unit.advised import advice_of

from sandbox.distros.lookup import find_target
from sandbox.engine.labels import PLAIN, POWER
from sandbox.engine.protocol import EngineInfo
from sandbox.errors import EngineError, UsageError
from sandbox.managers.registry import manager_of
from sandbox.provision.boot import PODMANS_INIT, boot_power, check_boot
from sandbox.provision.plan import Plan, Terms, plan_for
from sandbox.provision.request import TryRequest, request_for
from sandbox.specs.model import Spec
from sandbox.specs.privileges import Trust

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.provision.bundle import Bundle


def about(title: str, cgroup: str, *, rootless: bool = False, maps_users: bool = False) -> EngineInfo:
    name, _, version = title.partition(" ")
    return EngineInfo(
        name=name, version=version, api="1.44", url="unix:///x", cgroup=cgroup, rootless=rootless, maps_users=maps_users
    )


NEW_DOCKER = about("docker 28.0.4", "systemd, v2")
PODMAN = about("podman 4.3.1", "systemd, v2")
NEED_POWER = {
    "Docker on cgroup v1": about("docker 29.1.0", "cgroupfs, v1"),
    "an old Docker": about("docker 27.5.1", "systemd, v2"),
    "a rootless Docker": about("docker 28.5.2", "systemd, v2", rootless=True),
    "a Docker that maps users": about("docker 28.5.2", "systemd, v2", maps_users=True),
    "Podman on cgroup v1": about("podman 5.8.6", "cgroupfs, v1"),
    "Docker of an unknown version": about("docker ?", "systemd, v2"),
}


@pytest.mark.parametrize("engine", [NEW_DOCKER, PODMAN, about("podman 5.8.6", "systemd, v2", rootless=True)])
def test_an_engine_that_gives_a_cgroup_alone_needs_no_grant_and_gives_no_capability(engine: EngineInfo) -> None:
    found = boot_power(engine, is_granted=False)
    assert (found.label, found.cap_add) == (PLAIN, ())
    assert "apparmor=unconfined" not in found.security_opt
    assert boot_power(engine, is_granted=True) == found, "a grant gives no more than is needed"


def test_podman_is_told_by_the_name_of_the_first_program_and_docker_by_its_option() -> None:
    assert boot_power(PODMAN, is_granted=False).argv[0] == PODMANS_INIT
    assert boot_power(PODMAN, is_granted=False).links == {PODMANS_INIT: "/bin/sh"}
    assert boot_power(NEW_DOCKER, is_granted=False).security_opt == ("writable-cgroups=true",)


@pytest.mark.parametrize("engine", NEED_POWER.values(), ids=NEED_POWER)
def test_where_the_power_to_mount_is_needed_the_grant_is_and_the_engine_that_needs_none_is_named(
    engine: EngineInfo,
) -> None:
    with pytest.raises(EngineError, match="can boot nothing without the power to mount") as caught:
        boot_power(engine, is_granted=False)
    assert any("--allow boot" in text for text in advice_of(caught.value))
    assert any("Docker 28 and Podman" in text for text in advice_of(caught.value))
    found = boot_power(engine, is_granted=True)
    assert (found.label, found.cap_add, found.own_cgroups) == (POWER, ("SYS_ADMIN",), True)


@pytest.mark.parametrize("name", ["docker 28.5.2", "podman 5.8.6"])
def test_a_rootless_engine_without_cgroups_boots_nothing_whatever_is_granted(name: str) -> None:
    with pytest.raises(EngineError, match="no cgroups of its own"):
        boot_power(about(name, "none, v2", rootless=True), is_granted=True)


def booted(*packages: str, distro: str = "debian:bookworm", terms: Terms = Terms()) -> Plan:  # noqa: B008 - frozen
    target = find_target(distro)
    return plan_for(Spec(packages=packages, boot=True), target, manager_of(target.manager), terms)


def test_the_boot_comes_before_the_packages_and_behind_the_index() -> None:
    kinds = [step.kind for step in booted("htop", terms=Terms(cached=True, mirror="https://m.example/debian")).steps]
    assert kinds == ["mirror", "index", "boot", "fetch", "install"]


def test_a_boot_without_packages_brings_the_index_that_its_init_comes_from() -> None:
    assert [step.kind for step in booted().steps] == ["index", "boot"]


def test_what_booted_is_never_saved_to_the_cache() -> None:
    assert not booted("htop", terms=Terms(cached=True)).cached


@pytest.mark.parametrize("distro", ["alpine", "fedora", "arch", "opensuse-tumbleweed"])
def test_another_distro_is_refused_by_its_name(distro: str) -> None:
    with pytest.raises(UsageError, match=r"--boot can't boot .*, only Debian and its relatives"):
        booted(distro=distro)


def a_bundle() -> Bundle:
    bundle: Any = object()
    return bundle  # type: ignore[no-any-return]


REFUSED: dict[str, Callable[[TryRequest], TryRequest]] = {
    "--hardened": lambda found: replace(found, trust=Trust(hardened=True)),
    "--runtime": lambda found: replace(found, trust=Trust(runtime="runsc")),
    "--network host": lambda found: replace(found, spec=replace(found.spec, network="host")),
    "--network none": lambda found: replace(found, spec=replace(found.spec, network="none")),
    "--keep": lambda found: replace(found, life="kept"),
    "--detach": lambda found: replace(found, life="detached"),
    "--bundle": lambda found: replace(found, bundle=a_bundle()),
}


@pytest.mark.parametrize("option", REFUSED)
def test_what_does_not_go_with_a_boot_is_refused_by_its_name(option: str) -> None:
    check_boot(request_for(booted("htop")))
    with pytest.raises(UsageError, match=f"--boot and {option} can't be combined"):
        check_boot(REFUSED[option](request_for(booted("htop"))))


def test_the_power_to_mount_is_given_up_before_anything_else_runs() -> None:
    text = (Path(__file__).parents[3] / "src/sandbox/lifecycle/boot_power.sh").read_text()
    assert text.rstrip().splitlines()[-1].startswith("exec setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin ")
