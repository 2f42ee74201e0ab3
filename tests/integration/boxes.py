"""Containers of the lab's images in which an inspection is made, one of each family of managers."""

from __future__ import annotations

import hashlib
import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol

from msgspec.structs import replace
from tests.integration.running import NPM, POSTGRES
from tests.matrix import SMALLEST, rows
from tests.unit.fakes import FakeReporter

from sandbox.container.box import Box
from sandbox.container.shell import DEFAULT_PATH
from sandbox.container.snapshot import snapshot
from sandbox.distros.model import Distro, Release, Target
from sandbox.engine import labels
from sandbox.engine.protocol import ContainerSpec
from sandbox.inspect.baseline import BaselineSnapshots
from sandbox.inspect.inspection import inspect_site
from sandbox.inspect.operation import BEFORE
from sandbox.inspect.site import Site
from sandbox.lifecycle.scratch import SCRATCH
from sandbox.managers.registry import data_of, manager_of
from sandbox.provision.network import HostNetwork
from sandbox.provision.plan import Terms, plan_for
from sandbox.specs.model import Limits, Spec

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

    from sandbox.container.snapshot import Snapshot
    from sandbox.core.tasks import Background
    from sandbox.engine.docker.client import DockerEngine
    from sandbox.engine.protocol import Engine, Image
    from sandbox.inspect.findings import Inspection
    from sandbox.managers.registry import ManagerName
    from sandbox.provision.plan import Plan


Network = Literal["none", "default"]


