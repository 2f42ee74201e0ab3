"""Commands inside a sandbox: their lines in any cut, their ends, and the shell."""

from __future__ import annotations

import subprocess
import threading
import time
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.unit.fakes import FakeConnection, FakeEngine, FakeExec

from sandbox.container.box import TAIL, Box
from sandbox.container.exec import (
    out_of_memory,
    search_path,
    shell_environment,
    shell_spec,
)
from sandbox.container.output import BURST, GAP, LAST, RATE
from sandbox.engine.protocol import Container, ExecSpec, Image
from sandbox.errors import EngineError, NotFound, SandboxDied, TooLong
from sandbox.lifecycle.scratch import SCRATCH

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.engine.protocol import State

ARGV = ("cmd",)


def test_a_command_gives_its_status_and_its_streams() -> None:
    lines: list[str] = []
    engine = FakeEngine(commands=lambda _: (3, b"out\n", b"err"))
    outcome = Box(engine, "c").exec(ARGV, on_line=lines.append)
    assert (outcome.status, outcome.stdout, outcome.stderr, outcome.output) == (3, "out", "err", "out\nerr")
    assert lines == ["out", "err"]
    assert engine.execs[0].stream.closed


def test_a_flood_is_told_in_part_and_its_last_line_always() -> None:
    told: list[str] = []
    engine = FakeEngine(commands=lambda _: (1, b"y\n" * 3_000_000, b"E: the reason\n"))
    began = time.monotonic()
    outcome = Box(engine, "c").exec(ARGV, on_line=told.append)
    assert len(told) < BURST + LAST + 3 + RATE * (time.monotonic() - began)
    assert (told[-1], GAP in told, outcome.stderr) == ("E: the reason", True, "E: the reason")


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


def test_its_input_is_sent_and_ended() -> None:
    engine = FakeEngine()
    Box(engine, "c").exec(ARGV, stdin=b"data")
    stream = engine.execs[0].stream
    assert (stream.sent, stream.write_closed, engine.ran[0].stdin) == (b"data", True, True)


def test_without_input_it_has_none() -> None:
    engine = FakeEngine()
    Box(engine, "c").exec(ARGV)
    assert (engine.ran[0].stdin, engine.execs[0].stream.sent) == (False, b"")


class Endless(FakeConnection):
    """Gives nothing until it is closed, as the stream of a command that waits."""

    def __init__(self, at_end: OSError | None) -> None:
        super().__init__()
        self._over = threading.Event()
        self._at_end = at_end

    def recv(self, size: int, /) -> bytes:  # noqa: ARG002 - of the Protocol
        assert self._over.wait(5)
        if self._at_end:
            raise self._at_end
        return b""

    def close(self) -> None:
        self._over.set()


@pytest.mark.parametrize("at_end", [None, OSError("closed")])
def test_a_command_that_does_not_end_is_left_when_its_time_is_over(at_end: OSError | None) -> None:
    class Waiting(FakeEngine):
        def open(self, ident: str, spec: ExecSpec) -> FakeExec:  # noqa: ARG002 - of the Protocol
            return FakeExec(stream=Endless(at_end), code=None)

    with pytest.raises(TooLong, match=r"cmd in the sandbox had not ended after 0.02 s"):
        Box(Waiting(), "c").exec(ARGV, seconds=0.02)
    with pytest.raises(TooLong):
        Box(Waiting(), "c").read(ARGV, limit=10, seconds=0.02)


def test_a_command_that_ends_in_time_is_none_of_those() -> None:
    assert Box(FakeEngine(commands=lambda _: (3, b"out\n", b"")), "c").exec(ARGV, seconds=5).status == 3


def test_a_long_output_is_kept_by_its_tail_and_a_list_in_full() -> None:
    count = TAIL * 3
    text = "".join(f"{number}\n" for number in range(count)).encode()
    outcome = Box(FakeEngine(commands=lambda _: (0, text, b"")), "c").exec(ARGV)
    assert len(outcome.output.splitlines()) == TAIL
    assert outcome.output.splitlines()[-1] == str(count - 1)
    assert len(outcome.stdout.splitlines()) == count


def test_captured_output_is_exact() -> None:
    data = b"\x00\xff\r\n\x1b[m"
    assert Box(FakeEngine(commands=lambda _: (0, data, b"err")), "c").read(ARGV, limit=10) == (0, data)


def test_captured_output_is_bounded() -> None:
    engine = FakeEngine(commands=lambda _: (0, b"x" * 11, b""))
    with pytest.raises(EngineError, match="more than 10 bytes"):
        Box(engine, "c").read(ARGV, limit=10)
    assert engine.execs[0].stream.closed


@pytest.mark.parametrize("state", [None, "exited", "dead", "removing"])
def test_a_container_that_ended_under_a_command_is_said_to_have_died(state: State | None) -> None:
    def end(_: ExecSpec) -> tuple[None, bytes, bytes]:
        engine.containers_known[:] = [replace(row, state=state)] if state is not None else []
        return None, b"", b""

    row = Container(id="c", name="c", state="running", image="i", labels={}, created=0)
    engine = FakeEngine(commands=end, containers_known=[row])
    with pytest.raises(SandboxDied) as caught:
        Box(engine, "c").exec(ARGV)
    assert caught.value.exit_code == 4


def test_an_engines_error_in_a_live_container_stays_what_it_is() -> None:
    row = Container(id="c", name="c", state="running", image="i", labels={}, created=0)
    with pytest.raises(NotFound):
        Box(FakeEngine(commands=lambda _: (None, b"", b""), containers_known=[row]), "c").exec(ARGV)


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


def test_a_terminals_size_and_the_promote_command_go_only_where_there_is_one() -> None:
    spec = shell_spec((), ("sh",), env={}, terminal=(24, 80))
    assert spec.tty
    assert spec.argv[4:7] == (SCRATCH, "24", "80")
    assert spec.argv[7].startswith("#!/bin/sh\n")
    assert shell_spec((), ("sh",), env={}, terminal=None).argv[5:8] == ("", "", "")
