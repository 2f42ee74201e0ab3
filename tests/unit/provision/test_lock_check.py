"""What differs between a sandbox and its lock, in words."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.unit.advised import advice_of

from sandbox.distros.lookup import find_target
from sandbox.errors import CheckFailed, StepFailed
from sandbox.managers.package_files import Archive
from sandbox.managers.protocol import Package
from sandbox.managers.registry import manager_of
from sandbox.provision.lock_check import base_differences, base_lines, check_came, check_files, locked_packages
from sandbox.provision.plan import Plan, Terms, plan_for
from sandbox.specs.lockfile import LockedPackage, LockedTarget
from sandbox.specs.model import Spec

LIBC = Package(name="libc6", version="2.36", architecture="amd64", size=1, explicit=False)
JQ = Package(name="jq", version="1:1.6-2", architecture="amd64", size=1, explicit=True)
FILE = Archive(name="jq", version="1:1.6-2", size=7, sha256="aa" * 32, path="/jq.deb")
LOCKED = LockedPackage(name="jq", version="1:1.6-2", architecture="amd64", size=7, sha256="aa" * 32)
TARGET = LockedTarget(
    option="debian:bookworm",
    platform="linux/amd64",
    image="debian:bookworm",
    asked=("jq",),
    packages=(LOCKED,),
    base=("libc6 2.36 amd64",),
    words=("./web.yaml",),
)


def plan(target: LockedTarget = TARGET) -> Plan:
    return plan_for(Spec(packages=("jq",)), find_target("debian:bookworm"), manager_of("apt"), Terms(lock=target))


def differences(error: CheckFailed) -> list[str]:
    return [text for _, text in error.details]


def test_what_is_locked_passes() -> None:
    check_files(plan(), [LIBC], [FILE])
    check_came(plan(), [LIBC], [LIBC, JQ])


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ([], "jq: 1:1.6-2 is locked, but was not installed"),
        (
            [Archive(name="jq", version="1.7", size=7, sha256="bb" * 32, path="/")],
            "jq: 1:1.6-2 is locked, 1.7 was installed",
        ),
        (
            [Archive(name="jq", version="1:1.6-2", size=9, sha256="bb" * 32, path="/")],
            "jq 1:1.6-2: sha256:aaaaaaaaaaaa... is locked, the downloaded file has bbbbbbbbbbbb... (7 and 9 bytes)",
        ),
        (
            [FILE, Archive(name="evil", version="1", size=9, sha256="bb" * 32, path="/")],
            "evil: 1 was installed, but is not in the lock",
        ),
    ],
)
def test_another_file_is_refused_before_any_script_of_it_has_run(files: list[Archive], said: str) -> None:
    with pytest.raises(CheckFailed) as caught:
        check_files(plan(), [LIBC], files)
    assert differences(caught.value) == [said]
    assert "sandbox lock ./web.yaml --check" in advice_of(caught.value)


def test_what_a_bundle_does_not_give_is_asked_of_who_made_it() -> None:
    with pytest.raises(CheckFailed, match="the bundle's files differ from its lock") as caught:
        check_files(plan(replace(TARGET, words=())), [LIBC], [])
    assert advice_of(caught.value) == ("get it again, or rebuild it: sandbox bundle SPEC -o FILE",)


def test_a_file_of_what_the_base_has_anyway_is_no_difference() -> None:
    check_files(plan(), [LIBC], [FILE, Archive(name="libc6", version="2.36", size=9, sha256="cc" * 32, path="/")])


def test_another_base_is_refused() -> None:
    other = Package(name="libc6", version="2.41", architecture="amd64", size=1, explicit=False)
    with pytest.raises(CheckFailed) as caught:
        check_files(plan(), [other], [FILE])
    assert differences(caught.value) == ["libc6: 2.36 amd64 is locked, 2.41 amd64 was installed"]


def test_what_came_beyond_the_lock_is_refused() -> None:
    with pytest.raises(CheckFailed):
        check_came(plan(), [LIBC], [LIBC, JQ, Package(name="x", version="1", architecture="", size=1, explicit=False)])


def test_a_package_whose_file_is_not_there_can_not_be_locked() -> None:
    with pytest.raises(StepFailed, match=r"jq 1:1\.6-2 can't be locked: apt did not keep its package file") as caught:
        locked_packages("apt", [JQ], [])
    assert caught.value.details[0][1].startswith("apt keeps no package files from a repository on the base's own disk")


def test_files_of_rpm_have_no_epoch() -> None:
    file = Archive(name="jq", version="1.6-2", size=7, sha256="aa" * 32, path="/jq.rpm")
    assert locked_packages("dnf5", [JQ], [file]) == (LOCKED,)


def test_text_of_a_container_brings_no_escapes_into_a_lock() -> None:
    (line,) = base_lines([Package(name="a\x1b[2J", version="1\n2", architecture="", size=0, explicit=False)])
    assert "\x1b" not in line
    assert "\n" not in line


def test_versions_that_are_there_twice_do_not_hide_a_difference() -> None:
    assert base_differences(["a 1 x"], ["a 1 x", "a 2 y"]) == ("a: 2 y was installed, but is not in the lock",)


def test_a_locked_plan_pins_what_it_fetches_first() -> None:
    kinds = [step.kind for step in plan().steps]
    assert kinds == ["lock", "index", "fetch", "install"]
    assert plan().steps[0].stdin == b"Package: jq\nPin: version 1:1.6-2\nPin-Priority: 1001\n"


def test_a_locked_digest_is_what_is_pulled() -> None:
    from msgspec.structs import replace

    found = plan(replace(TARGET, digest=f"sha256:{'ab' * 32}"))
    assert found.sources == (f"debian@sha256:{'ab' * 32}",)
    assert "debian:bookworm" not in found.images
