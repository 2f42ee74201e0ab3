"""The texts for a host with apt, by the real dpkg on a database of its own."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.programs import need

from sandbox.managers.apt.data import DATA

if TYPE_CHECKING:
    from pathlib import Path

STANZA = """\
Package: {name}
Status: deinstall ok config-files
Architecture: {architecture}
Multi-Arch: same
Version: 1
Maintainer: x
Description: x
Conffiles:
 /nonexistent/{name}-{architecture} 00

"""


@pytest.mark.parametrize(
    ("asked", "purged"), [("tool", {"tool:OWN"}), ("tool:i386", {"tool:i386"}), ("tool tool:i386 more", None)]
)
def test_a_package_that_is_there_of_two_architectures_is_purged_in_the_one_that_is_named(
    tmp_path: Path, asked: str, purged: set[str] | None
) -> None:
    need("dpkg-query")
    own = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()
    rows = [("tool", own), ("tool", "i386"), ("more", own)]
    (tmp_path / "status").write_text("".join(STANZA.format(name=name, architecture=arch) for name, arch in rows))
    for folder in ("info", "updates"):
        (tmp_path / folder).mkdir()
    (tmp_path / "info" / "format").write_text("1\n")
    for name, arch in rows:
        (tmp_path / "info" / f"{name}:{arch}.list").write_text(f"/nonexistent/{name}-{arch}\n")
    env = {**os.environ, "DPKG_ADMINDIR": str(tmp_path)}
    text = DATA.host().purge[2].replace("dpkg --purge", "dpkg --simulate --purge")
    done = subprocess.run(
        ["sh", "-c", text, "sh", *asked.split()], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    expected = {f"tool:{own}", "tool:i386", f"more:{own}"} if purged is None else purged
    found = set(re.findall(r"(\S+) \(1\)", done.stdout))
    expected = {f"tool:{own}", "tool:i386", f"more:{own}"} if purged is None else purged
    assert found == {name.replace("OWN", own) for name in expected}


@pytest.mark.parametrize(("asked", "files"), [("tool", {"/a/OWN"}), ("tool:i386 more", {"/a/i386", "/b/OWN"})])
def test_files_are_those_of_the_architecture_that_is_named(tmp_path: Path, asked: str, files: set[str]) -> None:
    need("dpkg-query")
    own = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()
    rows = [("tool", own, "/a/OWN"), ("tool", "i386", "/a/i386"), ("more", own, "/b/OWN")]
    (tmp_path / "status").write_text("".join(STANZA.format(name=name, architecture=arch) for name, arch, _ in rows))
    (tmp_path / "info").mkdir()
    (tmp_path / "info" / "format").write_text("1\n")
    for name, arch, path in rows:
        (tmp_path / "info" / f"{name}:{arch}.list").write_text(path.replace("OWN", own) + "\n")
    env = {**os.environ, "DPKG_ADMINDIR": str(tmp_path)}
    done = subprocess.run(
        ["sh", "-c", DATA.host().files, "sh", *asked.split()], env=env, capture_output=True, text=True, check=False
    )
    assert set(done.stdout.split()) == {path.replace("OWN", own) for path in files}, done.stderr
