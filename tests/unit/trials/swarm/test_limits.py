"""What a swarm can't do is refused by its name."""

from __future__ import annotations

import pytest

from sandbox.distros.lookup import find_target
from sandbox.engine.swarm import Node
from sandbox.managers.apt import driver as apt
from sandbox.provision.plan import Terms, plan_for
from sandbox.specs.model import Copy, FileCheck, Limits, Mount, Port, PortCheck, RunCheck, Spec
from sandbox.specs.privileges import Trust
from sandbox.trials.swarm.limits import clamp_limits, unsupported_options

CASES: dict[str, tuple[Spec, Trust, list[str]]] = {
    "all that it can": (
        Spec(
            packages=("htop",),
            ports=(Port(container=80, published=80),),
            checks=(RunCheck(run="x", user="root"), FileCheck(file="/x")),
            capabilities=("NET_ADMIN",),
        ),
        Trust(capabilities=("NET_ADMIN",)),
        [],
    ),
    "hardened": (Spec(), Trust(hardened=True), ["--hardened"]),
    "offline": (Spec(network="offline"), Trust(), ["network"]),
    "another user": (Spec(checks=(FileCheck(file="/x"), RunCheck(run="x", user="me"))), Trust(), ["checks[2].user"]),
    "a service's port": (Spec(checks=(PortCheck(port=80),)), Trust(), ["checks[1].port"]),
    "a port that setup opens": (Spec(setup=("httpd",), checks=(PortCheck(port=80),)), Trust(), []),
    "all at once": (
        Spec(
            dockerfile="/x",
            platform="linux/arm64",
            network="none",
            mounts=(Mount(source="/a", target="/b"),),
            devices=("/dev/kvm",),
            copies=(Copy(source="/a", target="/b"),),
            shm_size=1_000_000,
        ),
        Trust(runtime="runsc", as_user=True),
        ["dockerfile", "platform", "mounts", "copies", "devices", "shm-size", "network", "--runtime", "--user"],
    ),
}


@pytest.mark.parametrize(("spec", "trust", "names"), CASES.values(), ids=CASES.keys())
def test_everything_that_a_swarm_can_not_give_is_named(spec: Spec, trust: Trust, names: list[str]) -> None:
    plan = plan_for(spec, find_target("debian:bookworm"), apt, Terms())
    assert [name for name, _ in unsupported_options(spec, plan, trust)] == names


def test_an_image_whose_distro_nobody_named_and_one_with_a_companion_are_refused() -> None:
    assert [name for name, _ in unsupported_options(Spec(image="x"), None, Trust())] == ["image"]
    from sandbox.managers.portage import driver as portage

    gentoo = plan_for(Spec(), find_target("gentoo"), portage, Terms())
    assert [name for name, _ in unsupported_options(Spec(), gentoo, Trust())] == ["distro"]


def test_a_cell_gets_no_more_cores_than_each_node_that_is_up_has() -> None:
    nodes = (Node(id="1", name="a"), Node(id="2", name="b", cpus=8.0), Node(id="3", name="c", cpus=0.5, is_up=False))
    assert clamp_limits(Limits(cpus=2.0), nodes[1:]).cpus == 2.0
    assert clamp_limits(Limits(cpus=2.0), nodes).cpus == 1.0
