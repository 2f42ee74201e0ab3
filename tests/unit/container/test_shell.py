"""The shell of a sandbox: its argv and environment, and what ended it."""

from __future__ import annotations

import os
import pty
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.unit.fakes import FakeEngine
from tests.unit.fakes.debian import Debian

from sandbox.container.box import Box
from sandbox.container.shell import (
    Account,
    add_user,
    out_of_memory,
    search_path,
    shell_environment,
    shell_spec,
    with_waiting,
)
from sandbox.engine.protocol import Image
from sandbox.errors import Advice, UsageError
from sandbox.lifecycle.scratch import KNOWN, SCRATCH

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (b"oom 1\noom_kill 1\noom 2\noom_kill 2\n", True),
        (b"oom_kill 1\noom_kill 1\noom_group_kill 9\n", False),
        (b"oom_kill 0\noom_kill 1\n", True),
        (b"oom_kill_disable 0\nunder_oom 0\noom_kill 0\noom_kill_disable 0\nunder_oom 0\noom_kill 1\n", True),
        (b"oom_kill 1\n", True),
        (b"oom_kill 0\n", False),
        (b"", False),
    ],
)
def test_a_kill_at_the_memory_limit_counts_only_since_the_shell_began(output: bytes, *, expected: bool) -> None:
    engine = FakeEngine(commands=lambda _: (1, output, b""))
    assert out_of_memory(Box(engine, "c")) is expected


def test_the_path_is_the_images_with_what_the_distros_users_have() -> None:
    image = Image(id="i", env=("A=b", "PATH=/bin:/opt"))
    assert search_path(image, ("/usr/games", "/bin")) == "/bin:/opt:/usr/games"
    assert "/usr/bin" in search_path(Image(id="i"), ()).split(":")


def test_the_shells_environment_is_the_terminals_and_the_specs() -> None:
    environ = {"TERM": "xterm", "COLORTERM": "truecolor", "AWS_SECRET_ACCESS_KEY": "s", "HOME": "/home/me"}
    env = shell_environment(environ, "/bin", {"A": "b"})
    assert env == {"TERM": "xterm", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "PATH": "/bin:/dev/sandbox", "A": "b"}
    assert shell_environment({}, "/bin", {})["TERM"] == "dumb"


def test_a_command_is_handed_over_word_by_word() -> None:
    words = ("printf", "%s|", "a b", "$(id)", "", "--shells")
    spec = shell_spec(words, ("bash",), env={}, terminal=None)
    assert spec.argv[-len(words) :] == words
    assert (spec.tty, spec.stdin) == (False, True)
    done = subprocess.run(spec.argv, capture_output=True, text=True, check=True, env={"TERM": "dumb"})
    assert done.stdout == "a b|$(id)||--shells|"


