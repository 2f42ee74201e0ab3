"""Several commands are run as one, and each answer is that of the command alone."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from sandbox.container.processes import processes_argv, running_of
from sandbox.container.together import parse
from sandbox.core.programs import sh_argv

if TYPE_CHECKING:
    from collections.abc import Sequence

PACKAGE = "sandbox.container"
COMMANDS = (
    ("printf", "%s|", "a b", "$HOME", "`id`", "'", '"', "*", "", "\n", "\\"),
    ("sh", "-c", 'printf "\\0 %s" "$#"; echo said >&2; exit 3', "sh", *map(str, range(120))),
    ("no-such-program", "x"),
    ("true",),
    ("sh", "-c", "kill -9 $$"),
)


def answers(shell: str, commands: Sequence[tuple[str, ...]]) -> tuple[tuple[int, bytes], ...] | None:
    words = [word for argv in commands for word in (str(len(argv)), *argv)]
    argv = (shell, *sh_argv(PACKAGE, "together.sh", "word", *words)[1:])
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=True)
    return parse(done.stdout, "word", len(commands))


@pytest.mark.parametrize("shell", [name for name in ("sh", "dash", "bash") if shutil.which(name)])
def test_each_answer_is_that_of_the_command_alone(shell: str) -> None:
    alone = []
    for argv in COMMANDS:
        try:
            done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, check=False)
            alone.append((128 - done.returncode if done.returncode < 0 else done.returncode, done.stdout))
        except FileNotFoundError:
            alone.append((127, b""))
    assert answers(shell, COMMANDS) == tuple(alone)


@pytest.mark.parametrize(
    "output", [b"", b"a", b"a\0word 0\0", b"a\0word 0\0b\0word 0\0c", b"\0word x\0\0word 0\0", b"\0other 0\0" * 2]
)
def test_what_was_cut_off_is_no_answer(output: bytes) -> None:
    assert parse(output, "word", 2) is None


@pytest.mark.parametrize("mark", ["0123456789abcdef", "77aa", "9f", "a.*b"])
def test_answers_are_told_apart_by_any_mark(mark: str) -> None:
    output = f"one\0{mark} 0\0two\0{mark} 3\0".encode()
    assert parse(output, mark, 2) == ((0, b"one"), (3, b"two"))


def test_a_list_of_processes_leaves_out_what_makes_it_and_what_runs_that() -> None:
    words = sh_argv(PACKAGE, "together.sh", "word", "3", *processes_argv())
    ours = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    output, _ = ours.communicate()
    found = parse(output, "word", 1)
    assert found is not None
    running = running_of(*found[0])
    assert os.getpid() in {row.pid for row in running.processes}
    assert not {row.pid for row in running.processes if ours.pid in (row.pid, row.parent)}
