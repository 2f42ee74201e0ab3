"""A command that is opened before its turn runs once, when its turn comes, or never."""

from __future__ import annotations

from tests.unit.fakes import FakeEngine

from sandbox.container.ahead import CommandAhead
from sandbox.container.box import ROOT, Box
from sandbox.engine.protocol import ExecSpec

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
