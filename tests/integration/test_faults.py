"""A package mirror that is slow, cut off, corrupt or down, and packages that misbehave: said clearly, nothing left."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.integration.running import Program
from tests.matrix import first

from sandbox.engine import labels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.conftest import PackageMirror

LAB: Final = "sandbox-base/debian:forky"
"""A release that no other test uses, as a base whose only source is the lab's mirror."""


@pytest.fixture(scope="module")
def engine_with_lab(engine_url: str, base: str, _mirror: PackageMirror, client: Any) -> Iterator[str]:
    before = client.images.list(name=LAB)
    sources = f"rm -rf /etc/apt/sources.list.d/*; echo '{_mirror.source}' >/etc/apt/sources.list"
    text = f"FROM {base}\nLABEL {labels.KIND}=base\nRUN {sources}\n"
    client.images.build(fileobj=io.BytesIO(text.encode()), rm=True, tag=LAB)
    yield engine_url
    client.images.remove(LAB)
    if before:
        before[0].tag(*LAB.split(":"))


@pytest.fixture
def lab(tmp_path: Path, engine_with_lab: str) -> Program:
    return Program(folder=tmp_path, engine=engine_with_lab)


def test_a_package_and_its_dependency_come_from_the_mirror(lab: Program) -> None:
    done = lab.run("try", "lab-tool=1.0", "-d", "debian:forky", "--", "labtool")
    assert (done.returncode, done.stdout) == (0, b"labtool 1.0\n"), done.stderr.decode()
    assert "lab-tool 1.0 and 1 dependency" in done.stderr.decode()


def test_recommended_packages_come_only_where_they_are_asked_for(lab: Program) -> None:
    with_them = lab.run("try", "lab-tool", "-d", "debian:forky", "--recommends", "--", "labextra")
    without = lab.run("try", "lab-tool", "-d", "debian:forky", "--", "labextra")
    assert (with_them.returncode, without.returncode) == (0, 127)


def test_a_slow_mirror_is_waited_for(lab: Program, package_mirror: PackageMirror) -> None:
    package_mirror.fault("slow")
    done = lab.run("try", "lab-lib", "-d", "debian:forky", "--", "cat", "/usr/share/lab/lib.sh")
    assert (done.returncode, b"lib 1.1" in done.stdout) == (0, True), done.stderr.decode()


@pytest.mark.parametrize("fault", first(["corrupt", "down", "cut", "missing"], 2))
def test_a_mirror_that_fails_is_named_and_nothing_is_left(
    lab: Program, package_mirror: PackageMirror, fault: str
) -> None:
    package_mirror.fault(fault)
    done = lab.run("try", "lab-tool", "-d", "debian:forky")
    said = done.stderr.decode()
    assert (done.returncode, "Traceback" in said) == (4, False), said
    assert "apt-get said" in said
    assert "next " in said


def test_a_package_whose_own_script_fails_is_named(lab: Program) -> None:
    done = lab.run("try", "lab-broken", "-d", "debian:forky")
    assert done.returncode == 4
    assert "lab-broken" in done.stderr.decode().partition("error:")[2].splitlines()[0]


def test_an_unknown_package_is_answered_from_this_index(lab: Program) -> None:
    done = lab.run("try", "lab-tol", "-d", "debian:forky")
    said = done.stderr.decode()
    assert (done.returncode, "error: debian forky has no package lab-tol" in said) == (4, True), said
    assert "lab-tool (command labtool)" in said
    assert "sandbox try lab-tool -d debian:forky" in said
