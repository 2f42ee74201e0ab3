"""A lock held to by every manager that can be told a version: the older one comes, though the mirror has a newer."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import tarfile
import threading
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.integration.running import Program
from tests.matrix import FULL, rows
from tests.serving import Quiet

from sandbox.distros.lookup import find_target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DOCKERFILE: Final = """
FROM sandbox-lab/{lab}
LABEL org.sandbox-try.kind=test-service
RUN for file in /etc/apk/repositories /etc/yum.repos.d/lab.repo /etc/zypp/repos.d/lab.repo; do \\
        [ ! -f "$file" ] || sed -i 's#\\(file://\\)\\{{0,1\\}}/srv/lab#{url}#' "$file"; \\
    done
"""
DISTROS: Final[Mapping[str, str]] = {"apk": "alpine", "dnf4": "rocky", "dnf5": "fedora", "zypper": "opensuse-leap"}
OLD: Final[Mapping[str, str]] = {
    "apk": "x86_64/lab-tool-1.0-r1.apk",
    "dnf4": "lab-tool-1.0-1.noarch.rpm",
    "dnf5": "lab-tool-1.0-1.noarch.rpm",
    "zypper": "lab-tool-1.0-1.noarch.rpm",
}
"""The file of the older version, below the repository."""


def labs(*small: str) -> list[Any]:
    """Return the labs, those marked full that are not named: each claim is made of another in `make test`."""
    return rows(DISTROS, lambda name: name in small)


@pytest.fixture
def repository(request: pytest.FixtureRequest, client: Any, bridge: str, tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """Serve the lab's repository as a mirror: the folder and its URL, seen from sandboxes."""
    container = client.containers.create(
        f"sandbox-lab/{request.param}", labels={"org.sandbox-try.kind": "test-service"}
    )
    stream, _ = container.get_archive("/srv/lab")
    data = b"".join(stream)
    container.remove()
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        tar.extractall(tmp_path / "mirror", filter="data")
    server = ThreadingHTTPServer((bridge, 0), partial(Quiet, directory=str(tmp_path / "mirror/lab")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield tmp_path / "mirror/lab", f"http://{bridge}:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("repository", labs("apk"), indirect=True)
def test_the_locked_version_comes_though_the_mirror_has_a_newer(
    repository: tuple[Path, str], request: pytest.FixtureRequest, client: Any, engine_url: str, tmp_path: Path
) -> None:
    mirror, url = repository
    lab = request.node.callspec.params["repository"]
    tag = f"sandbox-test/locked-{lab}:{os.getpid()}"
    client.images.build(fileobj=io.BytesIO(DOCKERFILE.format(lab=lab, url=url).encode()), rm=True, tag=tag)
    try:
        program = Program(folder=tmp_path, engine=engine_url)
        spec = f"image: {tag}\ndistro: {DISTROS[lab]}\npackages: [lab-tool]\nchecks: [{{run: labtool}}]\n"
        (program.work / "tool.yaml").write_text(spec)
        written = program.run("lock", "./tool.yaml", "--quiet", "--sbom", "tool.cdx.json")
        assert written.returncode == 0, written.stderr
        assert "lab-tool" in (program.work / "tool.lock.yaml").read_text()
        assert re.search(rb"^wrote   tool.cdx.json: CycloneDX 1.6, \d packages?$", written.stdout, re.MULTILINE)
        lists_what_is_locked(program.work / "tool.cdx.json", mirror)

        earlier(program.work / "tool.lock.yaml", mirror / OLD[lab])
        done = program.run("try", "--spec", "./tool.yaml", "--locked", "--quiet", "--", "labtool")
        assert (done.returncode, done.stdout) == (0, b"labtool 1.0\n"), done.stderr.decode()
        record = json.loads(program.journal.read_text().splitlines()[-1])
        assert [(row["name"], row["origin"]) for row in record["packages"]] == [("lab-tool", "asked")]
        twice = program.run("trial", "./tool.yaml", "--locked", "--twice", "--quiet")
        assert twice.returncode == 0, twice.stdout + twice.stderr

        check = program.run("lock", "./tool.yaml", "--check", "--quiet")
        assert check.returncode == 6
        assert re.search(rb"lab-tool: 1\.0-r?1 \S+ \S+ is locked, 2\.0-r?1 ", check.stderr), check.stderr.decode()

        (mirror / OLD[lab]).unlink()
        gone = program.run("try", "--spec", "./tool.yaml", "--locked", "--quiet", "--", "labtool")
        assert (gone.returncode, gone.stdout) == (6, b""), gone.stderr.decode()
        assert re.search(rb"lab-tool: 1\.0-r?1 is locked, 2\.0-r?1 was installed", gone.stderr), gone.stderr.decode()
    finally:
        client.images.remove(tag, force=True)


def lists_what_is_locked(bill: Path, mirror: Path) -> None:
    """Hold a bill of lab-tool to the mirror: each hash is that of its own file there, and lab-tool needs lab-lib."""
    data = json.loads(bill.read_text())
    rows = {row["name"]: row for row in data["components"] if "purl" in row}
    files = {hashlib.sha256(file.read_bytes()).hexdigest(): file.name for file in mirror.rglob("*") if file.is_file()}
    came = {name: files[row["hashes"][0]["content"]] for name, row in rows.items()}
    assert all(file.startswith(f"{name}-{rows[name]['version'].partition('-r')[0]}") for name, file in came.items())
    needs = {row["ref"]: row.get("dependsOn", []) for row in data["dependencies"]}
    assert sorted(rows) == ["lab-lib", "lab-tool"]
    assert needs[rows["lab-tool"]["purl"]] == [rows["lab-lib"]["purl"]]
    assert [ref for ref in needs["sandbox"] if ref != "distro"] == [rows["lab-tool"]["purl"]]


@pytest.fixture
def held(
    repository: tuple[Path, str], request: pytest.FixtureRequest, client: Any, engine_url: str, tmp_path: Path
) -> Iterator[tuple[Program, Path, str]]:
    """Return a program whose spec is locked at the older version, the mirror's folder, and the lab's name."""
    mirror, url = repository
    lab = request.node.callspec.params["repository"]
    tag = f"sandbox-test/held-{lab}:{os.getpid()}"
    found = find_target(DISTROS[lab])  # a script runs on its own family and release alone
    said = f"ID={found.distro.name}\\nID_LIKE={found.distro.like or ''}\\nVERSION_ID={found.release.name}\\n"
    named = f"RUN rm -f /etc/os-release && printf '{said}' >/etc/os-release\n"
    client.images.build(fileobj=io.BytesIO((DOCKERFILE.format(lab=lab, url=url) + named).encode()), rm=True, tag=tag)
    program = Program(folder=tmp_path, engine=engine_url)
    spec = f"image: {tag}\ndistro: {DISTROS[lab]}\npackages: [lab-tool]\nchecks: [{{run: labtool}}]\n"
    (program.work / "tool.yaml").write_text(spec)
    written = program.run("lock", "./tool.yaml", "--quiet")
    assert written.returncode == 0, written.stderr.decode()
    earlier(program.work / "tool.lock.yaml", mirror / OLD[lab])
    yield program, mirror, lab
    client.images.remove(tag, force=True)


@pytest.mark.parametrize("repository", labs("zypper"), indirect=True)
def test_what_is_promoted_of_a_lock_installs_its_versions(held: tuple[Program, Path, str]) -> None:
    program, mirror, lab = held
    done = program.run("promote", "--spec", "./tool.yaml", "--locked", "-o", "install.sh")
    assert done.returncode == 0, done.stderr.decode()
    script = (program.work / "install.sh").read_text()
    assert re.search(r"^packages='lab-tool\S+ lab-lib\S+'$", script, re.MULTILINE), script[:3000]
    assert "Proven on" in script
    mount = ("--mount", f"{program.work / 'install.sh'}:/install.sh")
    image = re.search(r"image: (\S+)", (program.work / "tool.yaml").read_text())
    assert image
    words = ("try", "--image", image[1], "--distro", DISTROS[lab], *mount, "--quiet")
    taken = "sh /install.sh --uninstall -y >/dev/null && ! grep -sqx lab-base /var/lib/zypp/AutoInstalled"
    ran = program.run(*words, "--", "sh", "-c", f"sh /install.sh -y >/dev/null && labtool && {taken}")
    assert (ran.returncode, ran.stdout) == (0, b"labtool 1.0\n"), ran.stderr.decode()

    (mirror / OLD[lab]).unlink()
    refused = program.run("promote", "--spec", "./tool.yaml", "--locked")
    assert (refused.returncode, refused.stdout) == (6, b""), refused.stderr.decode()
    assert b"lab-tool" in refused.stderr


@pytest.mark.parametrize("repository", labs("dnf5"), indirect=True)
def test_one_package_is_renewed_and_the_rest_held(held: tuple[Program, Path, str]) -> None:
    program, _, lab = held
    other = program.run("lock", "./tool.yaml", "--update", "lab-lib", "--quiet")
    assert other.returncode == 0, other.stderr.decode()
    assert re.search(r"- lab-tool 1\.0-r?1 ", (program.work / "tool.lock.yaml").read_text()), lab
    done = program.run("lock", "./tool.yaml", "--update", "lab-tool", "--quiet")
    assert done.returncode == 0, done.stderr.decode()
    assert re.search(rb"  ~ lab-tool 1\.0-r?1 -> 2\.0-r?1\n", done.stdout), done.stdout


def earlier(lock: Path, file: Path) -> None:
    """Make of a lock one that was written when a package had that older file."""
    data = file.read_bytes()
    text, changed = re.subn(
        r"- lab-tool 2\.0(-r?1) (\S+) \d+ sha256:[0-9a-f]{64}",
        rf"- lab-tool 1.0\1 \2 {len(data)} sha256:{hashlib.sha256(data).hexdigest()}",
        lock.read_text(),
    )
    assert changed == 1
    lock.write_text(text)


@FULL
def test_a_matrix_is_held_to_one_lock_of_several_distros_twice_the_same(engine_url: str, tmp_path: Path) -> None:
    rows = Path(__file__).parents[1] / "lab" / "distros.yaml"
    program = Program(folder=tmp_path, engine=engine_url, environ={"SANDBOX_DISTROS": str(rows)})
    (program.work / "tool.yaml").write_text("packages: [lab-tool]\nchecks: [{run: labtool}]\n")
    written = program.run("lock", "./tool.yaml", "-d", "fedora,opensuse-leap", "-d", "arch", "--quiet")
    assert written.returncode == 0, written.stderr
    more = program.run("lock", "./tool.yaml", "-d", "alpine", "-d", "fedora,rocky,arch", "--quiet")
    assert (more.returncode, more.stdout.count(b"wrote ")) == (4, 2), (
        more.stderr.decode()
    )  # apk, dnf 4: from their disk
    assert b"warning: alpine: lab-lib 1.1-r1 can't be locked: apk did not keep its package file" in more.stderr
    assert b"error: ./tool.yaml could not be resolved for alpine, rocky" in more.stderr
    matrix = ("trial", "./tool.yaml", "-d", "fedora,opensuse-leap,arch", "--locked", "--quiet", "--json")
    done = program.run(*matrix, "--twice")
    found = json.loads(done.stdout)
    assert (done.returncode, found["passed"]) == (0, True), done.stderr
    assert len(found["cells"]) == 3

    lock = program.work / "tool.lock.yaml"
    lock.write_text(re.sub(r"(lab-tool 2\.0-1 any \d+ sha256:)....", r"\g<1>0000", lock.read_text()))
    other = program.run(*matrix)
    cells = {cell["distro"].partition(":")[0]: cell["status"] for cell in json.loads(other.stdout)["cells"]}
    assert other.returncode == 6
    assert sorted(name for name, status in cells.items() if status == "passed") == ["fedora", "opensuse-leap"]
    refused = program.run("lock", "./tool.yaml", "-d", "arch", "--update", "lab-tool", "--quiet")
    assert refused.returncode == 2
    assert b"its mirrors have one version of each package" in refused.stderr
