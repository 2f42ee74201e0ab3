"""The full proof of an install script, with every manager's real program in a lab image: install, again, uninstall."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.integration.boxes import cases, prepared
from tests.integration.test_conformance import FAMILIES, Family
from tests.matrix import FULL, first
from tests.unit.fakes import FakeReporter

from sandbox.distros.model import Distro, Release, Target
from sandbox.engine import labels
from sandbox.lifecycle.journal import Journal
from sandbox.lifecycle.owner import current_owner
from sandbox.managers.protocol import PackageRef
from sandbox.managers.registry import manager_of
from sandbox.promote.formats import shell
from sandbox.promote.formats.base import PromotedPackage, Promotion
from sandbox.promote.verify import SCRIPT, WRITE, prove, proving
from sandbox.provision.context import Context
from sandbox.specs.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.engine.docker.client import DockerEngine
    from sandbox.engine.protocol import Image


def host_for(folder: Path) -> Context:
    return Context(
        environ={},
        owner=current_owner(),
        settings=Settings(),
        journal=Journal(None),
        state_folder=folder,
        version="test",
    )


def promotion_for(family: Family, image_id: str, *versions: str) -> Promotion:
    release = Release(name="lab")
    distro = Distro(
        name="lab",
        title="Lab",
        image="lab",
        manager=family.manager,
        releases=(release,),
        os_ids=("debian", "alpine", "void"),
        path=family.path,
    )
    names = ("lab-tool", "lab-extra")
    return Promotion(
        name="brave-otter",
        target=Target(distro=distro, release=release),
        family=distro,
        image=family.image,
        digest=None,
        image_id=image_id,
        packages=tuple(
            PromotedPackage(ref=PackageRef(name=family.name(name)), version=version)
            for name, version in zip(names, versions or ("", ""), strict=True)
        ),
        date="2026-11-24",
        tool="test",
    )


def of_image(family: Family) -> str:
    return family.image.removeprefix("sandbox-lab/")


@pytest.fixture(scope="module", params=cases(FAMILIES), ids=of_image)
def family(request: pytest.FixtureRequest) -> Family:
    found: Family = request.param
    return found


@pytest.fixture(scope="module")
def image(engine: DockerEngine, family: Family) -> Image:
    """Give the family's image, made as little empty as a real one where that is needed."""
    return prepared(engine, family.image, family.setup)


def test_the_script_installs_changes_nothing_again_and_is_taken_back(
    engine: DockerEngine, family: Family, image: Image, tmp_path: Path
) -> None:
    proof, seen = prove(
        promotion_for(family, image.id), host=host_for(tmp_path), engine=engine, reporter=FakeReporter()
    )
    assert proof.passed, proof
    assert [row.version.partition("-")[0] for row in seen.packages] == ["2.0", "1.0"]
    assert [row.name for row in proof.checks] == ["install", "again", "uninstall", "purge"]
    assert int(proof.checks[0].found.split()[0]) >= len(seen.packages)
    assert [row.found for row in proof.checks[2:]] == ["packages, marks and units as before", "no file is left"]


CLEAN = 'Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache ""; Acquire::GzipIndexes "true";'
"""What official images have in files docker-clean and docker-gzip-indexes (moby's mkimage/debootstrap)."""


def test_an_image_without_an_index_cache_is_proven_with_a_hosts(engine: DockerEngine, tmp_path: Path) -> None:
    family = next(row for row in FAMILIES if row.manager == "apt")
    image = engine.image(family.image)
    assert image is not None
    name = f"promotion-clean-{os.getpid()}"
    try:
        with proving(
            promotion_for(family, image.id), host=host_for(tmp_path), engine=engine, reporter=FakeReporter()
        ) as work:
            write = f"rm -f /etc/apt/apt.conf.d/zz*; echo '{CLEAN}' >/etc/apt/apt.conf.d/docker-clean"
            work._must(("sh", "-c", write))
            work._box.commit(f"{name}:latest", {labels.KIND: "test-service"})
        with proving(
            promotion_for(family, f"{name}:latest"), host=host_for(tmp_path), engine=engine, reporter=FakeReporter()
        ) as work:
            assert work.run()[0].passed
            assert "pkgcache.bin" in work._run(("ls", "/var/cache/apt")).stdout
    finally:
        engine.remove_image(f"{name}:latest")


BAD = {
    "install": (
        "install_all || status",
        "{ install_all && apk add lab-big; } || status",
        "lab-big is marked as asked for too",
    ),
    "again": ('say "all is installed already', 'apk add lab-big; say "all is installed already', "+ lab-big 1.0"),
    "uninstall": ("remove_all || fail", "apk del lab-extra || fail", "+ lab-tool"),
}
"""A slip in the script for each claim of the proof, and what the proof must find of it."""


@pytest.mark.parametrize("name", first(BAD, 2))
def test_a_script_with_a_slip_fails_the_claim(engine: DockerEngine, tmp_path: Path, name: str) -> None:
    family = next(row for row in FAMILIES if row.manager == "apk")
    image = engine.image(family.image)
    assert image is not None
    promotion = promotion_for(family, image.id)
    right, wrong, said = BAD[name]
    text = shell.render(promotion)
    assert text.count(right) == 1
    with proving(promotion, host=host_for(tmp_path), engine=engine, reporter=FakeReporter()) as work:
        work._must((*WRITE, SCRIPT), stdin=text.replace(right, wrong).encode())
        proof = work.run()[0]
        assert not proof.passed
        failed = next(row for row in proof.checks if not row.passed)
        assert failed.name == name
        assert any(line.startswith(said) for line in failed.differences), proof


