"""A trial as a script: run by the shells that are here, heard again, and clean under shellcheck."""

from __future__ import annotations

import math
import shutil
import subprocess
from typing import TYPE_CHECKING, Final

import pytest
from msgspec.structs import replace
from tests.patience import cut_short
from tests.programs import need

from sandbox.distros.lookup import find_target
from sandbox.errors import UsageError
from sandbox.managers.apt import driver as apt
from sandbox.provision.network import HostNetwork
from sandbox.provision.plan import Terms, plan_for
from sandbox.provision.steps import Step
from sandbox.specs.model import Check, FileCheck, RunCheck, Spec, TextMatch
from sandbox.trials.jobs.log_parser import parse_log
from sandbox.trials.jobs.script import PART, WHOLE, WORK, script_for

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.trials.jobs.log_parser import ScriptLog
    from sandbox.trials.jobs.script import Script

MARK: Final = "0123456789abcdef"
SHELLS: Final = (("dash",), ("bash",), ("busybox", "ash"))
ANY: Final = TextMatch(kind="contains", text="")


def rendered(steps: tuple[Step, ...], checks: tuple[Check, ...], *, env: dict[str, str], limit: int = 20) -> Script:
    plan = plan_for(Spec(checks=checks), find_target("debian:bookworm"), apt, Terms())
    network = HostNetwork(proxies={"http_proxy": "http://u:p'w@h"})
    return script_for(replace(plan, steps=steps), env=env, network=network, mark=MARK, limit=limit)


def step(text: str, *, stdin: bytes | None = None) -> Step:
    return Step(kind="setup", title=text, argv=("sh", "-c", text), stdin=stdin)


def said(script: Script, shell: tuple[str, ...], folder: Path) -> tuple[int, ScriptLog]:
    """Run a script by a shell, in a folder instead of the root of a container."""
    need(shell[0])
    shutil.rmtree(folder / "job", ignore_errors=True)
    here = replace(script, text=script.text.replace(WORK, str(folder / "job")))
    done = subprocess.run((*shell, *here.argv[1:]), capture_output=True, cwd=folder, timeout=100, check=False)
    assert [line for line in done.stderr.splitlines() if b"Killed" not in line] == []  # bash says of it
    return done.returncode, parse_log(done.stdout, script)


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_what_a_script_says_is_heard_as_an_exec_would_have_it(shell: tuple[str, ...], tmp_path: Path) -> None:
    steps = (
        step('cat; echo "$http_proxy"; echo oops >&2', stdin=b"a'b\xff\n"),
        step("(sleep 60 &) ; echo left >left"),
    )
    checks = (
        RunCheck(run='printf %s "$WORD"; echo e >&2; exit 3', stdout=ANY, stderr=ANY),
        RunCheck(run="echo 'ended c3 0 0 0 0'; echo; echo '  two  '; printf 'a\\rb'", stdout=ANY),
        RunCheck(run="kill -9 $$"),
        FileCheck(file=str(tmp_path / "left")),
    )

    def attempt(limit: float) -> tuple[int, ScriptLog]:
        late = RunCheck(run="read x; echo $?; sleep 99", timeout=limit)
        return said(rendered(steps, (*checks, late), env={"WORD": 'it\'s "$HOME"\nx'}), shell, tmp_path)

    status, found = cut_short(attempt, lambda run: run[1].ran[6:] and run[1].ran[6].stdout)
    assert (status, found.whole, found.wrong) == (0, True, "")
    assert [row.status for row in found.ran] == [0, 0, 3, 0, 137, 0, 124]
    assert found.ran[0].stdout.split("\n") == ["a'b\ufffd", "http://u:p'w@h", "oops"]
    assert (found.ran[2].stdout, found.ran[2].stderr) == ('it\'s "$HOME"\nx', "e")
    assert found.ran[3].stdout == "ended c3 0 0 0 0\n  two  \na\nb"
    assert found.ran[6].stdout == "1"
    assert not (tmp_path / "job" / "c1.o").exists()


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_behind_a_step_that_fails_nothing_is_run(shell: tuple[str, ...], tmp_path: Path) -> None:
    script = rendered((step("exit 7"), step("echo >behind")), (RunCheck(run="echo >behind"),), env={})
    _, found = said(script, shell, tmp_path)
    assert (found.whole, [row.status for row in found.ran]) == (True, [7])
    assert not (tmp_path / "behind").exists()


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_of_much_output_the_end_is_said_and_that_it_was_cut(shell: tuple[str, ...], tmp_path: Path) -> None:
    many = f"head -c {WHOLE + 9} /dev/zero | tr '\\0' x; echo end"
    script = rendered((step(many),), (RunCheck(run=many), RunCheck(run=many, stdout=ANY)), env={})
    _, found = said(script, shell, tmp_path)
    assert [len(row.stdout) for row in found.ran] == [4000, 4000, 4000]  # a line's own bound
    assert [row.cut[0] for row in found.ran] == [True, True, True]
    assert found.whole
    assert PART < WHOLE


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_a_script_that_takes_too_long_is_ended_and_says_so(shell: tuple[str, ...], tmp_path: Path) -> None:
    def attempt(limit: float) -> tuple[int, ScriptLog]:
        script = rendered((), (RunCheck(run="echo one"), RunCheck(run="sleep 99")), env={}, limit=math.ceil(limit))
        return said(script, shell, tmp_path)

    status, found = cut_short(attempt, lambda run: run[1].ran)
    assert (status, found.late, found.whole, len(found.ran)) == (0, True, False, 1)


@pytest.mark.parametrize("shell", SHELLS, ids=" ".join)
def test_a_script_that_is_killed_is_said_and_fails_no_task(shell: tuple[str, ...], tmp_path: Path) -> None:
    script = rendered((), (RunCheck(run="echo one"), RunCheck(run=kill_parent())), env={})
    status, found = said(script, shell, tmp_path)
    assert (status, found.died, found.whole, len(found.ran)) == (0, 137, False, 1)


def kill_parent() -> str:
    """Return what kills the script from within a check: the parent of timeout."""
    return 'kill -9 "$(cut -d" " -f4 "/proc/$PPID/stat")"'


def test_a_script_is_clean_under_shellcheck(tmp_path: Path) -> None:
    need("shellcheck")
    checks = (RunCheck(run="x 'y'", stdout=ANY), FileCheck(file="/a b"))
    script = rendered((step("a && b", stdin=b"x"),), checks, env={"A": "b c"})
    for name, text in (("script", script.text), ("pid1", script.argv[2])):
        path = tmp_path / name
        path.write_text(text)
        found = subprocess.run(("shellcheck", "-s", "sh", path), capture_output=True, text=True, check=False)
        assert found.stdout == ""


def test_what_no_command_line_can_carry_is_refused() -> None:
    with pytest.raises(UsageError, match="too long for a task's command line"):
        rendered((step("cat", stdin=b"x" * 100_000),), (), env={})


def test_no_two_marks_are_the_same_text_in_the_script() -> None:
    script = rendered((), (RunCheck(run="true"),), env={})
    assert script.text.count(MARK) == 1
