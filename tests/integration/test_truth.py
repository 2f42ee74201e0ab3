"""A few small packages of the comparison with dpkg and the file system, so that what inspect says stays true."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tests.matrix import FULL

ROOT = Path(__file__).parents[2]


# test_inspect holds the same facts of redis to find and dpkg; these take half a minute
@FULL
@pytest.mark.parametrize("package", ["cron", "iputils-ping"])
def test_every_fact_of_a_small_package_equals_what_dpkg_and_the_file_system_say(
    base: str, tmp_path: Path, package: str
) -> None:
    """Cron: setgid, users, units, PAM; ping: capabilities."""
    assert base
    argv = (sys.executable, "bench/truth.py", package, "--results", str(tmp_path))
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    rows = done.stdout.splitlines()
    assert [row.split()[0] for row in rows] == [package]
    assert all(int(row.split()[3]) > 50 for row in rows), "too little was compared"
