"""Packages of two architectures on one machine, as rpm, dnf and the install script's texts tell them apart."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Final

import pytest
from tests.integration.boxes import cases, container_of, prepared
from tests.integration.test_conformance import FAMILIES, FamilyBox

from sandbox.managers.protocol import PackageRef
from sandbox.managers.registry import data_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.engine.docker.client import DockerEngine

SETUP: Final = r"""
cd /tmp
for arch in x86_64 i686; do
    printf '%s\n' 'Name: lab-multi' 'Version: 1.0' 'Release: 1' 'Summary: x' 'License: MIT' 'Provides: lab-virtual' \
        '%description' x %install "mkdir -p %{buildroot}/opt && echo >%{buildroot}/opt/lab-$arch" \
        %files "/opt/lab-$arch" >lab.spec
    rpmbuild --quiet -bb --target $arch --define '_rpmdir /srv/multi' --define '_build_name_fmt %%{ARCH}.rpm' lab.spec
done
createrepo_c --quiet /srv/multi
sed 's#lab\]#multi]#; s#srv/lab#srv/multi#' /etc/yum.repos.d/lab.repo >/etc/yum.repos.d/multi.repo
rm -rf /root/rpmbuild
"""
OWN, FOREIGN = "x86_64", "i686"
CASES: Final = cases(row for row in FAMILIES if row.manager in ("dnf4", "dnf5"))


@pytest.fixture(params=CASES, ids=lambda row: row.manager)
def box(request: pytest.FixtureRequest, engine: DockerEngine) -> Iterator[FamilyBox]:
    image = prepared(engine, request.param.image, SETUP)
    with container_of(engine, image.id, f"architectures-{request.param.manager}") as container:
        yield FamilyBox(engine, container, request.param)


def tell(box: FamilyBox, text: str, *names: str) -> list[str]:
    """Return the words that a text of the manager's row prints of packages."""
    outcome = box.run(("sh", "-c", f'say() {{ echo "$@"; }}\n{text}', "sh", *names))
    return outcome.stdout.split()


def has(box: FamilyBox, name: str, version: str | None = None) -> bool:
    pipeline = box.manager.is_installed(PackageRef(name=name, version=version))
    return box.run(("sh", "-c", " | ".join(map(shlex.join, pipeline)))).status == 0


def there(box: FamilyBox) -> set[str]:
    return {name for name in tell(box, data_of(box.family.manager).host().names) if "lab-multi" in name}


def test_a_name_is_the_machines_own_architecture_and_no_other(box: FamilyBox) -> None:
    row, foreign = data_of(box.family.manager).host(), "lab-multi.i686"
    assert box.run(box.manager.install([PackageRef(name=foreign)])).status == 0
    found = {name: has(box, name) for name in ("lab-multi", "lab-virtual", foreign, "lab-multi.x86_64")}
    assert found == {"lab-multi": False, "lab-virtual": False, foreign: True, "lab-multi.x86_64": False}
    assert (has(box, "lab-multi", "1.0-1"), has(box, foreign, "1.0-1"), has(box, foreign, "2.0-1")) == (
        False,
        True,
        False,
    )
    assert (there(box), tell(box, row.blocked, "lab-multi", "lab-none")) == ({foreign}, ["lab-multi"])

    assert box.run(box.manager.install([PackageRef(name="lab-multi.x86_64")])).status == 0
    assert all(has(box, name) for name in ("lab-multi", "lab-virtual", foreign, "lab-multi.x86_64"))
    assert has(box, "lab-multi", "1.0-1")
    assert (there(box), tell(box, row.blocked, "lab-multi", "lab-none")) == ({"lab-multi", foreign}, [])

    assert box.run((*row.unmark, "lab-multi")).status == 0
    asked = ("lab-multi", foreign, "lab-multi.x86_64")
    assert tell(box, row.automatic, *asked) == ["lab-multi", "lab-multi.x86_64"]
    assert box.run((*row.mark, "lab-multi")).status == 0
    assert tell(box, row.automatic, *asked) == []

    outcome = box.run(("sh", "-c", row.uninstall, "sh", "lab-multi"))
    assert (outcome.status, there(box)) == (0, {foreign}), outcome.output
