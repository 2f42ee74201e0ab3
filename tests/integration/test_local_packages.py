"""Packages from files: tried, inspected, locked, bundled, promoted and proven, by the lab's real package managers."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.integration.boxes import container_of, with_runtimes
from tests.integration.package_builds import apk, control, deb, tarball, wheel
from tests.integration.running import Program
from tests.matrix import FULL, rows
from tests.serving import Quiet, certificate, secure_server

from sandbox.container.box import Box
from sandbox.core.tar import one_file
from sandbox.distros.lookup import find_target

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator, Mapping

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
GIVEN: Final = f"given-{os.getpid()}"
"""A name on the engine that another run of the tests has not."""
BUNDLED: Final = ("apk", "apt", "apt-trixie", "dnf4", "dnf5", "zypper", "pacman")

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


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str, str]]:
    """Give a folder, the address where it is served over https, and the file of the certificate."""
    files = certificate(tmp_path_factory.mktemp("tls"))
    folder = tmp_path_factory.mktemp("served")
    with secure_server(files, partial(Quiet, directory=str(folder))) as port:
        yield folder, f"https://localhost:{port}", str(files[0])


def done(run: subprocess.CompletedProcess[bytes], status: int = 0) -> str:
    assert run.returncode == status, run.stdout.decode() + run.stderr.decode()
    return run.stdout.decode()


@pytest.mark.parametrize("family", rows(FILES, lambda name: name == "apk"))
def test_a_file_is_tried_inspected_promoted_and_proven(family: str, client: Any, program: Program) -> None:
    distro, image, path = FILES[family]
    name = f"my töol{path[path.index('.pkg') if '.pkg' in path else path.rindex('.') :]}"
    (program.work / name).write_bytes(lab_file(client, image, path))

    first = program.run("try", f"./{name}", "-d", distro, "-q", "--", "labtool")
    assert done(first) == "labtool 1.0\n"
    if name.endswith(".rpm"):
        assert f"{name} is not signed" in first.stderr.decode()
    seen = json.loads(done(program.run("inspect", f"./{name}", "-d", distro, "--json", "-q")))
    came = {row["name"]: row["version"] for row in seen["footprint"]["packages"]}
    assert {"lab-tool", "lab-lib"} <= came.keys()
    assert came["lab-tool"].startswith("1.0")
    assert "sandbox-packages" not in json.dumps(seen)

    done(program.run("try", f"./{name}", "-d", distro, "-q", "--name", GIVEN, "--", "labtool"))
    if family not in GENUINE:  # the lab's userland is Debian's, where a script for another distro refuses to run
        own = AS_ITSELF.format(image=image, like=find_target(distro).distro)
        client.images.build(fileobj=io.BytesIO(own.encode()), rm=True, tag=image_of(family))
        table = program.folder / "config/sandbox/distros.yaml"
        rows_of = [line for line in table.read_text().splitlines() if not line.startswith(f"{distro}:")]
        table.write_text("\n".join([*rows_of, f"{distro}: {{image: '{image_of(family)}'}}", ""]))
        done(program.run("try", f"./{name}", "-d", distro, "-q", "--name", GIVEN, "--", "labtool"))
    done(program.run("promote", GIVEN, "-o", "install.sh", "--for", "tried"))
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
    path = path.removeprefix("old/")
    name = f"my töol{path[path.index('.pkg') if '.pkg' in path else path.rindex('.') :]}"
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


def mine(says: str = "mine", version: str = "1.0-r0") -> bytes:
    """Return an .apk whose command prints a line; nobody has signed it."""
    return apk("lab-mine", version, {"usr/bin/labmine": f"#!/bin/sh\necho {says}\n".encode()})


def test_an_address_is_taken_with_its_checksum_alone_and_that_nobody_signed_it_is_said(
    server: tuple[Path, str, str], program: Program
) -> None:
    folder, url, cert = server
    (folder / "mine.apk").write_bytes(mine())
    address, checksum = f"{url}/mine.apk", hashlib.sha256(mine()).hexdigest()
    allowed = ("-d", "alpine", "--allow", "local-url", "--", "labmine")

    without = program.run("try", address, *allowed, SSL_CERT_FILE=cert)
    assert (without.returncode, without.stdout) == (125, b""), without.stderr
    assert f"{address}#sha256={checksum}\n" in without.stderr.decode()
    local = program.run("try", f"{address}#sha256={checksum}", "-d", "alpine", "--", "labmine", SSL_CERT_FILE=cert)
    assert (local.returncode, b"this host's loopback" in local.stderr) == (125, True), local.stderr
    other = program.run("try", f"{address}#sha256={'0' * 64}", *allowed, SSL_CERT_FILE=cert)
    assert (other.returncode, b"is another file than the one" in other.stderr) == (6, True), other.stderr

    ran = program.run("try", f"{address}#sha256={checksum}", *allowed, SSL_CERT_FILE=cert)
    assert done(ran) == "mine\n"
    assert f"warning: {address} is not signed" in ran.stderr.decode()


@FULL
def test_an_address_is_inspected_locked_bundled_promoted_and_proven(
    server: tuple[Path, str, str], program: Program
) -> None:
    folder, url, cert = server
    whole = deb(control("lab-mine", "1.0"), {"./usr/bin/labmine": b"#!/bin/sh\necho mine\n"})
    (folder / "mine.deb").write_bytes(whole)
    word = f"{url}/mine.deb#sha256={hashlib.sha256(whole).hexdigest()}"
    allowed = ("--allow", "local-url", "-q")

    def run(*words: str) -> str:
        return done(program.run(*words, SSL_CERT_FILE=cert))

    (program.work / "tool.yaml").write_text(f"distro: debian:bookworm\npackages: ['{word}']\n")
    seen = json.loads(run("inspect", "--spec", "./tool.yaml", "--json", *allowed))
    assert [row["name"] for row in seen["footprint"]["packages"]] == ["lab-mine"]
    run("lock", "./tool.yaml", *allowed)
    run("bundle", "./tool.yaml", "-o", "tool.sandbox", *allowed)
    assert run("try", "--spec", "./tool.yaml", "--locked", *allowed, "--", "labmine") == "mine\n"
    run("promote", "-o", "install.sh", "--for", "tried")
    script = (program.work / "install.sh").read_text()
    assert "# Proven" in script
    assert word.partition("#")[0] in script
    (folder / "mine.deb").unlink()
    assert run("try", "--bundle", "tool.sandbox", "-q", "--", "labmine") == "mine\n"


@FULL
def test_files_are_compared_and_trialled_and_cached_by_their_content(program: Program) -> None:
    (program.work / "old.apk").write_bytes(mine("old"))
    (program.work / "new.apk").write_bytes(mine("new", "2.0-r0"))
    seen = json.loads(done(program.run("compare", "./old.apk", "./new.apk", "-d", "alpine", "--json", "-q")))
    found = [one["inspection"]["footprint"]["packages"] for one in seen["candidates"]]
    versions = [row["version"] for rows_of in found for row in rows_of]
    assert versions == ["1.0-r0", "2.0-r0"]

    checks = "checks: [{run: labmine, stdout: {equals: old}}]"
    (program.work / "one.yaml").write_text(f"distro: alpine\npackages: [./old.apk]\n{checks}\n")
    done(program.run("trial", "./one.yaml", "-q"))

    words = ("try", "./x.apk", "-d", "alpine", "--cache", "--", "labmine")
    try:
        for says, is_kept in (("old", False), ("old", True), ("other", False)):
            (program.work / "x.apk").write_bytes(mine(says))
            ran = program.run(*words)
            assert done(ran) == f"{says}\n"
            assert (b"  install" in ran.stderr) is not is_kept, ran.stderr
    finally:
        program.run("clean", "--cache")


@FULL
def test_wheels_and_npm_tarballs_are_tried_inspected_locked_bundled_promoted_and_proven(
    engine: DockerEngine, tmp_path: Path
) -> None:
    program = Program(folder=tmp_path, engine=engine.url)
    (program.work / "lab.whl").write_bytes(wheel("lab-py", "1.5"))
    (program.work / "lab.tgz").write_bytes(tarball("@lab/js", "1.2.3", "labjs"))
    text = f"image: {with_runtimes(engine)}\ndistro: debian:bookworm\npackages: [./lab.whl, ./lab.tgz]\n"
    (program.work / "both.yaml").write_text(text)
    done(program.run("lock", "./both.yaml", "-q"))
    done(program.run("bundle", "./both.yaml", "-o", "both.sandbox", "-q"))
    ran = done(program.run("try", "--bundle", "both.sandbox", "-q", "--", "sh", "-c", "lab-py; labjs"))
    assert ran == "lab-py 1.5\nlabjs 1.2.3\n"
    seen = json.loads(done(program.run("inspect", "--spec", "./both.yaml", "--json", "-q")))
    came = {(row["name"], row["version"]) for row in seen["footprint"]["packages"]}
    assert {("pip:lab-py", "1.5"), ("npm:@lab/js", "1.2.3")} <= came, came
    for name, command in (("lab.whl", "lab-py"), ("lab.tgz", "labjs")):
        one = text.partition("packages")[0] + f"packages: [./{name}]\n"
        (program.work / "one.yaml").write_text(one)
        done(program.run("try", "--spec", "./one.yaml", "-q", "--", command))
        done(program.run("promote", "-o", f"{command}.sh", "--for", "tried"))
        assert "# Proven" in (program.work / f"{command}.sh").read_text()


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
    done(program.run("promote", "--no-verify", "-o", "install.sh", "--for", "tried"))
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