class OfManager(Protocol):
    """A row of a matrix of managers."""

    @property
    def manager(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LabManager:
    """A manager in its lab image.

    `prefix` stands before each name of a package. `setup` is shell text that makes the image as little empty as a real
    one. `path` are the folders of its commands beside the usual ones.
    """

    manager: ManagerName
    image: str
    prefix: str = ""
    setup: str = ""
    path: tuple[str, ...] = ()

    def name(self, package: str) -> str:
        """Return a package's name as this manager has it."""
        return f"{self.prefix}{package}"

    def plan(self, *packages: str, recommends: bool = False) -> Plan:
        """Return the plan of a `try` of packages of the lab."""
        release = Release(name="lab")
        row = Distro(name="lab", title="Lab", image="lab", manager=self.manager, releases=(release,), path=self.path)
        target = Target(distro=row, release=release)
        spec = Spec(packages=tuple(map(self.name, packages)))
        return plan_for(spec, target, manager_of(self.manager), Terms(recommends=recommends))


PORTAGE_SETUP: Final = "emerge --sync --quiet && emerge --quiet dev-lab/lab-twin"
"""depclean refuses where nothing is needed."""
NIX_PATH: Final = ("/root/.nix-profile/bin",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family(LabManager):
    """A manager that is inspected; `kinds`: what its format can express of the trap, `left`: what a removal leaves."""

    kinds: frozenset[str] = frozenset(("setuid", "users", "services", "unowned"))
    left: frozenset[str] = frozenset(("user", "file"))


FAMILIES: Final = (
    Family(manager="apt", image="sandbox-lab/apt-bookworm"),
    Family(manager="apk", image="sandbox-lab/apk"),
    Family(manager="dnf4", image="sandbox-lab/dnf4"),
    Family(manager="dnf5", image="sandbox-lab/dnf5"),
    Family(manager="zypper", image="sandbox-lab/zypper"),
    Family(manager="pacman", image="sandbox-lab/pacman"),
    Family(
        manager="portage",
        image="sandbox-lab/portage",
        prefix="app-lab/",
        setup=PORTAGE_SETUP,
    ),
    # no scripts, no setuid files: a plain program with a unit in the store
    Family(
        manager="nix",
        image="sandbox-lab/nix",
        kinds=frozenset(),
        left=frozenset(),
        path=NIX_PATH,
    ),
)


def cases(families: Iterable[OfManager], managers: Container[str] = SMALLEST) -> list[Any]:
    """Return rows of managers as pytest's parameters: the first of each of these managers, and the others as full."""
    listed = list(families)
    firsts = {id(next(row for row in listed if row.manager == name)) for name in {row.manager for row in listed}}
    return rows(listed, lambda row: row.manager in managers and id(row) in firsts)


BASELINES: Final = BaselineSnapshots()
"""The files of the images, each read once in a run of the tests, as the program reads them once in all its runs."""


def files_of(engine: DockerEngine, image: Image) -> Snapshot:
    """Return the files of an image, of a container that is never started, as `sandbox inspect` does."""
    container = engine.create(_spec(image.id, "files"))
    try:
        return snapshot(Box(engine, container))
    finally:
        engine.remove(container)


class FamilyBox:
    """A container of a family's image, whose files are not read again where that is given."""

    def __init__(self, engine: DockerEngine, container: str, family: Family, image: Image | None = None) -> None:
        self.engine = engine
        self.at = Box(engine, container)
        self.family = family
        self.image = image

    def plan(self, *packages: str) -> Plan:
        return self.family.plan(*packages)

    def site(self, *packages: str) -> Site:
        """Return where these packages are to be measured."""
        image = self.image
        return Site(
            box=self.at,
            plan=self.plan(*packages),
            manager=manager_of(self.family.manager),
            network=HostNetwork(),
            reporter=FakeReporter(),
            path=":".join((DEFAULT_PATH, *self.family.path)),
            image_files=None if image is None else lambda: self.pristine(image).result(),
        )

    def pristine(self, image: Image) -> Background[Snapshot]:
        return BASELINES.of(image.id, lambda: files_of(self.engine, image))

    def inspect(self, *packages: str) -> Inspection:
        image = self.image
        pristine = None if image is None else lambda: self.pristine(image)
        return inspect_site(self.site(*packages), base="lab", pristine=pristine)

    def provide(self, *packages: str, before: bool) -> None:
        """Run the steps that come before an install, or those from it on."""
        site = self.site(*packages)
        work = site.provisioning([step for step in site.plan.steps if (step.kind in BEFORE) is before])
        work.run(path=DEFAULT_PATH)

    def sh(self, text: str) -> str:
        outcome = self.at.exec(("sh", "-c", text))
        assert outcome.status == 0, outcome.output
        return outcome.stdout


def _spec(image: str, prefix: str, network: Network = "none") -> ContainerSpec:
    return ContainerSpec(
        name=f"{prefix}-{os.getpid()}-{os.urandom(4).hex()}",  # a test may have two of a kind
        image=image,
        argv=("/bin/sh", "-c", f"mkdir -p {SCRATCH}; trap 'exit 0' TERM; while :; do sleep 86400 & wait $!; done"),
        labels={labels.KIND: "test-service"},
        hostname="lab",
        limits=Limits(),
        network=network,  # none: a third of what a start costs
    )


@contextmanager
def container_of(
    engine: Engine, image: str, prefix: str, *, network: Network = "none", volumes: tuple[str, ...] = ()
) -> Iterator[str]:
    """Yield a running container of a lab's image, without a session."""
    container = engine.create(replace(_spec(image, prefix, network), volumes=volumes))
    try:
        engine.start(container)
        yield container
    finally:
        engine.remove(container)


RUNTIMES: Final = (
    "apt-get -qq update && apt-get -qq install -y --no-install-recommends python3-apt python3-venv npm ca-certificates"
)
"""What pip, npm and Ansible stand on: Python's packages compile for seconds as they are installed."""


def with_runtimes(engine: DockerEngine) -> str:
    """Return the reference of an image with RUNTIMES in it."""
    return prepared(engine, NPM, RUNTIMES).tags[0]


BELOW_POSTGRES: Final = (
    "apt-get -qq update && apt-get -qq install -y --no-install-recommends"
    " libicu72 libjson-perl libllvm14 libxslt1.1 locales postgresql-client-15 ssl-cert ucf"
)
"""What postgresql-15 needs, but what makes its user and keeps its clusters: three quarters of its install's time."""


def below_postgres(engine: DockerEngine) -> str:
    """Return the reference of an image with BELOW_POSTGRES in it."""
    return prepared(engine, POSTGRES, BELOW_POSTGRES).tags[0]


def prepared(engine: DockerEngine, image: str, setup: str, *, network: Network = "none") -> Image:
    """Return an image as `setup` leaves it, made where there is none yet: some families' takes longer than a test."""
    found = engine.image(image)
    assert found is not None, f"next: make lab, for {image}"
    if not setup:
        return found
    reference = f"sandbox-test/prepared:{hashlib.sha256(f'{found.id} {setup}'.encode()).hexdigest()[:16]}"
    made = engine.image(reference)
    if made is not None:
        return made
    name = f"preparing-{image.rpartition('/')[2].replace(':', '-')}"
    with container_of(engine, image, name, network=network) as container:
        outcome = Box(engine, container).exec(("sh", "-c", setup))
        assert outcome.status == 0, outcome.output
        return engine.commit(container, reference=reference, labels={labels.KIND: "test-service"})


@contextmanager
def box_of(engine: DockerEngine, family: Family) -> Iterator[FamilyBox]:
    """Yield a container of a family to inspect packages in."""
    image = prepared(engine, family.image, family.setup)
    volumes = data_of(family.manager).index_folders  # as `sandbox inspect` has them
    with container_of(engine, image.id, f"inspecting-{family.manager}", volumes=volumes) as container:
        yield FamilyBox(engine, container, family, image)
