"""Every release whose support is said to rest on real runs is run: try, promote, and the script in a fresh box."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from tests.integration.running import Program
from tests.matrix import FULL, first

from sandbox.commands.base import ensure
from sandbox.distros.lookup import find_target
from sandbox.distros.registry import DISTROS

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.engine.docker.client import DockerEngine

RUN: Final = tuple(
    f"{distro.name}:{release.name}"
    for distro in DISTROS
    for release in distro.releases
    if release.support == "run" and distro.bootstrap
)
TWICE: Final = "sh /script.sh --dry-run && sh /script.sh -y && sh /script.sh -y && jq --version"


@FULL
@pytest.mark.parametrize("distro", RUN)
def test_what_was_tried_is_installed_by_the_script_once(distro: str, tmp_path: Path, engine: DockerEngine) -> None:
    ensure(engine, find_target(distro), version="test", folder=tmp_path)
    program = Program(folder=tmp_path, engine=engine.url)
    tried = program.run("try", "jq", "--distro", distro, "--promote", "install.sh", "--", "jq", "--version")
    assert (tried.returncode, tried.stdout[:3]) == (0, b"jq-"), tried.stderr.decode()

    script = program.work / "install.sh"
    played = program.run("try", "--distro", distro, "--mount", f"{script}:/script.sh", "--", "sh", "-c", TWICE)
    said = played.stdout.decode()
    assert played.returncode == 0, said + played.stderr.decode()
    assert "+ env DEBIAN_FRONTEND=noninteractive" in said
    assert said.index("installed: jq") < said.index("all is installed already: jq")
    assert said.endswith(tried.stdout.decode())


@pytest.mark.parametrize("shell", first(["dash", "bash", "busybox sh"]))
def test_the_script_refuses_another_family_in_every_shell(
    shell: str, tmp_path: Path, engine_url: str, base: str
) -> None:
    program = Program(folder=tmp_path, engine=engine_url)
    assert base
    packages = ("busybox",) if "busybox" in shell else ()
    program.run("try", "hostname", "--distro", "debian", "--promote", "s.sh", "--", "true")
    fake = "echo ID=fedora >/etc/os-release"
    mount = f"{program.work / 's.sh'}:/s.sh"
    refused = program.run(
        "try", *packages, "--distro", "debian", "--mount", mount, "--setup", fake, "--", *shell.split(), "/s.sh", "-y"
    )
    assert (refused.returncode, "Debian" in refused.stderr.decode(), "fedora" in refused.stderr.decode()) == (
        1,
        True,
        True,
    )
