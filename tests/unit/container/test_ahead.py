"""A command that is opened before its turn runs once, when its turn comes, or never."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest
from tests.unit.fakes import FakeEngine

from sandbox.container.ahead import CommandAhead, ShellAhead
from sandbox.container.box import ROOT, Box
from sandbox.container.shell import shell_spec
from sandbox.core.tasks import Background, wait_until
from sandbox.engine.protocol import Exec, ExecSpec
from sandbox.engine.streams import SocketConnection
from sandbox.errors import SandboxError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.unit.fakes import FakeConnection

LIST = ExecSpec(argv=("ls", "-l"), user=ROOT)


def test_it_begins_where_it_is_taken() -> None:
    engine = FakeEngine(commands=lambda spec: (0, " ".join(spec.argv).encode(), b""))
    box, ahead = Box(engine, "c"), CommandAhead(Box(engine, "c"))
    ahead.begin(LIST)
    process = ahead.take(LIST)
    assert process is not None
    assert engine.ran == []
    assert box.exec(LIST.argv, ahead=process).stdout == "ls -l"
    assert engine.ran == [LIST]
    assert ahead.take(LIST) is None


def test_what_comes_on_its_standard_input_comes_behind_its_turn() -> None:
    engine, spec = FakeEngine(), ExecSpec(argv=("cat",), user=ROOT, stdin=True)
    ahead = CommandAhead(Box(engine, "c"))
    ahead.begin(spec)
    Box(engine, "c").exec(spec.argv, stdin=b"PEM", ahead=ahead.take(spec))
    assert [process.stream.sent for process in engine.execs] == [b"PEM"]


def test_another_command_does_not_take_it_and_it_never_runs() -> None:
    engine = FakeEngine()
    ahead = CommandAhead(Box(engine, "c"))
    ahead.begin(LIST)
    assert ahead.take(ExecSpec(argv=("ls",), user=ROOT)) is None
    assert ahead.take(LIST) is None
    assert engine.ran == []


def test_a_command_that_could_not_be_opened_is_opened_by_whoever_runs_it() -> None:
    ahead = CommandAhead(Box(FakeEngine(containers_known=[]), "gone"))
    ahead.begin(ExecSpec(argv=("ls",), user=ROOT))
    assert ahead.take(LIST) is None


def interrupt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a signal come while the main thread waits for a command."""

    def result(_: Background[Exec]) -> Exec:
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(Background, "result", result)


def test_a_command_whose_taker_is_interrupted_can_still_be_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    ahead = CommandAhead(Box(FakeEngine(), "c"))
    ahead.begin(LIST)
    interrupt(monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        ahead.take(LIST)
    assert ahead.take(LIST) is not None


def test_a_shell_that_is_taken_is_there_once_and_stays_open() -> None:
    engine = FakeEngine()
    with ShellAhead() as shell:
        assert shell.take(LIST) is None
        shell.begin(lambda: Box(engine, "c").open(LIST))
        taken = shell.take(LIST)
        assert shell.take(LIST) is None
    assert [taken] == engine.execs
    assert not engine.execs[0].stream.closed


def test_a_shell_that_nobody_takes_ends_whatever_came_between(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = FakeEngine()
    shell = ShellAhead()
    shell.begin(lambda: Box(engine, "c").open(LIST))
    interrupt(monkeypatch)
    with pytest.raises(KeyboardInterrupt), shell:
        shell.take(LIST)
    assert wait_until(lambda: [process.stream.closed for process in engine.execs] == [True], limit=10)


def test_a_shell_that_could_not_be_opened_is_opened_by_whoever_wants_it() -> None:
    def fail() -> Exec:
        raise SandboxError("it is gone")

    with ShellAhead() as shell:
        shell.begin(fail)
        assert shell.take(LIST) is None


@dataclass(frozen=True)
class Waiting:
    """A box whose shells wait at the other end of a socket; `opened` are what they are."""

    inside: socket.socket
    outside: SocketConnection
    opened: list[ExecSpec] = field(default_factory=list)

    def open(self, spec: ExecSpec) -> Exec:
        self.opened.append(spec)
        return cast("Exec", SimpleNamespace(stream=self.outside))


@pytest.fixture
def waiting() -> Iterator[Waiting]:
    outside, inside = socket.socketpair()
    with inside:
        inside.settimeout(10)
        yield Waiting(inside, SocketConnection(outside))
    outside.close()


def shell_with(note: str, rows: int = 24) -> ExecSpec:
    return shell_spec((), ("bash",), env={}, terminal=(rows, 80), known=note)


def test_a_shell_that_waits_goes_on_once_with_the_note_of_the_very_same_shell(waiting: Waiting) -> None:
    waiting.inside.sendall(b"\1")
    with ShellAhead() as shell:
        for _ in range(2):
            shell.begin_waiting(cast("Box", waiting), lambda: shell_with(""))
        waiting.inside.sendall(b"\2prompt")
        assert shell.take(shell_with("note")) is not None
        assert shell.take(shell_with("note")) is None
    assert waiting.inside.recv(100) == b"note\n"
    assert waiting.outside.recv(100) == b"prompt"
    assert waiting.opened == [shell_with("-")]


@pytest.mark.parametrize(
    ("said", "rows"),
    [(b"\1\2", 25), (b"\1no", 24), (b"no stty", 24)],
    ids=["another window", "it does not go on", "it can not wait"],
)
def test_a_shell_that_would_be_another_or_does_not_go_on_is_closed(said: bytes, rows: int, waiting: Waiting) -> None:
    waiting.inside.sendall(said)
    with ShellAhead() as shell:
        shell.begin_waiting(cast("Box", waiting), lambda: shell_with(""))
        assert shell.take(shell_with("note", rows)) is None
    assert waiting.outside.fileno() == -1


def test_a_shell_that_has_ended_is_opened_by_whoever_wants_it(waiting: Waiting) -> None:
    waiting.inside.sendall(b"\1")
    waiting.inside.shutdown(socket.SHUT_WR)
    with ShellAhead() as shell:
        shell.begin_waiting(cast("Box", waiting), lambda: shell_with(""))
        assert shell.take(shell_with("note")) is None


def test_one_that_is_to_end_has_ended_then_and_never_ran() -> None:
    engine = FakeEngine()
    box = Box(engine, "c")
    streams: list[FakeConnection] = []

    def opens(spec: ExecSpec) -> Exec:
        made = box.open_ahead(spec)
        streams.append(cast("FakeConnection", made.stream))
        return made

    ahead = CommandAhead(box, opens)
    ahead.begin(LIST)
    ahead.end()
    assert [(stream.write_closed, stream.closed) for stream in streams] == [(True, True)]
    assert (ahead.take(LIST), engine.ran) == (None, [])
    ahead.end()


def test_a_command_that_waits_by_itself_is_opened_as_it_is() -> None:
    engine, spec = FakeEngine(), ExecSpec(argv=("plan",), user=ROOT, stdin=True)
    box = Box(engine, "c")
    ahead = CommandAhead(box, box.open)
    ahead.begin(spec)
    box.exec(spec.argv, ahead=ahead.take(spec))
    assert [process.stream.sent for process in engine.execs] == [b"\n"]
