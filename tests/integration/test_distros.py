"""The sentence that the tool is known by, on every distro that the lab has a package manager of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from tests.integration.running import Program

from sandbox.distros.merge import merge
from sandbox.distros.registry import DISTROS

if TYPE_CHECKING:
    from subprocess import CompletedProcess

    from sandbox.engine.docker.client import DockerEngine

ROWS: Final = Path(__file__).parents[1] / "lab" / "distros.yaml"
LAB: Final = tuple(
    row.name
    for row in merge(DISTROS, ROWS.read_bytes(), source=str(ROWS))
    if row.image and row.image.startswith("sandbox-lab/")
)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, engine: DockerEngine) -> Program:
    return Program(folder=tmp_path_factory.mktemp("distros"), engine=engine.url)


def tried(program: Program, distro: str, *words: str) -> CompletedProcess[bytes]:
    return program.run("try", "--distro", distro, "--distros", str(ROWS), *words)


def test_the_lab_has_all_eight_families() -> None:
    assert {"alpine", "arch", "debian", "fedora", "gentoo", "nixos", "opensuse-tumbleweed", "rocky"} <= {*LAB}


@pytest.mark.parametrize("distro", LAB)
def test_a_package_is_there_in_every_distro_and_nothing_afterwards(program: Program, distro: str) -> None:
    done = tried(program, distro, "lab-tool", "--", "labtool")
    said = done.stderr.decode()
    assert (done.returncode, done.stdout) == (0, b"labtool 2.0\n"), said
    assert "nothing else of this session is left" in said


@pytest.mark.parametrize("distro", ["alpine", "fedora"])
def test_a_mistyped_name_is_answered_from_that_distros_own_index(program: Program, distro: str) -> None:
    done = tried(program, distro, "lab-tol")
    assert done.returncode == 4
    assert "has no package lab-tol" in done.stderr.decode()
    assert "lab-tool" in done.stderr.decode()
