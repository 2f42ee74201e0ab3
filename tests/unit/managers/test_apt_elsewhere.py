"""What a part of the archive that is not switched on has: the lines that switch it on work as they are."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from sandbox.managers.apt.queries import elsewhere

if TYPE_CHECKING:
    from pathlib import Path

KEY = "/usr/share/keyrings/debian-archive-keyring.gpg"
LIST = f"deb [arch=amd64 signed-by={KEY}] http://deb.example/debian trixie main\ndeb http://other.example/x a main\n"
SOURCES = f"""\
Types: deb
URIs: http://deb.example/debian/ http://deb.example/security
Suites: trixie
Components: main
Signed-By: {KEY}

Types: deb
URIs: http://other.example/x
Suites: a
"""


@pytest.mark.parametrize(("name", "text"), [("sources.list", LIST), ("parts/debian.sources", SOURCES)])
def test_a_line_that_switches_a_part_on_has_the_key_of_its_repository(name: str, text: str, tmp_path: Path) -> None:
    """apt 2.6 leaves $(SIGNED_BY) as it is, and refuses a repository of two lines with different keys."""
    (tmp_path / "parts").mkdir()
    (tmp_path / name).write_text(text)
    programs = {
        "apt-config": f"echo \"list='{tmp_path}/sources.list' parts='{tmp_path}/parts/'\"",
        "apt-get": "[ $1 != indextargets ] || printf '%s trixie\\n' http://deb.example/debian/ http://other.example/x/",
        "apt-cache": "echo 'x | 1 | http://deb.example/debian trixie/non-free amd64 Packages'",
    }
    for program, body in programs.items():
        (tmp_path / program).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / program).chmod(0o755)
    query = elsewhere(["x"])
    assert query
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    assert shutil.which("awk")
    said = subprocess.run(query.argv, env=environ, capture_output=True, text=True, check=True).stdout
    [found] = query.parse(said)
    assert found.sources == (
        f"deb [signed-by={KEY}] http://deb.example/debian/ trixie non-free",
        "deb http://other.example/x/ trixie non-free",
    )
