"""The jobs for CI in examples/: their shape is right, and the commands in them run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from tests.integration.running import Program
from tests.matrix import first

ROOT: Final = Path(__file__).parents[2]
JOBS: Final = ("github-trials.yaml", "gitlab-trials.yaml")
SPEC: Final = "packages: [lab-tool]\nchecks:\n  - run: labtool\n"


def loaded(name: str) -> Any:
    return yaml.load((ROOT / "examples" / name).read_text(), Loader=yaml.BaseLoader)  # `on` stays a word


def commands(name: str) -> list[str]:
    """Return the shell lines of the job, the matrix's distro in place."""
    document = loaded(name)
    if "jobs" in document:
        lines = [step["run"] for step in document["jobs"]["trials"]["steps"] if "run" in step]
    else:
        lines = [*document["trials"]["before_script"], *document["trials"]["script"]]
    return [re.sub(r"\$\{\{ matrix\.distro \}\}|\$DISTRO", "alpine", line) for line in lines]


def test_the_github_workflow_has_the_keys_that_github_wants() -> None:
    document = loaded("github-trials.yaml")
    assert {"on", "jobs"} <= {*document}
    job = document["jobs"]["trials"]
    assert job["strategy"]["matrix"]["distro"] == ["debian:bookworm", "alpine", "fedora"]
    assert all(("run" in step) != ("uses" in step) for step in job["steps"])


def test_the_gitlab_job_hands_in_the_report_that_its_command_writes() -> None:
    job = loaded("gitlab-trials.yaml")["trials"]
    assert job["parallel"]["matrix"] == [{"DISTRO": ["debian:bookworm", "alpine", "fedora"]}]
    assert f"--junit {job['artifacts']['reports']['junit']}" in job["script"][-1]


@pytest.mark.parametrize("name", first(JOBS))
def test_the_commands_of_a_job_run_and_write_its_report(name: str, tmp_path: Path, engine_url: str) -> None:
    program = Program(folder=tmp_path, engine=engine_url)
    (program.work / "sandboxes").mkdir()
    (program.work / "sandboxes" / "tool.yaml").write_text(SPEC)
    lines = [line for line in commands(name) if not line.startswith("pip install")]
    assert len(lines) == 1
    assert lines[0].startswith("sandbox trial ")
    extra = {
        "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
        "SANDBOX_DISTROS": str(ROOT / "tests" / "lab" / "distros.yaml"),
        "GITHUB_ACTIONS": "true",
    }
    done = subprocess.run(
        ["sh", "-ec", lines[0]],
        cwd=program.work,
        env=program.env(extra),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "<testsuites" in (program.work / "trials.xml").read_text()
