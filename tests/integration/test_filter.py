"""Without a terminal the program is a filter: bytes in, bytes out, the command's own status."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.integration.running import LONG, Program, ended, finished, wait_for_text
from tests.matrix import first

if TYPE_CHECKING:
    from pathlib import Path

DEBIAN = ("try", "--distro", "debian", "-q")


def test_a_megabyte_of_binary_comes_back_exactly(program: Program) -> None:
    sent = random.Random(7).randbytes(1_000_000)
    done = program.run(*DEBIAN, "--", "cat", stdin=sent)
    assert (done.returncode, done.stderr) == (0, b"")
    assert hashlib.sha256(done.stdout).digest() == hashlib.sha256(sent).digest()


def test_ten_megabytes_of_output_come_out_exactly(program: Program) -> None:
    done = program.run(*DEBIAN, "--", "seq", "1", "1400000")
    assert done.returncode == 0
    assert done.stdout == b"".join(b"%d\n" % number for number in range(1, 1_400_001))


def test_streams_stay_apart_and_the_status_is_the_commands(program: Program) -> None:
    done = program.run(*DEBIAN, "--", "sh", "-c", "echo out; echo err >&2; exit 3")
    assert (done.returncode, done.stdout, done.stderr) == (3, b"out\n", b"err\n")


@pytest.mark.parametrize(
    ("command", "status"),
    first(
        [
            (("no-such-command",), 127),
            (("sh", "-c", "kill -INT $$"), 130),
            (("sh", "-c", "exit 125"), 125),
            (("true",), 0),
            (("/etc/passwd",), 126),
            (("sh", "-c", "kill -KILL $$"), 137),
        ],
        3,
        several=True,
    ),
)
def test_the_commands_status_is_ours(command: tuple[str, ...], status: int, program: Program) -> None:
    done = program.run(*DEBIAN, "--", *command)
    assert done.returncode == status, done.stderr
    assert b"Traceback" not in done.stderr


def test_a_script_on_standard_input_is_run(program: Program) -> None:
    done = program.run(*DEBIAN, stdin=b"echo from $(hostname | grep -c -- -)\nexit 7\n")
    assert (done.returncode, done.stdout) == (7, b"from 1\n")


def test_an_empty_script_is_done_at_once(program: Program) -> None:
    done = program.run(*DEBIAN)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_arguments_reach_the_command_as_they_are(program: Program) -> None:
    words = ("a b", "", "$HOME", "*", "--", "--help", "'\"", "żółć\n")
    done = program.run(*DEBIAN, "--", "printf", "%s\\0", *words)
    assert done.stdout.decode().split("\0")[:-1] == list(words)


@pytest.mark.parametrize("closed", first(["<&-", "</dev/null"]))
def test_without_an_input_the_command_runs(closed: str, program: Program) -> None:
    argv = ("sh", "-c", f'exec "$@" {closed}', "sh", *program.argv(*DEBIAN, "--", "sh", "-c", "cat; echo done"))
    done = subprocess.run(argv, env=program.env({}), cwd=program.work, capture_output=True, timeout=LONG, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"done\n", b"")


LINES = (("echo x; exit 4", 125), ("exit 4", 4), ("echo x >&2; exit 4", 4))


@pytest.mark.parametrize(("line", "status"), first(LINES, several=True))
def test_without_any_stream_the_command_runs_until_it_writes(line: str, status: int, program: Program) -> None:
    argv = ("sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *program.argv(*DEBIAN, "--", "sh", "-c", line))
    done = subprocess.run(argv, env=program.env({}), cwd=program.work, timeout=LONG, check=False)
    assert done.returncode == status


def test_a_reader_that_has_enough_ends_it_quietly(program: Program) -> None:
    process = program.start(*DEBIAN, "--", "seq", "1", "10000000")
    assert process.stdout is not None
    assert os.read(process.stdout.fileno(), 10) == b"1\n2\n3\n4\n5\n"
    process.stdout.close()
    assert finished(process) == (141, b"")


def test_a_pipeline_that_is_cut_leaves_no_complaint(program: Program) -> None:
    argv = ("sh", "-c", '"$@" | head -c 10', "sh", *program.argv(*DEBIAN, "--", "yes"))
    done = subprocess.run(argv, env=program.env({}), cwd=program.work, capture_output=True, timeout=LONG, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"y\ny\ny\ny\ny\n", b"")


def test_output_comes_while_the_command_runs(program: Program) -> None:
    process = program.start(*DEBIAN, "--", "sh", "-c", "echo first; read answer; echo got $answer")
    assert wait_for_text(process, b"first\n") == b"first\n"
    assert process.stdin is not None
    process.stdin.write(b"it\n")
    process.stdin.flush()
    assert wait_for_text(process, b"\n") == b"got it\n"
    assert ended(process) == (0, b"", b"")


def test_a_background_process_does_not_hold_us(program: Program) -> None:
    done = program.run(*DEBIAN, "--", "sh", "-c", "sleep 600 >/dev/null 2>&1 & echo started")
    assert (done.returncode, done.stdout) == (0, b"started\n")


@pytest.mark.parametrize(
    "words",
    [
        ("--spec", "no-such-spec"),
        ("--engine", "unix:///nonexistent"),
        ("--no-such-option",),
        ("--name", "Not A Name"),
    ],
)
def test_with_a_command_our_own_failures_are_125(words: tuple[str, ...], program: Program) -> None:
    done = program.run("try", "--distro", "debian", *words, "--", "true")
    assert (done.returncode, done.stdout) == (125, b"")
    assert b"Traceback" not in done.stderr


def test_without_a_command_our_own_failures_have_their_codes(program: Program) -> None:
    words = ("try", "--distro", "debian", "--engine", "unix:///nonexistent")
    assert program.run(*words).returncode == 3
    assert program.run(*words, "--name", "Not A Name").returncode == 2


@pytest.mark.parametrize(
    ("script", "status"),
    [
        pytest.param('"$@" -q -- sh -c "echo x; sleep 600" >/dev/full', 125, id="the command's output"),
        pytest.param('"$@" -q -- sh -c "echo x >&2; sleep 600" 2>/dev/full', 125, id="the command's errors"),
        pytest.param('"$@" -- true 2>/dev/full', 125, id="the progress, with a command"),
        pytest.param('echo exit | "$@" 2>/dev/full', 1, id="the progress"),
        pytest.param('echo "echo x; sleep 600" | "$@" -q >/dev/full', 1, id="a script's output"),
    ],
)
def test_output_that_can_not_be_written_ends_it_with_the_reason(script: str, status: int, program: Program) -> None:
    argv = ("sh", "-c", script, "sh", *program.argv("try", "--distro", "debian"))
    done = subprocess.run(argv, env=program.env({}), cwd=program.work, capture_output=True, timeout=LONG, check=False)
    said = b"" if "2>" in script else b"error: standard output can't be written: no space left on device\n"
    assert (done.returncode, said in done.stderr) == (status, True), done


def test_with_n_a_loop_keeps_the_lines_that_it_reads(tmp_path: Path, engine_url: str, base: str) -> None:
    assert base
    program = Program(folder=tmp_path, engine=engine_url, around=("sh", "-c", '"$@"; cat', "sh"))
    done = program.run("try", "--distro", "debian", "-q", "-n", "--", "cat", stdin=b"left\n")
    assert (done.stdout, done.stderr) == (b"left\n", b"")
