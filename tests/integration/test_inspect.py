"""What inspect measures is what dpkg, tar and the file system say by other ways; the lab's trap is caught everywhere."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest
from msgspec.structs import replace
from tests.unit.fakes import FakeReporter

from sandbox import labels
from sandbox.commands.measuring import BEFORE, Measuring
from sandbox.distros.model import Distro, Release, Target
from sandbox.engine.base import ContainerSpec, ExecSpec
from sandbox.evaluate.changes import changes
from sandbox.evaluate.snapshot import snapshot
from sandbox.hostnet import HostNetwork
from sandbox.inside import DEFAULT_PATH, run
from sandbox.managers import manager_named
from sandbox.managers.bookkeeping import KEPT_BY_REFRESH, books_of
from sandbox.plan import plan_for
from sandbox.provision import Provisioning
from sandbox.spec.model import Limits, Spec

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.engine.docker.client import DockerEngine
    from sandbox.evaluate.findings import Inspection
    from sandbox.managers import ManagerName
    from sandbox.plan import Plan

SANDBOX: Final = ("python", "-m", "sandbox")


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A manager in its lab image; `kinds`: what its format can express of the trap. `setup`: see test_conformance."""

    manager: ManagerName
    image: str
    kinds: frozenset[str] = frozenset(("setuid", "users", "services", "unowned"))
    left: frozenset[str] = frozenset(("user", "file"))
    prefix: str = ""
    setup: str = ""
    path: tuple[str, ...] = ()


FAMILIES: Final = (
    Family(manager="apt", image="sandbox-lab/apt-bookworm", setup=": >/etc/apt/sources.list"),
    Family(manager="apk", image="sandbox-lab/apk"),
    Family(manager="dnf4", image="sandbox-lab/dnf4"),
    Family(manager="dnf5", image="sandbox-lab/dnf5"),
    Family(manager="zypper", image="sandbox-lab/zypper"),
    Family(manager="pacman", image="sandbox-lab/pacman"),
    Family(
        manager="portage",
        image="sandbox-lab/portage",
        prefix="app-lab/",
        setup="emerge --sync --quiet && emerge --quiet dev-lab/lab-twin",
    ),
    # no scripts, no setuid files: a plain program with a unit in the store
    Family(
        manager="nix",
        image="sandbox-lab/nix",
        kinds=frozenset(),
        left=frozenset(),
        path=("/root/.nix-profile/bin",),
    ),
)


class Box:
    """A container of a family's image."""

    def __init__(self, engine: DockerEngine, container: str, family: Family) -> None:
        self.engine = engine
        self.container = container
        self.family = family

    def plan(self, *packages: str) -> Plan:
        release = Release(name="lab")
        row = Distro(
            name="lab",
            title="Lab",
            image="lab",
            manager=self.family.manager,
            releases=(release,),
            path=self.family.path,
        )
        spec = Spec(packages=tuple(f"{self.family.prefix}{name}" for name in packages))
        target = Target(distro=row, release=release)
        return plan_for(spec, target, manager_named(self.family.manager), limits=Limits())

    def inspect(self, *packages: str) -> Inspection:
        work = Measuring(
            self.engine,
            self.container,
            plan=self.plan(*packages),
            manager=manager_named(self.family.manager),
            network=HostNetwork(),
            reporter=FakeReporter(),
            path=":".join((DEFAULT_PATH, *self.family.path)),
        )
        return work.run(base="lab")

    def sh(self, text: str) -> str:
        outcome = run(self.engine, self.container, ExecSpec(argv=("sh", "-c", text), user="0"))
        assert outcome.status == 0, outcome.output
        return outcome.stdout


@pytest.fixture(params=FAMILIES, ids=lambda family: family.manager)
def box(request: pytest.FixtureRequest, engine: DockerEngine) -> Iterator[Box]:
    family: Family = request.param
    if engine.image(f"{family.image}:latest") is None:
        pytest.skip(f"{family.image} is not built: make lab")
    container = engine.create(
        ContainerSpec(
            name=f"inspecting-{family.manager}-{os.getpid()}",
            image=family.image,
            argv=("/bin/sh", "-c", "trap 'exit 0' TERM; while :; do sleep 86400 & wait $!; done"),
            labels={labels.KIND: "test-service"},
            hostname="lab",
            limits=Limits(),
        )
    )
    try:
        engine.start(container)
        found = Box(engine, container, family)
        if family.setup:
            found.sh(family.setup)
        yield found
    finally:
        engine.remove(container)


def test_the_trap_is_caught(box: Box) -> None:
    found = box.inspect("lab-trap")
    kinds = {finding.kind for finding in found.footprint.findings}
    assert box.family.kinds <= kinds
    assert "labtrap" in found.footprint.commands
    if "setuid" in box.family.kinds:
        (setuid,) = found.footprint.of("setuid")
        assert (setuid.what, setuid.note) == ("/usr/bin/labtrap", "setuid, mode 4755, owner root")
        assert {row.what for row in found.footprint.of("users")} == {"labtrap"}
        assert "/var/lib/labtrap/unowned" in {row.what for row in found.footprint.of("unowned")}
    assert box.family.left <= {left.kind for left in found.residue.left}
    if box.family.left:
        assert {left.what for left in found.residue.of("user")} == {"labtrap"}
        assert {left.what for left in found.residue.of("file")} == {"/var/lib/labtrap/unowned"}
    assert not found.residue.of("package", "gone", "changed")
    assert found.residue.failure == ""


def test_a_plain_tool_is_clean(box: Box) -> None:
    found = box.inspect("lab-tool")
    assert {left.what for left in found.residue.left} <= {"/usr/share/lab-lib/"}, found.residue  # rpm: no folder's owner
    assert found.footprint.commands == ("labtool",)
    assert not found.footprint.findings, found.footprint.findings


def test_a_refresh_changes_nothing_but_the_managers_books(box: Box) -> None:
    if box.family.manager not in KEPT_BY_REFRESH:
        pytest.skip("the files before an install are read after the refresh")
    before = snapshot(box.engine, box.container)
    plan = box.plan("lab-tool")
    steps = tuple(step for step in plan.steps if step.kind in BEFORE)
    work = Provisioning(
        box.engine,
        box.container,
        plan=replace(plan, steps=steps),
        manager=manager_named(box.family.manager),
        network=HostNetwork(),
        reporter=FakeReporter(),
    )
    work.run(path=DEFAULT_PATH)
    found = changes(before, snapshot(box.engine, box.container), books_of(box.family.manager))
    assert (found.added, found.changed, found.removed) == ((), (), ())
