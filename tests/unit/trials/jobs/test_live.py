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
from sandbox.trials.jobs.live import has_begun, live_lines, look_output, output_of
from sandbox.trials.jobs.log_parser import parse_log
from sandbox.trials.jobs.script import WORK, command_script, short_form

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.trials.jobs.script import Script

MARK = "0123456789abcdef"
SHELLS = (("dash",), ("bash",), ("busybox", "ash"))


def script(command: str, *looks: tuple[str, ...]) -> Script:
    plan = plan_for(Spec(command=("sh", "-c", command)), find_target("debian:bookworm"), apt, Terms())
    return command_script(replace(plan, steps=()), looks, env={"WORD": "it's"}, mark=MARK, limit=20, facts=FARGATE)


def run(found: Script, shell: tuple[str, ...], folder: Path, *, packs: bool = False) -> bytes:
    need(shell[0])
    text = found.text.replace(WORK, str(folder / "job"))
    here = replace(found, text=short_form(text) if packs else text)
    return subprocess.run((*shell, *here.argv[1:]), capture_output=True, cwd=folder, timeout=30, check=True).stdout


@pytest.mark.parametrize("packs", [False, True], ids=["plain", "packed"])
@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_output_and_errors_come_apart_and_whole_with_the_status(
    shell: tuple[str, ...], tmp_path: Path, packs: bool
) -> None:
    found = script("echo \"$WORD  two\"; echo; printf ' a\\\\b\\tc'; echo oops >&2; exit 7", ("printf", "x\\0y"))
    log = run(found, shell, tmp_path, packs=packs)
    lines = live_lines(log, MARK)
    said = output_of(lines)
    assert "".join(piece.text for piece in said if not piece.is_error) == "it's  two\n\n a\\b\tc"
    assert "".join(piece.text for piece in said if piece.is_error) == "oops\n"
    end = parse_log(log, found)
    assert (end.whole, end.ran[-1].status) == (True, 7)
    assert look_output(lines, 1) == b"x\0y"
    assert look_output(lines, 2) is None
    assert has_begun(lines)


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_a_command_that_is_killed_has_its_status(shell: tuple[str, ...], tmp_path: Path) -> None:
    found = script("echo one; kill -9 $$")
    log = run(found, shell, tmp_path)
    assert [piece.text for piece in output_of(live_lines(log, MARK))] == ["one\n"]
    assert parse_log(log, found).ran[-1].status == 137


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_a_line_of_any_length_comes_whole_in_lines_that_no_log_driver_cuts(
    shell: tuple[str, ...], tmp_path: Path
) -> None:
    long = "x" * 3999 + "*'\\ ü" + "y" * 9000
    (tmp_path / "long").write_text(f"{long}\n{long}")
    log = run(script(f"cat {tmp_path}/long"), shell, tmp_path)
    assert "".join(piece.text for piece in output_of(live_lines(log, MARK))) == f"{long}\n{long}"
    assert max(map(len, log.split(b"\n"))) < 16_000


def test_lines_of_others_and_pieces_that_are_cut_are_no_output() -> None:
    lines = live_lines(f"x\n{MARK}.o a\nother.o b\n{MARK} end\n{MARK}.1z !!\n".encode(), MARK)
    assert [piece.text for piece in output_of(lines)] == ["a\n"]
    assert look_output(lines, 1) is None
    assert not has_begun(lines)


def test_a_script_with_a_live_command_is_clean_under_shellcheck(tmp_path: Path) -> None:
    need("shellcheck")
    path = tmp_path / "script"
    path.write_text(script("a 'b'", ("c", "d")).text)
    found = subprocess.run(("shellcheck", "-s", "sh", path), capture_output=True, text=True, check=False)
    assert found.stdout == ""
