"""What is said to do about a package whose script failed: what fits the run, and how to see what it left."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from msgspec.structs import replace
from tests.unit.advised import advice_of

from sandbox.distros.lookup import find_target
from sandbox.managers.protocol import Failure
from sandbox.managers.registry import manager_of
from sandbox.provision.plan import Terms, plan_for
from sandbox.provision.step_errors import step_error
from sandbox.specs.model import Spec

DPKG = """\
Setting up xy (1) ...
{}
dpkg: error processing package xy (--configure):
 installed xy package post-installation script subprocess returned error exit status 1
"""
RPM = """\
  Running scriptlet: xy-1-1.noarch                                1/1
{}
warning: %post(xy-1-1.noarch) scriptlet failed, exit status 3

Error in POSTIN scriptlet in rpm package xy
"""
RECORDED: Final = Path(__file__).parents[1] / "managers" / "recorded" / "apt"
NO_SYSTEMD = "System has not been booted with systemd as init system (PID 1). Can't operate."
LOOK = {
    "debian:bookworm": "apt-get update && apt-get install -y --no-install-recommends xy || true",
    "fedora": "dnf makecache -y --refresh && dnf install -y --setopt=install_weak_deps=False xy || true",
}


def hints(words: str, distro: str, *, boot: bool = False) -> tuple[str, ...]:
    target = find_target(distro)
    manager = manager_of(target.manager)
    plan = plan_for(Spec(packages=("xy",), boot=boot), target, manager, Terms())
    step = next(step for step in plan.steps if step.kind == "install")
    output = (DPKG if target.manager == "apt" else RPM).format(words)
    *own, last = advice_of(step_error(plan, manager, step, Failure(argv=step.argv, status=1, output=output)))
    assert last == f"sandbox try --distro {target.option} --setup '{LOOK[distro]}' opens a shell all the same"
    return tuple(own)


@pytest.mark.parametrize(
    ("words", "distro", "said"),
    [
        ("mknod: tty0-: Operation not permitted", "debian:bookworm", "the same command with --cap-add MKNOD"),
        ("mknod: tty0-: Operation not permitted", "fedora", "the same command with --cap-add MKNOD"),
        (NO_SYSTEMD, "debian:bookworm", "the same command with --boot"),
        (NO_SYSTEMD, "fedora", ""),
        ("x: error reading from /dev/tty", "debian:bookworm", "sandbox schema --doc answers"),
        ("x: error reading from /dev/tty", "fedora", ""),
        ("ln: failed to create symbolic link '/etc/resolv.conf': Device or resource busy", "debian:bookworm", ""),
    ],
)
def test_a_failed_script_leads_to_what_it_needs_where_the_distro_has_it(words: str, distro: str, said: str) -> None:
    assert hints(words, distro) == ((said,) if said else ())


def test_one_that_fails_in_a_boot_is_not_told_to_boot() -> None:
    assert hints(NO_SYSTEMD, "debian:bookworm", boot=True) == ()


@pytest.mark.parametrize(
    ("is_cached", "said", "advised"),
    [
        (
            False,
            "was fetched or checked in this run",
            "the same command in a few minutes",
        ),
        (True, "is of an earlier run", "sandbox clean --cache"),
    ],
)
def test_a_file_that_a_mirror_lacks_is_named_with_the_age_of_the_index(
    *, is_cached: bool, said: str, advised: str
) -> None:
    target = find_target("debian:bookworm")
    manager = manager_of(target.manager)
    plan = plan_for(Spec(packages=("tree",)), target, manager, Terms())
    if is_cached:
        plan = replace(plan, steps=tuple(step for step in plan.steps if step.kind != "index"))
    (step,) = [step for step in plan.steps if step.kind == "install"]
    output = (RECORDED / "3.0-archive-gone.txt").read_text()
    error = step_error(plan, manager, step, Failure(argv=step.argv, status=100, output=output))
    assert error.brief == "debian bookworm's mirror has no tree_0_amd64.deb (404), which the package index names"
    assert ("the index", said) in error.details
    assert "/pool/main/t/tree/tree_0_amd64.deb  404  Not Found" in error.details[0][1]
    [hint] = advice_of(error)
    assert hint.startswith(advised)
