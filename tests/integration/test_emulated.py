"""A Debian of another machine, run by qemu, and said to be emulated."""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.integration.running import Program
from tests.matrix import FULL

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = FULL

KIND: Final = "linux/arm64"
QEMU: Final = "qemu-aarch64-static"
MAGIC: Final = r"\x7f\x45\x4c\x46\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00"
MASK: Final = r"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff"
"""What Debian's qemu-user-static registers for arm64 (binfmt.d(5))."""
HELD: Final = """
mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc
cd /proc/sys/fs/binfmt_misc
grep -ls aarch64 * >&2 || printf %s "$1" >register
echo registered
exec cat
"""
"""What is registered goes with the last mount of binfmt_misc: here in a mount namespace of its own, and so with the
shell, whatever ends that. The kernel looks it up for all processes."""


def missing() -> str:
    """Return why no other machine can be emulated here, or nothing."""
    if os.geteuid() or platform.machine() != "x86_64":
        return "it registers qemu for arm64 as root of an x86_64"
    absent = [name for name in ("mmdebstrap", "apt-get", "unshare", "dpkg-deb") if shutil.which(name) is None]
    if absent:
        return f"not installed: {', '.join(absent)}"
    return "" if "binfmt_misc" in Path("/proc/filesystems").read_text() else "this kernel has no binfmt_misc"


@pytest.fixture(scope="module")
def _emulates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let the kernel start programs for arm64 by Debian's qemu, unless it does already; then as before."""
    if why := missing():
        pytest.skip(why)
    folder = tmp_path_factory.mktemp("qemu")
    subprocess.run(["apt-get", "-qq", "download", "qemu-user-static"], cwd=folder, check=True, capture_output=True)
    (package,) = folder.glob("*.deb")
    subprocess.run(["dpkg-deb", "-x", str(package), str(folder / "x")], check=True)
    # F: the kernel opens the interpreter now, so that containers need no file of it
    line = f":sandbox-test-aarch64:M::{MAGIC}:{MASK}:{folder / 'x/usr/bin' / QEMU}:POF"
    argv = ["unshare", "--mount", "--propagation", "private", "sh", "-ec", HELD, "sh", line]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as held:
        assert held.stdout is not None
        assert held.stdout.readline() == b"registered\n"
        yield
        held.communicate()


@pytest.fixture(scope="module")
def image(client: Any, tmp_path_factory: pytest.TempPathFactory, _emulates: None) -> Iterator[str]:
    """Give a base for arm64 of mmdebstrap, loaded as `docker save` would have written it."""
    folder, name = tmp_path_factory.mktemp("arm64"), f"sandbox-test/arm64:{os.getpid()}"
    argv = ["mmdebstrap", "--quiet", "--variant=minbase", "--skip=check/qemu", "--mode=root", "--architectures=arm64"]
    subprocess.run([*argv, "bookworm", str(folder / "layer.tar")], check=True, stdin=subprocess.DEVNULL)
    layer = hashlib.sha256((folder / "layer.tar").read_bytes()).hexdigest()
    rootfs = {"type": "layers", "diff_ids": [f"sha256:{layer}"]}
    config = {"architecture": "arm64", "os": "linux", "config": {"Cmd": ["bash"]}, "rootfs": rootfs}
    manifest = [{"Config": "config.json", "RepoTags": [name], "Layers": ["layer.tar"]}]
    with tarfile.open(folder / "image.tar", "w") as tar:
        for entry, content in (("config.json", config), ("manifest.json", manifest)):
            data = json.dumps(content).encode()
            info = tarfile.TarInfo(entry)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
        tar.add(folder / "layer.tar", "layer.tar")
    with (folder / "image.tar").open("rb") as file:
        client.images.load(file)
    yield name
    client.images.remove(name, force=True)


@pytest.fixture
def program(tmp_path: Path, engine_url: str) -> Program:
    return Program(folder=tmp_path, engine=engine_url)


def test_a_base_for_arm64_runs_and_is_said_to_be_emulated(program: Program, image: str) -> None:
    done = program.run("try", "--image", image, "--platform", KIND, "--", "dpkg", "--print-architecture")
    assert (done.returncode, done.stdout) == (0, b"arm64\n"), done.stderr
    assert b"linux/arm64, emulated on linux/amd64" in done.stderr


def test_a_package_for_arm64_is_installed_inspected_locked_and_promoted(program: Program, image: str) -> None:
    (program.work / "arm.yaml").write_text(
        f"distro: debian:bookworm\nimage: {image}\nplatform: {KIND}\npackages: [hello]\n"
    )
    spec = ("--spec", "./arm.yaml")
    done = program.run("inspect", *spec, "--json", "-q")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert [row["name"] for row in found["footprint"]["packages"]] == ["hello"]
    assert found["footprint"]["commands"] == ["hello"]
    assert found["residue"]["left"] == []
    done = program.run("lock", "./arm.yaml")
    assert done.returncode == 0, done.stderr
    assert "arm64" in (program.work / "arm.lock.yaml").read_text()
    done = program.run("try", *spec, "--locked", "-q", "--", "sh", "-c", "hello; dpkg --print-architecture")
    assert (done.returncode, done.stdout) == (0, b"Hello, world!\narm64\n"), done.stderr
    done = program.run("promote", "-o", "install.sh")
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert b"passed in" in said
