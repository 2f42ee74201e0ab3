"""One command on Fargate, and what doctor, list and clean say of it: real tasks of tests/fargate, which is not AWS."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest
from msgspec.structs import replace
from tests.integration.running import Program, ended, wait_for
from tests.matrix import FULL, first

from sandbox.lifecycle.owner import current_owner
from sandbox.trials.fargate.images import push_tag
from sandbox.trials.fargate.names import session_name

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.fargate.rig import Rig

    from sandbox.engine.docker.client import DockerEngine

ASKS: Final = ("try", "lab-tool", "--distro", "alpine", "--distros", "rows.yaml", "--on", "fargate")
TRY: Final = (*ASKS, "--push")
SAYS: Final = r"labtool; echo; printf ' a\\b\0\377 c'; echo oops >&2; exit 7"


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
    assert (done.returncode, done.stdout) == (7, b"labtool 2.0\n\n a\\b\0\xff c"), done.stderr
    assert b"\noops\n" in done.stderr
    assert b"standard input" not in done.stderr
    assert b"become 2 vCPU and 4 GB" in done.stderr
    assert fargate.left() == {}
    listed = program.run("history")
    assert b"lab-tool" in listed.stdout
    script = program.run("promote", "--no-verify", "--for", "tried", "--distros", "rows.yaml")
    assert b"apk add" in script.stdout, script.stderr
    assert b"lab-tool" in script.stdout
    secrets = [fargate.environ[name] for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")]
    kept = b"".join(path.read_bytes() for path in (program.folder / "state").rglob("*") if path.is_file())
    assert [secret for secret in secrets if secret.encode() in kept + done.stdout + done.stderr] == []


def test_a_push_is_asked_first_at_a_terminal_and_a_no_leaves_nothing(fargate: Rig, program: Program) -> None:
    before = dict(fargate.proxy.calls)
    terminal = program.terminal(*ASKS, "--", "true")
    said = terminal.expect(b"Push it? [y/N] ")
    assert b"sandbox-lab/apk" in said
    assert f"your ECR repository {fargate.registry} in {fargate.region}".encode() in b" ".join(said.split())
    terminal.send(b"n\r")
    assert b"--push sends " in terminal.rest().encode()
    assert terminal.status() == 125
    assert made(fargate, before) == {}
    assert fargate.left() == {}


def made(fargate: Rig, before: Mapping[str, int]) -> dict[str, int]:
    """Return which requests that make something came since then, and how often."""
    makers = ("RegisterTaskDefinition", "RunTask", "PutImage", "GetAuthorizationToken")
    counts = {name: fargate.proxy.calls[name] - before.get(name, 0) for name in makers}
    return {name: count for name, count in counts.items() if count}


@FULL  # make test answers with n
@pytest.mark.parametrize(("key", "status"), [(b"\x03", -2), (b"\x04", 125), (b"\r", 125)], ids=["^C", "^D", "Enter"])
def test_a_question_about_a_push_that_gets_no_answer_leaves_nothing(
    fargate: Rig, program: Program, key: bytes, status: int
) -> None:
    before = dict(fargate.proxy.calls)
    terminal = program.terminal(*ASKS, "--", "true")
    terminal.expect(b"Push it? [y/N] ")
    terminal.send(key)
    assert terminal.status() == status
    assert made(fargate, before) == {}
    assert fargate.left() == {}


@FULL
def test_a_push_that_is_agreed_to_comes_once_and_goes(fargate: Rig, program: Program) -> None:
    terminal = program.terminal(*ASKS, "--", "labtool")
    terminal.expect(b"Push it? [y/N] ")
    terminal.send(b"y\r")
    terminal.expect(b"labtool 2.0")
    assert terminal.status() == 0
    assert fargate.left() == {}


@FULL
def test_a_trial_asks_once_for_all_its_cells(fargate: Rig, program: Program) -> None:
    (program.work / "sandboxes").mkdir()
    for name in ("one", "two"):
        (program.work / "sandboxes" / f"{name}.yaml").write_text("packages: [lab-tool]\nchecks:\n  - run: labtool\n")
    words = ("trial", "one", "two", "--distro", "alpine,alpine:edge", "--distros", "rows.yaml", "--on", "fargate")
    before = dict(fargate.proxy.calls)
    refused = program.terminal(*words)
    refused.expect(b"Push it? [y/N] ")
    refused.send(b"n\r")
    assert refused.status() == 3
    assert made(fargate, before) == {}
    agreed = program.terminal(*words)
    agreed.expect(b"Push it? [y/N] ")
    agreed.send(b"y\r")
    assert "4 tasks used" in agreed.rest()
    assert agreed.status() == 0
    assert made(fargate, before) == {"RegisterTaskDefinition": 4, "RunTask": 4, "GetAuthorizationToken": 1}
    assert fargate.left() == {}


@FULL
def test_what_a_client_that_was_killed_right_behind_a_push_left_goes_with_the_next_command(
    fargate: Rig, program: Program, engine: DockerEngine
) -> None:
    fargate.forget_images()  # the emulator's tasks have pulled it by a digest of this very repository
    image = engine.image("sandbox-lab/apk")
    assert image is not None
    dead = session_name(replace(current_owner(), started=1), "0" * 16)
    fargate.push("sandbox-lab/apk", push_tag(dead, image, fargate.registry))  # as of a push, tag and digest are there
    assert [kind for kind in fargate.left() if kind in ("images", "local names")] == ["images", "local names"]
    assert f"{fargate.registry}@".encode() in program.run("clean", "--on", "fargate", "--dry-run").stdout
    assert program.run("clean", "--on", "fargate").returncode == 0
    assert fargate.left() == {}
    after = engine.image("sandbox-lab/apk")
    assert after is not None
    assert [name for name in after.digests if name.startswith(fargate.registry)] == []


@FULL  # make test has a few bytes of each kind
@pytest.mark.parametrize(
    ("command", "out", "status"),
    [
        ("head -c 1000000 /dev/zero | tr '\\0' x; echo; echo end", b"x" * 1_000_000 + b"\nend\n", 0),
        ("printf 'a\\0b\\377'", b"a\0b\xff", 0),
        ("echo one; kill -9 $$", b"one\n", 137),
        ("echo one; kill -TERM $$", b"one\n", 143),
        ("echo one; exit 255", b"one\n", 255),
    ],
    ids=["1 MB line", "NUL", "killed", "terminated", "255"],
)
def test_a_command_s_bytes_and_status_come_whole(
    fargate: Rig, program: Program, command: str, out: bytes, status: int
) -> None:
    done = program.run(*TRY, "--", "sh", "-c", command)
    assert (done.returncode, done.stdout == out) == (status, True), done.stderr[-2000:]
    assert fargate.left() == {}


@FULL
def test_what_is_piped_to_a_command_is_not_sent_and_that_is_said(fargate: Rig, program: Program) -> None:
    done = program.run(*TRY, "--", "cat", stdin=b"hello")
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"standard input is not sent" in done.stderr
    assert b"standard input" not in program.run(*TRY, "-n", "--", "cat", stdin=b"hello").stderr
    assert fargate.left() == {}


@FULL  # make test kills a trial
def test_what_a_killed_command_left_is_listed_and_cleaned_and_doctor_says_so(fargate: Rig, program: Program) -> None:
    assert b"problem" not in program.run("doctor", "--on", "fargate").stdout
    process = program.start(*TRY, "--", "sleep", "60")
    wait_for(lambda: bool(fargate.left().get("containers")) or process.poll() is not None)
    assert b"in use" in program.run("list", "--on", "fargate").stdout
    process.kill()
    ended(process)
    assert b"left behind" in program.run("list", "--on", "fargate").stdout
    (row,) = json.loads(program.run("list", "--on", "fargate", "--json").stdout)
    assert (row["state"], row["owner"], row["tasks"], row["definitions"]) == ("left behind", "you", 1, 1)
    assert b"sandbox clean --on fargate" in program.run("doctor", "--on", "fargate").stdout
    assert b"would remove task " in program.run("clean", "--on", "fargate", "--dry-run").stdout
    done = program.run("clean", "--on", "fargate")
    assert (done.returncode, done.stdout.count(b"removed task ")) == (0, 1), done.stderr
    assert fargate.left() == {}


@FULL
def test_another_host_s_session_is_listed_with_all_and_never_cleaned(fargate: Rig, program: Program) -> None:
    theirs = session_name(replace(current_owner(), host="f" * 16), "0" * 16)
    ecs = fargate.client("ecs")
    box = {"name": "cell", "image": "alpine", "essential": True}
    size = {"cpu": "256", "memory": "512", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"]}
    ecs.register_task_definition(family=f"{theirs}-1", containerDefinitions=[box], **size)
    ecs.register_task_definition(family="sandbox-of-somebody", containerDefinitions=[box], **size)
    assert json.loads(program.run("list", "--on", "fargate", "--json").stdout) == []
    (row,) = json.loads(program.run("list", "--on", "fargate", "--json", "--all").stdout)
    assert (row["name"], row["state"], row["owner"]) == (theirs, "another's", "another host")
    assert b"nothing to remove" in program.run("clean", "--on", "fargate").stdout
    assert len(fargate.left()["definitions"]) == 2


REFUSALS: Final = (
    ((), b"an interactive shell on Fargate is not supported yet"),
    (("--keep", "--", "true"), b"Fargate does not support --keep"),
    (("--mount", "/tmp:/here", "--port", "80", "--", "true"), b"--port and --mount"),
    (("--hardened", "--pids", "9", "--", "true"), b"--pids and --hardened"),
    (("--network", "offline", "--", "true"), b"network"),
    (("--cap-add", "SYS_ADMIN", "--", "true"), b"SYS_ADMIN"),
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
