"""What desktop programs need beside themselves comes before the packages, with an index where there is none."""

from __future__ import annotations

import subprocess

import pytest

from sandbox.distros.lookup import find_target
from sandbox.inspect.operation import BEFORE
from sandbox.managers.registry import manager_of
from sandbox.provision.plan import Plan, Terms, plan_for
from sandbox.provision.run import BASE, UNCHANGING
from sandbox.provision.screen_steps import with_screen
from sandbox.specs.model import Spec


def plan(distro: str, *packages: str) -> Plan:
    target = find_target(distro)
    return with_screen(plan_for(Spec(packages=packages), target, manager_of(target.manager), Terms()))


@pytest.mark.parametrize("distro", ["debian:bookworm", "debian:trixie", "alpine", "fedora", "opensuse-leap", "arch"])
def test_the_packages_for_the_screen_come_between_the_index_and_the_install(distro: str) -> None:
    found = plan(distro, "xterm")
    kinds = [step.kind for step in found.steps if step.kind in ("index", "screen", "install")]
    assert kinds == ["index", "screen", "install"]
    (step,) = (step for step in found.steps if step.kind == "screen")
    assert any("dbus" in word for word in step.argv)
    assert step.title.endswith("for the screen")
    assert "xterm" not in step.argv


def test_a_sandbox_without_packages_gets_them_too_unless_its_image_has_them() -> None:
    (step,) = plan("debian:bookworm").steps
    assert (step.kind, step.argv[:2]) == ("screen", ("sh", "-c"))
    assert "apt-get" in step.argv[2]
    there = "command() { true; }; test() { true; }\n"
    assert subprocess.run(["sh", "-c", there + step.argv[2], "sh", "false"], check=False).returncode == 0


def test_where_nobody_has_looked_nothing_is_added() -> None:
    assert "screen" not in {step.kind for step in plan("nixos", "xterm").steps}


def test_they_are_part_of_the_base_wherever_something_is_measured_or_promoted() -> None:
    assert "screen" in BEFORE
    assert "screen" in BASE
    assert "screen" in UNCHANGING
