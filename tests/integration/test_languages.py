"""Packages of languages, by the real pip, npm and gem: tried, promoted, noticed when added by hand."""

from __future__ import annotations

import json
import os
import re
import subprocess
from typing import TYPE_CHECKING, Final

import pytest
from tests.integration.boxes import with_runtimes
from tests.integration.running import ARCHIVE, NPM, Program
from tests.matrix import FULL, first

from sandbox.commands.base import ensure
from sandbox.distros.lookup import find_target
from sandbox.provision.network import host_network

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sandbox.engine.docker.client import DockerEngine

PATIENT: Final = 400.0
"""Seconds: npm alone brings four hundred packages of Debian's."""
TWICE: Final = "sh /script.sh -y && sh /script.sh -y && yamllint --version && ! python3 -c 'import yamllint'"


@pytest.fixture
def program(tmp_path: Path, engine_url: str, base: str) -> Program:
    assert base
    return Program(folder=tmp_path, engine=engine_url, debian=ARCHIVE)


def run(
    program: Program, *words: str, stdin: bytes = b"", extra: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run the program as `Program.run` does, for as long as a language's packages need."""
    return subprocess.run(
        program.argv(*words),
        input=stdin,
        capture_output=True,
        env=program.env(extra or {}),
        cwd=program.work,
        timeout=PATIENT,
        check=False,
    )


def certificates(program: Program) -> tuple[str, ...]:
    """Return the options that let a user's own pip in a sandbox reach its index from this machine."""
    bundle = host_network(os.environ).bundle
    if bundle is None:
        return ()
    (program.folder / "ca.pem").write_bytes(bundle)
    return ("--mount", f"{program.folder / 'ca.pem'}:/ca.pem", "--env", "PIP_CERT=/ca.pem")


@FULL
def test_pips_package_is_pinned_and_its_script_installs_it_once(engine: DockerEngine, tmp_path: Path) -> None:
    program = Program(folder=tmp_path, engine=engine.url, debian=with_runtimes(engine))
    words = ("try", "pip:yamllint=1.35.1", "--distro", "debian:bookworm")
    tried = run(program, *words, "--promote", "install.sh", "--", "yamllint", "--version")
    said = tried.stderr.decode()
    assert (tried.returncode, tried.stdout) == (0, b"yamllint 1.35.1\n"), said
    assert re.search(r"^  install +pip:yamllint 1\.35\.1 and \d+ dependencies .* MB on disk", said, re.MULTILINE)

    mount = ("--mount", f"{program.work / 'install.sh'}:/script.sh")
    played = run(program, "try", "--distro", "debian:bookworm", *mount, *certificates(program), "--", "sh", "-c", TWICE)
    out = played.stdout.decode()
    assert played.returncode == 0, out + played.stderr.decode()
    assert out.index("installed: pip:yamllint") < out.index("all is installed already: pip:yamllint")
    assert out.endswith("yamllint 1.35.1\n")


@pytest.mark.parametrize("release", first(["bookworm", "trixie"]))
def test_npms_package_runs_beside_the_distros(engine: DockerEngine, tmp_path: Path, release: str) -> None:
    program = Program(folder=tmp_path, engine=engine.url, debian=NPM if release == "bookworm" else "")
    if release == "trixie":  # Debian's own npm, with four hundred other packages
        ensure(engine, find_target("debian:trixie"), version="test", folder=program.folder)
    done = run(program, "try", "hello", "npm:cowsay", "--distro", f"debian:{release}", stdin=b"cowsay hi\nhello\n")
    said = done.stderr.decode()
    assert done.returncode == 0, said
    assert b"< hi >" in done.stdout
    assert b"Hello, world!" in done.stdout
    assert re.search(r"^  install +hello \S+ and \d+ dependencies", said, re.MULTILINE)
    assert re.search(r"^  install +npm:cowsay \d", said, re.MULTILINE)
    record = json.loads(program.journal.read_text())
    assert [(row["source"], row["name"]) for row in record["packages"]] == [("", "hello"), ("npm", "cowsay")]


@FULL
def test_what_pip_installed_by_hand_is_noticed(engine: DockerEngine, tmp_path: Path) -> None:
    program = Program(folder=tmp_path, engine=engine.url, debian=with_runtimes(engine))
    line = b"python3 -m pip install -q --break-system-packages cowsay==6.1\n"
    words = ("try", "python3-pip", "--distro", "debian:bookworm", *certificates(program))
    done = run(program, *words, stdin=line)
    assert done.returncode == 0, done.stderr.decode()
    record = json.loads(program.journal.read_text())
    found = [(row["source"], row["name"], row["version"], row["origin"]) for row in record["packages"]]
    assert found[0][:2] == ("", "python3-pip")
    assert found[1:] == [("pip", "cowsay", "6.1", "by-hand")]
    assert b"pip install" in run(program, "promote", "--for", "tried", "--no-verify").stdout


@FULL
def test_a_registry_that_can_not_be_reached_is_told(program: Program) -> None:
    nowhere = {"https_proxy": "http://127.0.0.1:9", "HTTPS_PROXY": "http://127.0.0.1:9"}
    done = run(program, "try", "gem:lolcat", "--distro", "debian:bookworm", "--", "true", extra=nowhere)
    said = done.stderr.decode()
    assert (done.returncode, done.stdout) == (125, b""), said
    assert re.search(r"^  install +for gem: \d+ packages", said, re.MULTILINE)
    assert "error: the sandbox can't reach rubygems.org" in said
    assert "gem said" in said
