"""Trials on Fargate, run as containers by tests/fargate: the same results as on one engine, and nothing left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.integration.running import Program, ended, wait_for
from tests.integration.test_swarm import told
from tests.integration.test_trial import SPECS as TRIALS

if TYPE_CHECKING:
    from pathlib import Path
    from subprocess import Popen

    from tests.fargate.rig import Rig

IMAGE: Final = "sandbox-lab/apk"
WHERE: Final = ("--distro", "alpine,alpine:edge")
SPECS: Final = {
    "good": TRIALS["good"],
    "bad": TRIALS["bad"],
    "slow": "packages: [lab-tool]\nchecks:\n  - run: sleep 60\n",
}


@pytest.fixture
def program(fargate: Rig, engine_url: str, tmp_path: Path) -> Program:
    """Give the program with the account's settings and credentials."""
    found = Program(folder=tmp_path, engine=engine_url, environ=fargate.environ)
    settings = tmp_path / "config" / "sandbox" / "config.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text(fargate.settings)
    (found.work / "rows.yaml").write_text(f'alpine: {{image: "{IMAGE}"}}\n')
    (found.work / "sandboxes").mkdir()
    for name, text in SPECS.items():
        (found.work / "sandboxes" / f"{name}.yaml").write_text(text)
    return found


def begun(program: Program, *words: str) -> Popen[bytes]:
    return program.start("trial", *words, "--on", "fargate", "--push", "--distros", "rows.yaml")


def containers(fargate: Rig) -> list[str]:
    return fargate.left().get("containers", [])


def ended_tasks(fargate: Rig) -> set[str]:
    """Return the tasks that have stopped; ECS shows those of other tests, too, for an hour."""
    return {*fargate.client("ecs").list_tasks(cluster=fargate.cluster, desiredStatus="STOPPED")["taskArns"]}


def test_a_matrix_on_fargate_has_each_result_once_despite_faults_and_leaves_nothing(
    fargate: Rig, program: Program
) -> None:
    before = ended_tasks(fargate)
    fargate.fault("throttle", operation="RunTask")
    fargate.fault("lost_answer", operation="RunTask")
    fargate.fault("missing", asks=1)
    words = ("good", "bad", *WHERE, "--distros", "rows.yaml", "--json", "--on", "fargate", "--push")
    done = program.run("trial", *words)
    found = {
        name: (cell["status"], [row["problem"] for row in cell["checks"]]) for name, cell in told(done.stdout).items()
    }
    good, bad = ("passed", [None, None, None]), ("failed", [None, "exit status 3, expected 0"])
    places = ("alpine", "alpine:edge")
    assert found == {f"{name} on {place}": want for name, want in (("good", good), ("bad", bad)) for place in places}
    assert (done.returncode, fargate.left(), fargate.faults.left) == (6, {}, []), done.stderr
    assert len(ended_tasks(fargate) - before) == len(found)


def test_what_a_client_killed_on_fargate_left_goes_with_the_next_command(fargate: Rig, program: Program) -> None:
    process = begun(program, "slow", *WHERE)
    wait_for(lambda: containers(fargate) or process.poll() is not None)
    process.kill()
    ended(process)
    assert fargate.left()["tasks"]
    done: Any = program.run("clean", "--on", "fargate")
    assert done.returncode == 0, done.stderr
    assert fargate.left() == {}
