"""A package with files in the places of its own family, installed by the real manager: none is passed over."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from msgspec.structs import replace
from tests.integration.boxes import FAMILIES, FamilyBox, box_of, cases
from tests.integration.test_inspect import of_manager
from tests.lab.formats import NfpmFormat, ebuilds, nfpm
from tests.lab.packages import File, Package
from tests.unit.inspect.test_family_places import PLACES

from sandbox.inspect.claims import NOTHING_RUNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.integration.boxes import Family

    from sandbox.engine.docker.client import DockerEngine
    from sandbox.provision.plan import Plan

NFPM: Final = Path(sys.executable).with_name("nfpm")
FORMATS: Final[Mapping[str, NfpmFormat]] = {
    "apk": "apk",
    "dnf4": "rpm",
    "dnf5": "rpm",
    "zypper": "rpm",
    "pacman": "archlinux",
}
INSTALL: Final[Mapping[str, str]] = {
    "apk": "apk add --allow-untrusted /run/places/*.apk",
    "dnf4": "dnf install -y /run/places/*.rpm",
    "dnf5": "dnf install -y /run/places/*.rpm",
    "zypper": "zypper -n install --allow-unsigned-rpm /run/places/*.rpm",
    "pacman": "pacman -U --noconfirm /run/places/*.pkg.tar.zst",
    "portage": "cp -R /run/places/. /var/db/repos/gentoo/ && cd /var/db/repos/gentoo/app-lab/lab-places"
    " && ebuild *.ebuild manifest && emerge --ask=n app-lab/lab-places",
}
"""What a user types who has such a file."""


def files_of(family: Family, folder: Path) -> Mapping[str, File]:
    """Return a package with a file in each place, in the family's format."""
    program = File(content=b"#!/bin/sh\nexit 0\n", mode=0o755)
    package = Package(name="lab-places", files=dict.fromkeys(PLACES[family.manager], program))
    kind = FORMATS.get(family.manager)
    if kind is None:
        return ebuilds((package,))
    for path, file in nfpm(package, kind).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(file.content)
        (folder / path).chmod(file.mode)
    made = folder / "made"
    made.mkdir()
    subprocess.run(
        (NFPM, "package", "--packager", kind, "--target", f"{made}/"), cwd=folder, check=True, capture_output=True
    )
    return {path.name: File(content=path.read_bytes()) for path in made.iterdir()}


def archive(files: Mapping[str, File]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path, file in files.items():
            row = tarfile.TarInfo(f"run/places/{path}")
            row.size, row.mode = len(file.content), file.mode
            tar.addfile(row, io.BytesIO(file.content))
    return out.getvalue()


class PlacesBox(FamilyBox):
    """A container in which the package is installed from its file."""

    def plan(self, *packages: str) -> Plan:
        plan = super().plan(*packages)
        argv = ("sh", "-c", INSTALL[self.family.manager])
        return replace(plan, steps=tuple(replace(s, argv=argv) if s.kind == "install" else s for s in plan.steps))


@pytest.fixture
def box(request: pytest.FixtureRequest, engine: DockerEngine, tmp_path: Path) -> Iterator[PlacesBox]:
    with box_of(engine, request.param) as found:
        found.at.copy_in("/", (archive(files_of(request.param, tmp_path)),))
        yield PlacesBox(engine, found.at.id, found.family, found.image)


OWN: Final = [row for row in FAMILIES if row.manager in PLACES]


@pytest.mark.parametrize("box", cases(OWN, ("apk", "pacman")), indirect=True, ids=of_manager)
def test_what_a_package_puts_into_its_familys_own_places_is_told(box: PlacesBox) -> None:
    found = box.inspect("lab-places")
    kinds = {row.what: row.kind for row in found.footprint.findings}
    expected = PLACES[box.family.manager]
    assert {path: kinds.get(path) for path in expected} == expected
    text = "\n".join(row.text for row in found.verdict)
    assert NOTHING_RUNS not in text
    assert "unknown effect" not in text
