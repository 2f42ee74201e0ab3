"""PID 1 of every life, run by a real shell."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.patience import LONG

from sandbox.core.tasks import wait_until
from sandbox.lifecycle.lifetimes import HANDED_OVER, LIVES, pid1_argv, start_script

if TYPE_CHECKING:
    from sandbox.lifecycle.lifetimes import Life


def staying(folder: Path, expires: int | None = None) -> list[str]:
    """Return PID 1 of a kept sandbox with the file it looks for in a folder of the test's."""
    return [word.replace(HANDED_OVER, str(folder / "start")) for word in pid1_argv("kept", expires)]


def heeds_sigterm(pid: int) -> bool:
    """Return whether a process has set a trap for it (proc(5)): on a busy machine it may not have begun to."""
    rows = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return bool(int(rows["SigCgt"], 16) >> (signal.SIGTERM - 1) & 1)


@pytest.mark.parametrize("life", LIVES)
def test_pid_1_is_posix(life: Life) -> None:
    subprocess.run(["sh", "-n"], input=pid1_argv(life, 1)[2], text=True, check=True)


@pytest.mark.parametrize("life", LIVES)
def test_it_ends_with_its_lifeline(life: Life) -> None:
    process = subprocess.Popen(pid1_argv(life, None), stdin=subprocess.PIPE)
    assert process.stdin is not None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.2)
    process.stdin.close()
    assert process.wait(LONG) == 0


@pytest.mark.parametrize("handed_over", [True, False])
def test_it_ends_at_once_when_it_is_asked_to(tmp_path: Path, handed_over: bool) -> None:
    if handed_over:
        (tmp_path / "start").write_text("")
    with subprocess.Popen(staying(tmp_path), stdin=subprocess.PIPE) as process:
        assert wait_until(lambda: heeds_sigterm(process.pid), LONG)
        process.terminate()
        assert process.wait(LONG) == 128 + signal.SIGTERM


def test_it_does_not_wait_for_a_child_that_lost_the_signal(tmp_path: Path) -> None:
    deaf = tmp_path / "sleep"
    deaf.write_text(f"#!/bin/sh\ntrap '' TERM\n: >{tmp_path}/deaf\nexec {shutil.which('sleep')} 600\n")
    deaf.chmod(0o755)
    (tmp_path / "start").write_text("")
    env = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    with subprocess.Popen(staying(tmp_path), stdin=subprocess.DEVNULL, env=env, start_new_session=True) as process:
        try:
            assert wait_until((tmp_path / "deaf").exists, LONG)
            process.terminate()
            assert process.wait(LONG) == 128 + signal.SIGTERM
        finally:
            os.killpg(process.pid, signal.SIGKILL)


def test_once_handed_over_it_outlives_its_lifeline(tmp_path: Path) -> None:
    process = subprocess.Popen(staying(tmp_path), stdin=subprocess.PIPE)
    assert process.stdin is not None
    (tmp_path / "start").write_text("")
    process.stdin.close()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.3)
    assert wait_until(lambda: heeds_sigterm(process.pid), LONG)
    process.terminate()
    assert process.wait(LONG) == 128 + signal.SIGTERM


def test_it_runs_what_it_is_given_and_ends_with_its_status(tmp_path: Path) -> None:
    (tmp_path / "start").write_text(start_script(("sh", "-c", "echo $A; exit 7"), {"A": "x y"}))
    ended = subprocess.run(staying(tmp_path), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stdout) == (7, "x y\n")


def test_what_it_runs_is_asked_to_end_first(tmp_path: Path) -> None:
    (tmp_path / "start").write_text("trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done\n")
    process = subprocess.Popen(staying(tmp_path), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "up\n"
    process.terminate()
    assert process.stdout.readline() == "bye\n"
    assert process.wait(LONG) == 128 + signal.SIGTERM
    process.stdout.close()
