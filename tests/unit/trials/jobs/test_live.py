"""A command whose output comes as it runs: said by the shells that are here, heard again."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.programs import need

from sandbox.distros.lookup import find_target
from sandbox.managers.apt import driver as apt
from sandbox.provision.plan import Terms, plan_for
from sandbox.specs.model import Spec
from sandbox.trials.fargate.facts import FARGATE
from sandbox.trials.jobs.live import cut_streams, has_begun, live_lines, look_output, output_of
from sandbox.trials.jobs.log_parser import parse_log
from sandbox.trials.jobs.script import LIVE, WORK, command_script, short_form

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.trials.jobs.script import Script

MARK = "0123456789abcdef"
SHELLS = (("dash",), ("bash",), ("busybox", "ash"))


def script(command: str, *looks: tuple[str, ...]) -> Script:
    plan = plan_for(Spec(command=("sh", "-c", command)), find_target("debian:bookworm"), apt, Terms())
    return command_script(replace(plan, steps=()), looks, env={"WORD": "it's"}, mark=MARK, limit=20, facts=FARGATE)


def run(found: Script, shell: tuple[str, ...], folder: Path, *, packs: bool = False, most: int = LIVE) -> bytes:
    need(shell[0])
    text = found.text.replace(WORK, str(folder / "job")).replace(str(LIVE), str(most))
    here = replace(found, text=short_form(text) if packs else text)
    return subprocess.run((*shell, *here.argv[1:]), capture_output=True, cwd=folder, timeout=30, check=True).stdout


def streams(log: bytes) -> tuple[bytes, bytes]:
    """Return the output and the error stream that a log holds."""
    said = output_of(live_lines(log, MARK))
    out, err = (b"".join(piece.data for piece in said if piece.is_error is is_error) for is_error in (False, True))
    return out, err


@pytest.mark.parametrize("packs", [False, True], ids=["plain", "packed"])
@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_output_and_errors_come_apart_and_whole_with_the_status(
    shell: tuple[str, ...], tmp_path: Path, packs: bool
) -> None:
    found = script("echo \"$WORD  two\"; echo; printf ' a\\\\b\\tc'; echo oops >&2; exit 7", ("printf", "x\\0y"))
    log = run(found, shell, tmp_path, packs=packs)
    lines = live_lines(log, MARK)
    assert streams(log) == (b"it's  two\n\n a\\b\tc", b"oops\n")
    end = parse_log(log, found)
    assert (end.whole, end.ran[-1].status) == (True, 7)
    assert look_output(lines, 1) == b"x\0y"
    assert look_output(lines, 2) is None
    assert has_begun(lines)


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_a_command_that_is_killed_has_its_status_and_so_has_one_that_ends_with_the_same(
    shell: tuple[str, ...], tmp_path: Path
) -> None:
    ends = {"echo one; kill -9 $$": 137, "echo one; kill -TERM $$": 143, "echo one; exit 137": 137}
    for command, status in ends.items():
        log = run(script(command), shell, tmp_path)
        end = parse_log(log, script(command))
        assert (streams(log)[0], end.whole, end.died, end.ran[-1].status) == (b"one\n", True, 0, status)


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_every_byte_comes_whole_in_lines_that_no_log_driver_cuts(shell: tuple[str, ...], tmp_path: Path) -> None:
    half = "x" * 2999 + "*'\\ ü€"
    data = f"{half * 300}\n\n  {half}".encode() + bytes(range(256)) + b"\0\0\r\n\xff no newline"
    (tmp_path / "data").write_bytes(data)
    log = run(script(f"cat {tmp_path}/data; cat {tmp_path}/data >&2"), shell, tmp_path)
    assert streams(log) == (data, data)
    assert max(map(len, log.split(b"\n"))) < 4096


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_what_a_log_does_not_carry_is_said_and_the_command_runs_on(shell: tuple[str, ...], tmp_path: Path) -> None:
    found = script("yes | head -c 900000; echo oops >&2; exit 3")
    log = run(found, shell, tmp_path, most=200_000)
    out, err = streams(log)
    assert cut_streams(live_lines(log, MARK)) == (("output", len(out)),)
    assert out == (b"y\n" * 450_000)[: len(out)]
    assert 100_000 < len(out) < 300_000
    assert (err, parse_log(log, found).ran[-1].status) == (b"oops\n", 3)


def test_lines_of_others_and_pieces_that_are_cut_are_no_output() -> None:
    lines = live_lines(f"x\n{MARK}.o YQ==\nother.o YQ==\n{MARK}.o YQ\n{MARK} end\n{MARK}.1z !!\n".encode(), MARK)
    assert [piece.data for piece in output_of(lines)] == [b"a"]
    assert cut_streams((*lines, "x z", "xo")) == ()
    assert look_output(lines, 1) is None
    assert not has_begun(lines)


def test_a_script_with_a_live_command_is_clean_under_shellcheck(tmp_path: Path) -> None:
    need("shellcheck")
    path = tmp_path / "script"
    path.write_text(script("a 'b'", ("c", "d")).text)
    found = subprocess.run(("shellcheck", "-s", "sh", path), capture_output=True, text=True, check=False)
    assert found.stdout == ""
