"""What `make dist` makes is installed in bare Debians by pip, pipx, apt and python3, and tries a package from there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from tests.integration.running import Program
from tests.matrix import FULL

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = FULL
ROOT: Final = Path(__file__).parents[2]
GLIBCS: Final = ("2_17", "2_27", "2_28", "2_34")
"""Versions of glibc that the wheels on PyPI name; each is older than the three Debians'."""
PYTHONS: Final = {"bookworm": "3.11", "trixie": "3.13", "sid": "3.14"}
SOCKET: Final = "/var/run/docker.sock"
BARE: Final = f"bare-{os.getpid()}"
TRY: Final = "sandbox try hello --distro debian:bookworm --quiet -- hello"
WAYS: Final = {
    "pip": "python3 -m venv /tmp/v && /tmp/v/bin/pip install -q /dist/*.whl && PATH=/tmp/v/bin:$PATH",
    "pipx": "pipx install /dist/*.whl && PATH=/root/.local/bin:$PATH",
    "apt": "apt-get install -y -qq --no-install-recommends /dist/*.deb",
    "python3": 'sandbox() { python3 /dist/sandbox.pyz "$@"; }',
}
OFFLINE: Final = "export PIP_NO_INDEX=1 PIP_FIND_LINKS=/dist/wheels"
"""A container does not know the certificates of this machine: packages of pip come from the folder."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `make dist` has filled, with the wheels that it needs for each Python beside."""
    folder = tmp_path_factory.mktemp("dist") / "dist"
    subprocess.run([sys.executable, ROOT / "scripts/dist.py", folder], check=True, stdout=subprocess.DEVNULL)
    (wheel,) = folder.glob("*.whl")
    platforms = [word for glibc in GLIBCS for word in ("--platform", f"manylinux_{glibc}_x86_64")]
    for python in PYTHONS.values():
        options = ["--only-binary=:all:", "--python-version", python, *platforms]
        house = ["--dest", str(folder / "wheels"), "pip", str(wheel)]
        subprocess.run([sys.executable, "-m", "pip", "download", "-qq", *options, *house], check=True)
    return folder


@pytest.fixture(scope="module", params=PYTHONS)
def bare(
    request: pytest.FixtureRequest, made: Path, engine_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Program]:
    """A Debian that has Python and pipx, the folder and the engine's socket, and nothing else."""
    program = Program(folder=tmp_path_factory.mktemp(request.param), engine=engine_url)
    mounts = ["--mount", f"{made}:/dist", "--mount", f"{SOCKET}:{SOCKET}:rw", "--allow-dangerous"]
    packages = ["python3", "python3-venv", "pipx"]
    done = program.run(
        "try", *packages, "--distro", f"debian:{request.param}", "--keep", "--name", BARE, *mounts, "--", "true"
    )
    assert done.returncode == 0, done.stderr.decode()
    yield program
    program.run("rm", BARE)


@pytest.mark.skipif(not Path(SOCKET).exists(), reason=f"a container is given the engine by {SOCKET}")
@pytest.mark.parametrize("way", WAYS)
def test_it_is_installed_in_a_bare_debian_and_tries_a_package(bare: Program, way: str) -> None:
    script = f"{OFFLINE}; {WAYS[way]} && sandbox --version && {TRY}"
    done = bare.run("enter", BARE, "--", "sh", "-c", script)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout.splitlines()[-1] == b"Hello, world!"
