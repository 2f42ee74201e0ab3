"""Packages from files: tried, inspected, locked, bundled, promoted and proven, by the lab's real package managers."""

from __future__ import annotations

import io
import json
import os
import re
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.integration.boxes import container_of, with_runtimes
from tests.integration.package_builds import control, deb, tarball, wheel
from tests.integration.running import Program
from tests.matrix import FULL, rows

from sandbox.container.box import Box
from sandbox.core.tar import one_file
from sandbox.distros.lookup import find_target

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping

    from sandbox.engine.docker.client import DockerEngine

FILES: Final[Mapping[str, tuple[str, str, str]]] = {
    "apk": ("alpine", "sandbox-lab/apk", "x86_64/lab-tool-1.0-r1.apk"),
    "apt": ("debian:bookworm", "sandbox-lab/apt-bookworm", "lab-tool_1.0_all.deb"),
    "apt-trixie": ("debian:trixie", "sandbox-lab/apt-trixie", "lab-tool_1.0_all.deb"),
    "dnf4": ("rocky", "sandbox-lab/dnf4", "lab-tool-1.0-1.noarch.rpm"),
    "dnf5": ("fedora", "sandbox-lab/dnf5", "lab-tool-1.0-1.noarch.rpm"),
    "zypper": ("opensuse-leap", "sandbox-lab/zypper", "lab-tool-1.0-1.noarch.rpm"),
    "pacman": ("arch", "sandbox-lab/pacman", "old/lab-tool-1.0-1-any.pkg.tar.zst"),
}
"""For each family the distro, its image, and the file of the older version, which its repository would not choose."""
THERE: Final = b"""
FROM sandbox-lab/apt-bookworm
LABEL org.sandbox-try.kind=test-service
RUN apt-get -qq update && apt-get -qq install -y lab-extra
"""
BUNDLED: Final = ("apk", "apt", "apt-trixie", "dnf4", "dnf5", "zypper")


GENUINE: Final = ("apk", "apt", "apt-trixie")
AS_ITSELF: Final = """
FROM {image}
LABEL org.sandbox-try.kind=test-service
RUN rm -f /etc/os-release && printf 'ID={like.name}\\nID_LIKE={like.like}\\n' >/etc/os-release
"""


def image_of(family: str) -> str:
    """Return the tag of a lab's image that says which distro it stands for."""
    return f"sandbox-test/given-{family}:{os.getpid()}"


@pytest.fixture
def program(tmp_path: Path, engine_url: str) -> Program:
    found = Program(folder=tmp_path, engine=engine_url)
    table = tmp_path / "config/sandbox/distros.yaml"
    table.parent.mkdir(parents=True)
    table.write_text((Path(__file__).parents[1] / "lab/distros.yaml").read_text())
    return found


def lab_file(client: Any, image: str, path: str) -> bytes:
    """Return a file of a lab's repository."""
    container = client.containers.create(image, labels={"org.sandbox-try.kind": "test-service"})
    try:
        stream, _ = container.get_archive(f"/srv/lab/{path}")
        with tarfile.open(fileobj=io.BytesIO(b"".join(stream))) as tar:
            found = tar.extractfile(tar.getmembers()[0])
            assert found is not None
            return found.read()
    finally:
        container.remove()


def done(run: subprocess.CompletedProcess[bytes], status: int = 0) -> str:
    assert run.returncode == status, run.stdout.decode() + run.stderr.decode()
    return run.stdout.decode()


@pytest.mark.parametrize("family", rows(FILES, lambda name: name == "apk"))
def test_a_file_is_tried_inspected_promoted_and_proven(family: str, client: Any, program: Program) -> None:
    distro, image, path = FILES[family]
    name = f"my töol{path[path.index('.pkg') if '.pkg' in path else path.rindex('.') :]}"
    (program.work / name).write_bytes(lab_file(client, image, path))

    assert done(program.run("try", f"./{name}", "-d", distro, "-q", "--", "labtool")) == "labtool 1.0\n"
    seen = json.loads(done(program.run("inspect", f"./{name}", "-d", distro, "--json", "-q")))
    came = {row["name"]: row["version"] for row in seen["footprint"]["packages"]}
    assert {"lab-tool", "lab-lib"} <= came.keys()
    assert came["lab-tool"].startswith("1.0")
    assert "sandbox-packages" not in json.dumps(seen)

    done(program.run("try", f"./{name}", "-d", distro, "-q", "--name", "given", "--", "labtool"))
    if family not in GENUINE:  # the lab's userland is Debian's, where a script for another distro refuses to run
        own = AS_ITSELF.format(image=image, like=find_target(distro).distro)
        client.images.build(fileobj=io.BytesIO(own.encode()), rm=True, tag=image_of(family))
        table = program.folder / "config/sandbox/distros.yaml"
        rows_of = [line for line in table.read_text().splitlines() if not line.startswith(f"{distro}:")]
        table.write_text("\n".join([*rows_of, f"{distro}: {{image: '{image_of(family)}'}}", ""]))
        done(program.run("try", f"./{name}", "-d", distro, "-q", "--name", "given", "--", "labtool"))
    done(program.run("promote", "given", "-o", "install.sh", "--for", "tried"))
    if family not in GENUINE:
        client.images.remove(image_of(family))
    script = (program.work / "install.sh").read_text()
    assert "# Proven" in script, script[:2000]
    assert str(program.work / name) in script


