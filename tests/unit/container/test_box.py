"""A container at work: its commands' lines in any cut, their ends, and what is refused."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, cast

import pytest
from msgspec.structs import replace
from tests.patience import LONG
from tests.unit.fakes import FakeConnection, FakeEngine, FakeExec

from sandbox.container.box import ROOT, TAIL, WITHOUT_POWER, Box, words_before
from sandbox.container.output import BURST, GAP, LAST, LONGEST_RECORD, RATE
from sandbox.engine import labels
from sandbox.engine.frames import HEADER
from sandbox.engine.protocol import Container, ExecSpec
from sandbox.engine.streams import SocketConnection
from sandbox.errors import EngineError, NotFound, SandboxDied, TooLong

if TYPE_CHECKING:
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


def test_its_input_is_sent_and_ended() -> None:
    engine = FakeEngine()
    Box(engine, "c").exec(ARGV, stdin=b"data")
    stream = engine.execs[0].stream
    assert (stream.sent, stream.write_closed, engine.ran[0].stdin) == (b"data", True, True)


def test_what_podman_says_of_input_that_nobody_read_is_no_output_of_the_command() -> None:
    said = b"why\nError: write unixpacket @->/proc/self/fd/15/attach: write: connection reset by peer\n"
    engine = FakeEngine(commands=lambda _: (3, b"gone\n", said))
    assert Box(engine, "c").exec(ARGV, stdin=b"unread").output == "gone\nwhy"
    assert Box(engine, "c").exec(ARGV).stderr == said.decode().strip()


def test_a_command_that_has_ended_is_sent_no_more_though_its_engine_leaves_the_connection_open() -> None:
    ours, theirs = socket.socketpair()
    said, ended = b"x" * 1_000_000, list[tuple[int, int]]()
    process = FakeExec(cast("FakeConnection", SocketConnection(ours)), 3)
    engine = FakeEngine()
    engine.open = lambda *_: process  # type: ignore[method-assign]

    def run() -> None:
        outcome = Box(engine, "c").exec(ARGV, stdin=b"u" * 10_000_000)
        ended.append((outcome.status, len(outcome.stdout)))

    waiting = threading.Thread(target=run, daemon=True)
    waiting.start()
    theirs.sendall(HEADER.pack(1, len(said)) + said)  # more than a connection holds: it is read meanwhile
    theirs.shutdown(socket.SHUT_WR)
    waiting.join(60)
    theirs.close()
    assert ended == [(3, LONGEST_RECORD)]


def test_roots_commands_in_a_sandbox_that_was_given_power_to_boot_run_without_it() -> None:
    engine = FakeEngine()
    box = Box(engine, "c", words_before({labels.INIT: labels.POWER}))
    box.exec(ARGV)
    box.open(ExecSpec(argv=ARGV)).stream.close()
    box.open(ExecSpec(argv=ARGV, user="1000")).stream.close()
    assert [spec.argv for spec in engine.ran] == [(*WITHOUT_POWER, *ARGV), (*WITHOUT_POWER, *ARGV), ARGV]
    for name in ("root", "root:tty", "0:5"):
        box.exec(ARGV, user=name)
        assert engine.ran[-1].argv == (*WITHOUT_POWER, *ARGV)
    Box(engine, "c", words_before({labels.INIT: labels.PLAIN})).exec(ARGV)
    assert engine.ran[-1].argv == ARGV


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
        assert self._over.wait(LONG)
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

    with pytest.raises(TooLong, match=r"cmd in the sandbox was still running after 0.02 s"):
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


@pytest.mark.parametrize("status", [126, 128, 137])
def test_a_command_that_could_not_begin_in_one_that_has_ended_has_not_failed_itself(status: int) -> None:
    def end(_: ExecSpec) -> tuple[int, bytes, bytes]:
        engine.containers_known[:] = [replace(row, state="exited")]
        return status, b"OCI runtime exec failed", b""

    row = Container(id="c", name="c", state="running", image="i", labels={}, created=0)
    engine = FakeEngine(commands=end, containers_known=[row])
    with pytest.raises(SandboxDied):
        Box(engine, "c").exec(ARGV)


def test_one_that_has_ended_is_waited_for_where_the_engine_notes_it_late() -> None:
    """Docker 26.1 on a busy machine: the command was killed with PID 1, and for a while the container still runs."""
    row = Container(id="c", name="c", state="running", image="i", labels={}, created=0)

    def end(spec: ExecSpec) -> tuple[int, bytes, bytes]:
        if spec.argv == ARGV:
            threading.Timer(0.6, engine.containers_known.clear).start()
            return 137, b"", b""
        return 128, b"", b"OCI runtime exec failed"

    engine = FakeEngine(commands=end, containers_known=[row])
    with pytest.raises(SandboxDied):
        Box(engine, "c").exec(ARGV)


def test_a_command_that_was_killed_in_one_that_runs_has_its_own_status() -> None:
    row = Container(id="c", name="c", state="running", image="i", labels={}, created=0)
    engine = FakeEngine(commands=lambda spec: (137 if spec.argv == ARGV else 0, b"", b""), containers_known=[row])
    assert Box(engine, "c").exec(ARGV).status == 137


def test_an_engines_error_in_a_live_container_stays_what_it_is() -> None:
    row = Container(id="c", name="c", state="running", image="i", labels={}, created=0)
    with pytest.raises(NotFound):
        Box(FakeEngine(commands=lambda _: (None, b"", b""), containers_known=[row]), "c").exec(ARGV)


@pytest.mark.parametrize(("left", "is_refused"), [("lo", False), ("lo eth0", True)])
def test_a_network_that_the_engine_leaves_in_place_is_refused(left: str, *, is_refused: bool) -> None:
    shown = "".join(f"  {name}: 0 0\n" for name in left.split())
    box = Box(FakeEngine(commands=lambda _: (0, f"Inter-| Receive\n{shown}".encode(), b"")), "c")
    with pytest.raises(EngineError, match="disconnect the sandbox from eth0") if is_refused else nullcontext():
        box.disconnect()


def test_what_runs_in_it_runs_as_root_unless_a_user_is_named() -> None:
    engine = FakeEngine()
    box = Box(engine, "c")
    box.exec(ARGV)
    box.read(ARGV, limit=1)
    box.exec(ARGV, user="nobody")
    assert [spec.user for spec in engine.ran] == [ROOT, ROOT, "nobody"]


def test_a_long_line_is_whole_for_programs_and_cut_for_people() -> None:
    """Debian 12's node-babel7 provides 10,300 characters of names; npm's packages describe themselves on one line."""
    told, text = list[str](), b"P " + b"node-babel-types (= 7), " * 500
    outcome = Box(FakeEngine(commands=lambda _: (0, text, b"")), "c").exec(ARGV, on_line=told.append)
    assert outcome.stdout == text.decode()
    assert (outcome.output, told) == (text.decode()[:4000], [text.decode()[:4000]])
