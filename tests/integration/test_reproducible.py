"""The same packages again: a lock that is held to, an earlier day, and a bundle on a machine that has nothing."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import threading
from dataclasses import dataclass
from functools import partial
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.integration.running import Program
from tests.matrix import FULL, first
from tests.serving import Quiet
from tests.storm.engines import missing, private_engine
from tests.storm.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OLD, NEW, TODAY = "archive/debian/20240131T000000Z", "archive/debian/20240630T000000Z", "today"
DOCKERFILE: Final = """
FROM {base}
LABEL org.sandbox-try.kind=test-service
RUN rm -rf /etc/apt/sources.list.d/* && echo 'deb [trusted=yes] http://deb.debian.org/debian ./' >/etc/apt/sources.list
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """A mirror and a snapshot service in one, seen from sandboxes at `url`."""

    folder: Path
    url: str

    def publish(self, place: str, version: str, payload: str = "") -> None:
        """Hold lab-snap in that version, and what it needs, at a place."""
        folder = self.folder / place
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.glob("*.deb"):
            old.unlink()
        packed(folder, "lab-snap", version, payload, "Depends: lab-part\n")
        packed(folder, "lab-part", version, payload)
        self.index(place)

    def add(self, place: str, name: str, version: str, more: str = "") -> None:
        """Hold another version of a package beside what is there."""
        packed(self.folder / place, name, version, "", more)
        self.index(place)

    def index(self, place: str) -> None:
        """Write the index of what is there."""
        folder = self.folder / place
        argv = ["dpkg-scanpackages", "--multiversion", "."]
        packages = subprocess.run(argv, cwd=folder, capture_output=True, check=True).stdout
        (folder / "Packages").write_bytes(packages)
        sums = f" {hashlib.sha256(packages).hexdigest()} {len(packages)} Packages"
        expired = "Valid-Until: Mon, 01 Jan 2024 00:00:00 UTC\n" if place != TODAY else ""
        (folder / "Release").write_text(f"Date: Mon, 01 Jan 2024 00:00:00 UTC\n{expired}SHA256:\n{sums}\n")


def packed(folder: Path, name: str, version: str, payload: str, more: str = "") -> None:
    root = folder / f"{name}.root"
    command = root / "usr/bin" / name
    command.parent.mkdir(parents=True, exist_ok=True)
    command.write_text(f"#!/bin/sh\necho {name} {version} {payload}\n")
    command.chmod(0o755)
    (root / "DEBIAN").mkdir(exist_ok=True)
    fields = f"Package: {name}\nVersion: {version}\nArchitecture: all\nMaintainer: lab <lab@lab.test>\n{more}"
    (root / "DEBIAN/control").write_text(f"{fields}Description: of the lab\n")
    argv = ["dpkg-deb", "--root-owner-group", "-b", str(root), str(folder / f"{name}_{version}_all.deb")]
    # the same version is the same bytes whenever it is packed (dpkg-deb(1))
    subprocess.run(argv, check=True, capture_output=True, env={**os.environ, "SOURCE_DATE_EPOCH": "1704067200"})


@pytest.fixture(scope="module")
def archive(bridge: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    folder = tmp_path_factory.mktemp("archive")
    server = ThreadingHTTPServer((bridge, 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found = Archive(folder=folder, url=f"http://{bridge}:{server.server_address[1]}")
    found.publish(OLD, "1.0")
    found.publish(NEW, "2.0")
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def image(base: str, client: Any) -> Iterator[str]:
    """Return an image whose one source is Debian's own mirror, as the public images have it."""
    tag = f"sandbox-test/snap:{os.getpid()}"
    client.images.build(fileobj=io.BytesIO(DOCKERFILE.format(base=base).encode()), rm=True, tag=tag)
    yield tag
    client.images.remove(tag, force=True)


def locking(folder: Path, engine_url: str, archive: Archive, image: str) -> Program:
    """Return the program with a spec of lab-snap, of which the archive has today's version."""
    archive.publish(TODAY, "3.0")
    settings = {"SANDBOX_SNAPSHOTS": f"debian={archive.url}", "SANDBOX_MIRRORS": f"debian={archive.url}/{TODAY}"}
    found = Program(folder=folder, engine=engine_url, environ=settings)
    (found.work / "snap.yaml").write_text(f"image: {image}\ndistro: debian:bookworm\npackages: [lab-snap]\n")
    return found


@pytest.fixture
def program(tmp_path: Path, engine_url: str, archive: Archive, image: str) -> Program:
    return locking(tmp_path, engine_url, archive, image)


TRY: Final = ("try", "--spec", "./snap.yaml", "--quiet")


@pytest.mark.parametrize(("day", "version"), first([("2024-01-31", "1.0"), ("2024-06-30", "2.0")], several=True))
def test_a_day_gives_the_packages_of_that_day(program: Program, day: str, version: str) -> None:
    done = program.run(*TRY, "--as-of", day, "--", "lab-snap")
    assert (done.returncode, done.stdout) == (0, f"lab-snap {version}\n".encode()), done.stderr


def test_a_day_that_the_service_does_not_have_is_an_error_not_today(program: Program) -> None:
    done = program.run(*TRY, "--as-of", "2020-02-02", "--", "lab-snap")
    assert done.returncode == 125
    assert b"lab-snap" not in done.stdout
    assert b"20200202T000000Z" in done.stderr


def test_a_lock_is_held_to_until_the_mirror_moves_on(program: Program, archive: Archive) -> None:
    written = program.run("lock", "./snap.yaml", "--quiet")
    assert written.returncode == 0, written.stderr
    text = (program.work / "snap.lock.yaml").read_text()
    size = (archive.folder / TODAY / "lab-snap_3.0_all.deb").stat().st_size
    digest = hashlib.sha256((archive.folder / TODAY / "lab-snap_3.0_all.deb").read_bytes()).hexdigest()
    assert f"- lab-snap 3.0 all {size} sha256:{digest}\n" in text
    assert program.run(*TRY, "--locked", "--", "lab-snap").stdout == b"lab-snap 3.0\n"
    assert program.run("lock", "./snap.yaml", "--check", "--quiet").returncode == 0

    archive.publish(TODAY, "3.0", payload="other bytes")
    other = program.run(*TRY, "--locked", "--", "lab-snap")
    assert (other.returncode, other.stdout) == (6, b"")
    assert f"lab-snap 3.0: sha256:{digest[:12]}... is locked".encode() in other.stderr

    archive.publish(TODAY, "3.1")
    newer = program.run(*TRY, "--locked", "--", "lab-snap")
    assert newer.returncode == 6
    assert b"lab-part: 3.0 is locked, 3.1 was installed" in newer.stderr
    assert program.run("lock", "./snap.yaml", "--check", "--quiet").returncode == 6
    assert (program.work / "snap.lock.yaml").read_text() == text

    assert b"  ~ lab-snap 3.0 -> 3.1\n" in program.run("lock", "./snap.yaml", "--update", "--quiet").stdout
    assert program.run(*TRY, "--locked", "--", "lab-snap").stdout == b"lab-snap 3.1\n"


def test_a_lock_of_a_day_stays_to_be_had(program: Program, archive: Archive) -> None:
    assert program.run("lock", "./snap.yaml", "--as-of", "2024-01-31", "--quiet").returncode == 0
    archive.publish(TODAY, "4.0")
    assert program.run(*TRY, "--locked", "--", "lab-snap").stdout == b"lab-snap 1.0\n"


def test_a_spec_that_has_changed_is_stale_before_an_engine_is_asked(program: Program, image: str) -> None:
    assert program.run("lock", "./snap.yaml", "--quiet").returncode == 0
    (program.work / "snap.yaml").write_text(f"image: {image}\ndistro: debian:bookworm\npackages: [lab-part]\n")
    done = program.run(*TRY, "--locked", "--", "lab-part", SANDBOX_ENGINE="unix:///nonexistent")
    assert done.returncode == 6
    assert b"snap.lock.yaml is out of date" in done.stderr


SEEN: Final = r"""
dpkg-query -W -f '${Package} ${Version} ${Architecture}\n'
sha256sum /usr/bin/lab-snap /usr/bin/lab-part
lab-snap
cat /proc/net/dev | grep -c eth || :
"""


@pytest.fixture(scope="module")
def packed_up(tmp_path_factory: pytest.TempPathFactory, engine_url: str, archive: Archive, image: str) -> Program:
    """Return the program with `snap.sandbox` in its folder."""
    program = locking(tmp_path_factory.mktemp("packed"), engine_url, archive, image)
    assert program.run("lock", "./snap.yaml", "--quiet").returncode == 0
    done = program.run("bundle", "./snap.yaml", "-o", "snap.sandbox", "--quiet")
    assert done.returncode == 0, done.stderr
    return program


def test_a_bundle_replays_on_a_machine_that_has_nothing_and_no_network(
    packed_up: Program, archive: Archive, client: Any, base: str, tmp_path: Path
) -> None:
    if reason := missing("docker"):
        pytest.skip(reason)
    archive.publish(TODAY, "3.0")
    *wanted, online = packed_up.run(*TRY, "--locked", stdin=SEEN.encode()).stdout.splitlines()
    assert (wanted[-1], online) == (b"lab-snap 3.0", b"1")
    archive.publish(TODAY, "9.9")
    stage = Stage(folder=tmp_path / "stage", url=packed_up.engine, client=client, base=base)
    with private_engine(stage, "docker") as (other, _):
        other.client.images.remove(base, force=True)
        assert other.client.images.list() == []
        there = Program(folder=tmp_path / "there", engine=other.url)
        file = packed_up.work / "snap.sandbox"
        done = there.run("try", "--bundle", str(file), "--quiet", stdin=SEEN.encode())
        assert done.returncode == 0, done.stderr
        *found, network = done.stdout.splitlines()
        assert other.client.images.list(all=True) == []
        assert other.client.containers.list(all=True) == []
    assert found == wanted
    assert network == b"0"


def test_a_bundle_with_another_package_in_it_is_refused_by_name(packed_up: Program) -> None:
    data = bytearray((packed_up.work / "snap.sandbox").read_bytes())
    data[data.rindex(b"!<arch>") + 100] ^= 1
    (packed_up.work / "other.sandbox").write_bytes(data)
    done = packed_up.run("try", "--bundle", "other.sandbox", "--", "lab-snap")
    assert (done.returncode, done.stdout) == (125, b"")
    assert b"packages/lab-snap_3.0_all.deb: its checksum differs from the manifest" in done.stderr


@FULL
def test_a_bundle_is_not_made_of_what_is_not_locked(program: Program, archive: Archive) -> None:
    assert program.run("lock", "./snap.yaml", "--quiet").returncode == 0
    archive.publish(TODAY, "3.2")
    done = program.run("bundle", "./snap.yaml", "-o", "snap.sandbox", "--quiet")
    assert done.returncode == 6
    assert not (program.work / "snap.sandbox").exists()


@FULL
def test_one_package_is_renewed_and_the_rest_held(program: Program, archive: Archive) -> None:
    assert program.run("lock", "./snap.yaml", "--quiet").returncode == 0
    archive.add(TODAY, "lab-snap", "3.5", "Depends: lab-part\n")
    archive.add(TODAY, "lab-part", "3.5")
    done = program.run("lock", "./snap.yaml", "--update", "lab-snap", "--quiet")
    assert done.returncode == 0, done.stderr
    text = (program.work / "snap.lock.yaml").read_text()
    assert "- lab-snap 3.5 all" in text
    assert "- lab-part 3.0 all" in text


@FULL
def test_what_is_promoted_of_a_lock_is_its_versions_or_says_what_differs(program: Program, archive: Archive) -> None:
    assert program.run("lock", "./snap.yaml", "--quiet").returncode == 0
    archive.add(TODAY, "lab-snap", "3.5", "Depends: lab-part\n")
    archive.add(TODAY, "lab-part", "3.5")
    done = program.run("promote", "--spec", "./snap.yaml", "--locked", "-o", "install.sh")
    assert done.returncode == 0, done.stderr.decode()
    script = (program.work / "install.sh").read_text()
    assert "packages='lab-snap=3.0 lab-part=3.0'" in script
    assert "Proven on" in script

    archive.publish(TODAY, "3.6")
    refused = program.run("promote", "--spec", "./snap.yaml", "--locked")
    assert (refused.returncode, refused.stdout) == (6, b"")
    assert b"'3.0' for 'lab-snap' was not found" in refused.stderr, refused.stderr.decode()
