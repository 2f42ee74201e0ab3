"""One command on Fargate, and what doctor, list and clean say of it: real tasks of tests/fargate, which is not AWS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from tests.integration.running import Program, ended, wait_for
from tests.matrix import FULL, first

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fargate.rig import Rig

TRY: Final = ("try", "lab-tool", "--distro", "alpine", "--distros", "rows.yaml", "--on", "fargate", "--push")
SAYS: Final = "labtool; echo; printf ' a\\\\b  c'; echo oops >&2; exit 7"


@pytest.fixture
def program(fargate: Rig, engine_url: str, tmp_path: Path) -> Program:
    found = Program(folder=tmp_path, engine=engine_url, environ=fargate.environ)
    settings = tmp_path / "config" / "sandbox" / "config.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text(fargate.settings)
    (found.work / "rows.yaml").write_text('alpine: {image: "sandbox-lab/apk"}\n')
    return found


def test_a_command_on_fargate_has_its_output_status_and_record_and_leaves_nothing(
    fargate: Rig, program: Program
) -> None:
    fargate.fault("late_log", asks=2)
    done = program.run(*TRY, "--", "sh", "-c", SAYS)
    assert (done.returncode, done.stdout) == (7, b"labtool 2.0\n\n a\\b  c"), done.stderr
    assert b"\noops\n" in done.stderr
    assert b"become 2 vCPU and 4 GB" in done.stderr
    assert fargate.left() == {}
    listed = program.run("history")
    assert b"lab-tool" in listed.stdout
    secrets = [fargate.environ[name] for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")]
    kept = b"".join(path.read_bytes() for path in (program.folder / "state").rglob("*") if path.is_file())
    assert [secret for secret in secrets if secret.encode() in kept + done.stdout + done.stderr] == []


@FULL  # make test kills a trial
def test_what_a_killed_command_left_is_listed_and_cleaned_and_doctor_says_so(fargate: Rig, program: Program) -> None:
    assert b"problem" not in program.run("doctor", "--on", "fargate").stdout
    process = program.start(*TRY, "--", "sleep", "60")
    wait_for(lambda: bool(fargate.left().get("containers")) or process.poll() is not None)
    assert b"in use" in program.run("list", "--on", "fargate").stdout
    process.kill()
    ended(process)
    assert b"left behind" in program.run("list", "--on", "fargate").stdout
    assert b"sandbox clean --on fargate" in program.run("doctor", "--on", "fargate").stdout
    done = program.run("clean", "--on", "fargate")
    assert (done.returncode, done.stdout.count(b"removed task ")) == (0, 1), done.stderr
    assert fargate.left() == {}


REFUSALS: Final = (
    ((), b"an interactive shell on Fargate is not supported yet"),
    (("--keep", "--", "true"), b"Fargate does not support --keep"),
    (("--mount", "/tmp:/here", "--port", "80", "--", "true"), b"mounts"),
    (("--hardened", "--pids", "9", "--", "true"), b"--hardened"),
    (("--cpus", "17", "--", "true"), b"the largest has 16 cpus and 120 GB"),
)


@pytest.mark.parametrize(("words", "said"), first(REFUSALS, several=True))
def test_what_fargate_can_not_give_is_refused_before_aws_is_asked(
    fargate: Rig, program: Program, words: tuple[str, ...], said: bytes
) -> None:
    fargate.fault("expired")
    done = program.run(*TRY, *words)
    assert said in done.stderr
    assert done.returncode in (2, 125)
    assert fargate.faults.left  # the first call would have met it
