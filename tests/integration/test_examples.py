"""Every example runs, and ends with the proof of what it shows."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest
from tests.integration.running import ARCHIVES, Program
from tests.matrix import first, rows

EXAMPLES: Final = Path(__file__).parents[2] / "examples"
SCRIPTS: Final = sorted(EXAMPLES.glob("*.sh"))
LONG: Final = (
    "compare-two-releases",
    "evaluate-a-dependency",
    "promote-to-script",
    "spec-with-checks",
    "spec-with-repository",
    "trial-matrix",
)
"""Examples that take most of the time of all; what they show has tests of its own."""
SUITE: Final = EXAMPLES / "test_on_four_distros.py"
PATIENCE: Final = 300.0
"""Seconds: one that compares releases may have to build a base first."""


def test_there_are_examples() -> None:
    assert len(SCRIPTS) >= 5


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_an_example_can_be_run_and_says_what_it_shows(script: Path) -> None:
    assert os.access(script, os.X_OK)
    assert script.read_text().startswith("#!/bin/sh\n# ")


@pytest.mark.parametrize(
    "script", rows(SCRIPTS, lambda script: script.stem not in LONG), ids=lambda script: script.stem
)
def test_an_example_ends_with_its_proof(script: Path, tmp_path: Path, engine_url: str, base: str) -> None:
    assert base
    program = Program(folder=tmp_path, engine=engine_url, debian=ARCHIVES)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [script],
        env=program.env({"PATH": path}),
        cwd=program.work,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("proven: ")
    assert not list(program.work.iterdir())


@pytest.mark.parametrize("which", first(["bookworm", "trixie or sid or alpine"]))
def test_a_suite_of_somebody_runs_on_its_distros(which: str, tmp_path: Path, engine_url: str) -> None:
    images = ARCHIVES if which == "bookworm" else ""
    program = Program(folder=tmp_path, engine=engine_url, debian=images)
    argv = [sys.executable, "-m", "pytest", "-q", "--strict-markers", "-p", "no:cacheprovider", "-k", which, str(SUITE)]
    done = subprocess.run(
        argv, env=program.env({}), cwd=program.work, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (done.returncode, f"{len(which.split(' or '))} passed" in done.stdout) == (0, True), (
        done.stdout + done.stderr
    )