def test_the_first_shell_that_is_there_is_opened(tmp_path: Path) -> None:
    spec = shell_spec((), ("nonesuch", "sh"), env={}, terminal=None)
    done = subprocess.run(spec.argv, input="echo $((1+1))", capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout == "2\n"


def test_a_command_that_is_not_there_is_said_to_be_none_with_what_to_do() -> None:
    spec = shell_spec(("no-such-command",), (), env={}, terminal=None, absent="  next   this %s")
    done = subprocess.run(spec.argv, capture_output=True, text=True, check=False, env={"TERM": "dumb"})
    said = "sandbox: no command no-such-command in this distro\n  next   this %s\n"
    assert (done.returncode, done.stderr) == (127, said)
    spec = shell_spec(("no-such-command",), (), env={}, terminal=None)
    done = subprocess.run(spec.argv, capture_output=True, text=True, check=False, env={"TERM": "dumb"})
    assert done.stderr == "sandbox: no command no-such-command in this distro\n"


def test_what_is_known_of_the_sandbox_is_noted_where_it_is_looked_for(tmp_path: Path) -> None:
    spec = shell_spec(("true",), (), env={}, terminal=None, known="what is known")
    argv = [str(tmp_path) if word == SCRATCH else word for word in spec.argv]
    subprocess.run(argv, check=True, env={"TERM": "dumb"})
    assert (tmp_path / KNOWN).read_text() == "what is known"


def test_a_terminals_size_and_the_promote_command_go_only_where_there_is_one() -> None:
    spec = shell_spec((), ("sh",), env={}, terminal=(24, 80))
    assert spec.tty
    assert spec.argv[4:7] == (SCRATCH, "24", "80")
    assert spec.argv[7].startswith("#!/bin/sh\n")
    assert shell_spec((), ("sh",), env={}, terminal=None).argv[5:8] == ("", "", "")


def wait_at_terminal(folder: Path, answer: bytes) -> tuple[bytes, int]:
    """Return what a shell that waits said behind an answer to its byte 1, and its status."""
    spec = with_waiting(shell_spec(("stty", "-a"), (), env={}, terminal=(7, 90)))
    argv = [str(folder) if word == SCRATCH else word for word in spec.argv]
    ours, theirs = pty.openpty()
    env = {"PATH": f"{folder}:{os.environ['PATH']}", "TERM": "dumb"}
    process = subprocess.Popen(argv, stdin=theirs, stdout=theirs, stderr=theirs, env=env, start_new_session=True)
    os.close(theirs)
    assert os.read(ours, 1) == b"\1"
    os.write(ours, answer)
    said = b""
    try:
        while piece := os.read(ours, 4096):
            said += piece
    except OSError:  # Linux says EIO where nobody has the other end any more
        pass
    os.close(ours)
    return said, process.wait(60)


def test_a_shell_that_waits_takes_its_note_unseen_and_has_a_usual_terminal_then(tmp_path: Path) -> None:
    note = "n" * 50_000  # more than a line of a terminal
    said, status = wait_at_terminal(tmp_path, note.encode() + b"\n")
    assert (said[:1], status, (tmp_path / KNOWN).read_text()) == (b"\2", 0, note)
    assert b"rows 7; columns 90" in said
    assert {b"icanon", b"echo", b"opost", b"isig", b"icrnl"} <= set(said.split())


def test_a_shell_that_waits_does_not_go_on_where_root_is_in_other_groups_by_now(tmp_path: Path) -> None:
    count = tmp_path / "count"
    (tmp_path / "grep").write_text(f"#!/bin/sh\necho x >>{count}\ncat {count}\n")
    (tmp_path / "grep").chmod(0o755)
    said, status = wait_at_terminal(tmp_path, b"note\n")
    assert (said, status, (tmp_path / KNOWN).exists()) == (b"", 1, False)


def test_a_shell_without_a_terminal_to_wait_at_ends_at_once() -> None:
    spec = with_waiting(shell_spec(("true",), (), env={}, terminal=(24, 80)))
    done = subprocess.run(spec.argv, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert (done.stdout, done.returncode) == (b"", 1)


@pytest.mark.parametrize(
    ("output", "account"),
    [
        (b"www-data:adm\n/var/www\n", Account("www-data:adm", "/var/www")),
        (b"nobody\n", Account("nobody", "")),
    ],
)
def test_a_user_begins_in_a_home_that_it_may_enter(output: bytes, account: Account) -> None:
    engine = FakeEngine(program=Debian(own={"/home/$user": (0, output, b"")}))
    assert add_user(Box(engine, "c"), "", ["33"]) == account


@pytest.mark.parametrize(
    ("who", "status", "brief", "near"),
    [
        (("wwwdata",), 3, "the sandbox has no user wwwdata", "--user=www-data"),
        (("wwwdata", "adm"), 3, "the sandbox has no user wwwdata", "--user=www-data:adm"),
        (("root", "wwwdata"), 4, "the sandbox has no group wwwdata", "--user=root:www-data"),
        (("zzzz",), 3, "the sandbox has no user zzzz", "--user"),
    ],
)
def test_a_name_that_is_not_there_is_answered_with_those_that_are(
    who: tuple[str, ...], status: int, brief: str, near: str
) -> None:
    engine = FakeEngine(program=Debian(own={"/home/$user": (status, b"root\nwww-data\n", b"")}))
    with pytest.raises(UsageError) as caught:
        add_user(Box(engine, "c"), "", who)
    assert (caught.value.brief, caught.value.details[0][1]) == (brief, "root, www-data")
    assert caught.value.hints[0].argv == Advice.again(near).argv