def test_another_version_than_the_sandboxs_is_no_proof(engine: DockerEngine, tmp_path: Path) -> None:
    family = next(row for row in FAMILIES if row.manager == "apk")
    image = engine.image(family.image)
    assert image is not None
    promotion = promotion_for(family, image.id, "0.0.1-r0", "")
    proof, _ = prove(promotion, host=host_for(tmp_path), engine=engine, reporter=FakeReporter())
    assert not proof.passed
    assert [row.name for row in proof.checks] == ["install"]
    assert "but was 0.0.1-r0" in proof.checks[0].differences[0]


ONE_EACH = tuple({row.manager: row for row in reversed(FAMILIES)}.values())
"""Releases of one distro have the same text for it."""


@pytest.mark.parametrize("family", cases(ONE_EACH, ("apk", "pacman")), indirect=True, ids=of_image)
def test_what_something_else_needs_by_now_is_not_taken_from_it(
    engine: DockerEngine, family: Family, image: Image, tmp_path: Path
) -> None:
    package = PromotedPackage(ref=PackageRef(name=family.name("lab-lib")), version="")
    promotion = replace(promotion_for(family, image.id), packages=(package,))
    manager = manager_of(family.manager)
    with proving(promotion, host=host_for(tmp_path), engine=engine, reporter=FakeReporter()) as work:
        assert work._script("-y")[1] == []
        install = manager.install([PackageRef(name=family.name("lab-tool"))])
        assert work._run(install).status == 0
        work._script("--uninstall", "-y")
        assert family.name("lab-tool") in work._look().by_name


STARTED = """
mkdir -p /etc/systemd/system/multi-user.target.wants && cd /etc/systemd/system/multi-user.target.wants &&
ln -s /usr/lib/systemd/system/labtrap.service labtrap.service && ln -s /no/such/unit other.service
"""
WITH_MARKS = tuple(row for row in ONE_EACH if row.manager != "nix")
"""A profile of nix has what was asked for alone, and none of its packages makes a user."""


@pytest.mark.parametrize("family", cases(WITH_MARKS, ("apt", "dnf5")), indirect=True, ids=of_image)
def test_marks_and_links_are_taken_back_and_users_and_data_stay_until_they_are_asked_for(
    engine: DockerEngine, family: Family, image: Image, tmp_path: Path
) -> None:
    """lab-lib is there as lab-tool's dependency; lab-trap makes a user and a folder that is in no package."""
    name, trap = family.name("lab-lib"), family.name("lab-trap")
    packages = tuple(PromotedPackage(ref=PackageRef(name=one), version="") for one in (name, trap))
    promotion = replace(promotion_for(family, image.id), packages=packages)
    manager = manager_of(family.manager)
    with proving(promotion, host=host_for(tmp_path), engine=engine, reporter=FakeReporter()) as work:
        for argv in (manager.refresh(), manager.install([PackageRef(name=family.name("lab-tool"))])):
            assert work._run(argv).status == 0
        before, first = work._look(), work._traces()
        assert (name in before.explicit, name in work._automatic()) == (False, True)
        assert work._script("-y")[1] == []
        assert (name in work._look().explicit, work._automatic()) == (True, [])
        assert "all is installed already" in work._script("-y")[0].stdout
        work._must(("sh", "-c", STARTED))
        off, wrong = work._script("--uninstall", "-y")
        last, removed = work._look(), work._traces()
        assert (wrong, last.versions, last.explicit) == ([], before.versions, before.explicit)
        links = {path.rpartition("/")[2] for path in removed.links - first.links}
        assert links == {"other.service"}
        assert removed.users - first.users == {"labtrap"}
        assert "stays: the user labtrap; '" in off.stdout
        assert "stays: /var/lib/labtrap (" in off.stdout
        kept = work._script("--purge", "-y")[0].stdout
        assert "stays: /var/lib/labtrap (" in kept
        assert work._traces() == removed
        assert work._script("--purge", "--delete-data", "-y")[1] == []
        assert removed.files - work._traces().files == {"/var/lib/labtrap/unowned"}


MASKED = "package.accept_keywords =app-lab/lab-testing-1.0 ~amd64"
PORTAGE = next(row for row in FAMILIES if row.manager == "portage")


@FULL
@pytest.mark.parametrize("family", [PORTAGE], indirect=True)
@pytest.mark.parametrize("accepted", [(MASKED,), ()])
def test_what_the_manager_accepted_by_itself_the_script_makes_the_host_accept(
    engine: DockerEngine, family: Family, image: Image, tmp_path: Path, accepted: tuple[str, ...]
) -> None:
    masked = PromotedPackage(ref=PackageRef(name=family.name("lab-testing")), version="1.0")
    promotion = replace(promotion_for(family, image.id), packages=(masked,), accepted=accepted)
    proof, _ = prove(promotion, host=host_for(tmp_path), engine=engine, reporter=FakeReporter())
    assert proof.passed is bool(accepted), proof