@pytest.mark.parametrize("family", rows(BUNDLED, lambda name: name == "apk"))
def test_a_file_is_locked_bundled_and_replayed_and_no_other_is_taken(
    family: str, client: Any, program: Program
) -> None:
    distro, image, path = FILES[family]
    name = f"my töol{path[path.rindex('.') :]}"
    content = lab_file(client, image, path.replace("lab-tool", "lab-extra"))  # which needs nothing of the mirror
    (program.work / name).write_bytes(content)
    (program.work / "tool.yaml").write_text(f"distro: {distro}\npackages: ['./{name}']\n")
    done(program.run("lock", "./tool.yaml", "-q"))
    lock = (program.work / "tool.lock.yaml").read_text()
    assert re.search(rf"- lab-extra 1\.0\S* \d+ sha256:[0-9a-f]{{64}} \./{name}\n", lock), lock
    assert str(program.work) not in lock
    done(program.run("bundle", "./tool.yaml", "-o", "tool.sandbox", "-q"))
    (program.work / name).unlink()
    assert done(program.run("try", "--bundle", "tool.sandbox", "-q", "--", "labextra")) == "labextra 1.0\n"
    other = lab_file(client, image, path.replace("lab-tool", "lab-big"))
    (program.work / name).write_bytes(other)
    refused = program.run("try", "--spec", "./tool.yaml", "--locked", "-q", "--", "labextra")
    assert (refused.returncode, refused.stdout) == (6, b""), refused.stderr
    assert b"is not the file that is locked" in refused.stderr
    (program.work / name).write_bytes(content)
    ran = program.run("try", "--spec", "./tool.yaml", "--locked", "-q", "--", "labextra")
    assert done(ran) == "labextra 1.0\n"


@FULL
def test_wheels_and_npm_tarballs_are_tried_locked_bundled_and_promoted(engine: DockerEngine, tmp_path: Path) -> None:
    program = Program(folder=tmp_path, engine=engine.url)
    (program.work / "lab.whl").write_bytes(wheel("lab-py", "1.5"))
    (program.work / "lab.tgz").write_bytes(tarball("@lab/js", "1.2.3", "labjs"))
    text = f"image: {with_runtimes(engine)}\ndistro: debian:bookworm\npackages: [./lab.whl, ./lab.tgz]\n"
    (program.work / "both.yaml").write_text(text)
    done(program.run("lock", "./both.yaml", "-q"))
    done(program.run("bundle", "./both.yaml", "-o", "both.sandbox", "-q"))
    ran = done(program.run("try", "--bundle", "both.sandbox", "-q", "--", "sh", "-c", "lab-py; labjs"))
    assert ran == "lab-py 1.5\nlabjs 1.2.3\n"


def test_the_given_deb_is_installed_though_its_version_is_there_already(client: Any, program: Program) -> None:
    tag = "sandbox-test/given-there"
    client.images.build(fileobj=io.BytesIO(THERE), rm=True, tag=tag)
    mine = deb(control("lab-extra", "1.0"), {"./usr/bin/labextra": b"#!/bin/sh\necho mine\n"})
    (program.work / "x.deb").write_bytes(mine)
    try:
        ran = program.run("try", "./x.deb", "--image", tag, "-q", "--", "labextra")
        assert done(ran) == "mine\n"
    finally:
        client.images.remove(tag)


def test_a_script_takes_the_file_that_was_tried_and_no_other(engine: DockerEngine, program: Program) -> None:
    whole = deb(control("lab-mine", "1.0"), {"./usr/bin/labmine": b"#!/bin/sh\necho mine\n"}, postinst=b"#!/bin/sh\n")
    (program.work / "x.deb").write_bytes(whole)
    done(program.run("try", "./x.deb", "-d", "debian:bookworm", "-q", "--", "labmine"))
    done(program.run("promote", "--no-verify", "-o", "install.sh"))
    script = (program.work / "install.sh").read_text()
    with container_of(engine, "sandbox-lab/apt-bookworm", "script") as container:
        box = Box(engine, container)
        box.copy_in("/root", [one_file("install.sh", script.encode())])
        assert "is not here" in box.exec(("sh", "/root/install.sh", "-y")).output
        box.copy_in("/root", [one_file("x.deb", whole.replace(b"echo mine", b"echo evil") + b"\n")])
        refused = box.exec(("sh", "/root/install.sh", "-y"))
        assert refused.status == 1
        assert "is another file than the one that was tried" in refused.output
        assert box.exec(("dpkg", "-s", "lab-mine")).status
        box.copy_in("/root", [one_file("x.deb", whole)])
        assert box.exec(("sh", "/root/install.sh", "-y")).status == 0
        assert box.exec(("labmine",)).stdout == "mine"
        assert "all is installed already" in box.exec(("sh", "/root/install.sh", "-y")).output
        assert box.exec(("sh", "/root/install.sh", "--uninstall", "-y")).status == 0
        assert box.exec(("sh", "-c", "ls /usr/bin/labmine /var/cache/sandbox-packages")).status
