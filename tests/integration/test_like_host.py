"""A sandbox becomes like a host: the real apt has its packages, and counts with its versions; without a network."""

from __future__ import annotations

import shlex
import subprocess
import threading
from functools import partial
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.integration.boxes import container_of
from tests.integration.package_builds import control, deb
from tests.integration.running import output_of
from tests.serving import Quiet
from tests.unit.fakes import FakeReporter

from sandbox.container.box import Box
from sandbox.container.shell import DEFAULT_PATH
from sandbox.core.programs import program
from sandbox.distros.lookup import find_target
from sandbox.errors import StepFailed
from sandbox.managers import apt
from sandbox.managers.host_state import HostFile, HostPackage, HostState, host_notes
from sandbox.managers.registry import manager_of
from sandbox.provision.network import HostNetwork
from sandbox.provision.plan import Terms, plan_for
from sandbox.provision.run import Provisioning
from sandbox.provision.site import InstallSite
from sandbox.specs.model import Spec

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sandbox.engine.docker.client import DockerEngine

HOST: Final = """\
apt-get update >/dev/null
{
    dpkg-query -W -f '${Package} ${Version} manual free\\n' | grep -v '^tzdata '
    echo 'lab-tool 1.9 manual free'
    echo 'lab-gone 1.0 manual hold'
    echo
    for name in 'lab-tool 1.9' 'lab-gone 1.0'; do
        printf 'Package: %s\\nStatus: install ok installed\\nArchitecture: all\\nVersion: %s\\n' ${name% *} ${name#* }
        printf 'Maintainer: lab\\nDescription: of a host\\n\\n'
    done
} >/rows
"""
"""What a host of the lab has: all but one package of the base, one in a version of before, and one of its own."""


def test_the_real_apt_has_the_packages_of_a_host_and_counts_with_its_versions(client: Any) -> None:
    text = f"{HOST}sh -c {shlex.quote(program(apt.__name__, 'like_host.sh'))} sh </rows 2>&1\n"
    text += "echo ===; apt-get -s install lab-tool; labtool; dpkg-query -W tzdata lab-gone 2>&1; apt-mark showhold"
    said = output_of(client, "sandbox-lab/apt-bookworm", "sh", "-c", text, network_mode="none").decode()
    first, _, then = said.partition("===")
    assert [*host_notes(first)] == [
        "1 package without files in the sandbox, since no repository has it any more: lab-gone",
        "1 package with the files of another version, since the repositories no longer have this host's: lab-tool",
        "1 package with files in the sandbox alone, since others need it there: lab-lib",
    ]
    assert "Inst lab-lib (" in then, "the host has none, and its lab-tool 2.0 would need one"
    assert "Inst lab-tool [1.9] (2.0" in then, said
    assert "labtool 2.0" in then
    assert "no packages found matching tzdata" in then
    assert "lab-gone\t1.0\nlab-gone\n" in then


@pytest.fixture
def releases(bridge: str, tmp_path: Path) -> Iterator[str]:
    """Serve two releases of lab-good and lab-bad, whose script of the second fails, and a third party's one release."""
    for place, name, version, script in (
        ("bookworm", "lab-good", "1.0", "true"),
        ("trixie", "lab-good", "2.0", "echo done >/var/lib/good"),
        ("bookworm", "lab-bad", "1.0", "true"),
        ("trixie", "lab-bad", "2.0", "echo 'bad: no such luck' >&2; exit 1"),
        ("third/bookworm", "lab-third", "1.0", "true"),
    ):
        pool = tmp_path / place.replace("bookworm", "pool-1").replace("trixie", "pool-2")
        pool.mkdir(parents=True, exist_ok=True)
        content = deb(control(name, version), {}, postinst=f"#!/bin/sh\n{script}\n".encode())
        (pool / f"{name}.deb").write_bytes(content)
    for root, packages, suite in (
        ("", "pool-1", "bookworm"),
        ("", "pool-2", "trixie"),
        ("third", "pool-1", "bookworm"),
    ):
        argv = ["dpkg-scanpackages", "--multiversion", packages]
        found = subprocess.run(argv, cwd=tmp_path / root, capture_output=True, check=True).stdout
        index = tmp_path / root / "dists" / suite / "main/binary-all"
        index.mkdir(parents=True)
        (index / "Packages").write_bytes(found)
        release = f"Codename: {suite}\nSuite: {suite}\nArchitectures: all\nComponents: main\nSHA256:\n"
        argv = ["sha256sum", "main/binary-all/Packages"]
        sums = subprocess.run(argv, cwd=index.parents[1], capture_output=True, check=True, text=True).stdout.split()
        (index.parents[1] / "Release").write_text(f"{release} {sums[0]} {len(found)} {sums[1]}\n")
    server = ThreadingHTTPServer((bridge, 0), partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{bridge}:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_another_release_upgrades_what_a_host_has_and_names_the_script_that_fails(
    engine: DockerEngine, releases: str
) -> None:
    target = find_target("debian:bookworm")
    manager = manager_of(target.manager)
    with container_of(engine, "sandbox-lab/apt-bookworm", "releases", network="default") as name:
        box = Box(engine, name)
        listed = box.exec(("dpkg-query", "-W", "-f", "${Package} ${Version}\n")).stdout.split("\n")
        own = ("lab-good 1.0", "lab-bad 1.0", "lab-third 1.0")
        packages = (HostPackage(name=row.split()[0], version=row.split()[1]) for row in (*listed, *own) if row)
        lines = f"deb [arch=all trusted=yes] {releases} bookworm main\n"
        third = f"deb [arch=all trusted=yes] {releases}/third bookworm main\n"
        files = (
            HostFile(path="/etc/apt/sources.list", content=lines.encode()),
            HostFile(path="/etc/apt/sources.list.d/third.list", content=third.encode()),
        )
        state = HostState(packages=tuple(packages), files=files)
        plan = plan_for(Spec(), target, manager, Terms(like=state, upgrade=True, upgrade_to="trixie"))
        reporter = FakeReporter()
        work = Provisioning(InstallSite(box=box, plan=plan, manager=manager, network=HostNetwork(), reporter=reporter))
        with pytest.raises(StepFailed) as failed:
            work.run(path=DEFAULT_PATH)
        said = " ".join((failed.value.brief, *(text for _, text in failed.value.details)))
        assert "lab-bad" in failed.value.brief, said
        assert "bad: no such luck" in said
        server = releases.removeprefix("http://")
        note = f"1 source without the new release, so nothing of it is upgraded: {server}"
        assert work.notes == (note,)
        versions = ("dpkg-query", "-W", "-f", "${Package} ${Version} ${db:Status-Abbrev}\n", "lab-*")
        rows = sorted(row.strip() for row in box.exec(versions).stdout.split("\n") if row)
        assert rows == ["lab-bad 2.0 iF", "lab-good 2.0 ii", "lab-third 1.0 ii"]
        assert box.exec(("cat", "/var/lib/good")).stdout == "done"
