"""A command as a program runs one: what it wrote in any cut, and what is done where it does not end well."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.unit.fakes import FakeConnection, FakeEngine, FakeExec
from tests.unit.fakes.streams import ArrivingConnection, frame

from sandbox.container.box import Box
from sandbox.container.command import CommandSpec, run_command
from sandbox.core.programs import sh_argv
from sandbox.errors import EngineError, StepFailed, TooLong, UsageError

if TYPE_CHECKING:
    from sandbox.engine.protocol import ExecSpec

SPEC = CommandSpec(argv=("cmd", "a b"), env={"A": "b"})


class Waiting(FakeConnection):
    """What gives its chunks, and then neither more nor an end."""

    def __init__(self, *chunks: bytes) -> None:
        super().__init__(*chunks)
        self.mute = socket.socketpair()

    def fileno(self) -> int:
        return self.mute[0].fileno()

    def close(self) -> None:
        super().close()
        for end in self.mute:
            end.close()


class Streaming(FakeEngine):
    """An engine whose command has a given stream; others end at once."""

    def __init__(self, stream: FakeConnection) -> None:
        super().__init__()
        self.stream = stream

    def open(self, ident: str, spec: ExecSpec) -> FakeExec:
        process = super().open(ident, spec)
        if spec.argv[-1] == "a b":
            process.stream = self.stream
        return process


def ends(status: int, out: bytes = b"", err: bytes = b"") -> FakeEngine:
    return FakeEngine(commands=lambda _: (status, out, err))


@pytest.mark.parametrize("size", [1, 3, 7, 1000])
def test_its_output_is_whole_in_any_cut_and_the_line_with_its_process_is_not_in_it(size: int) -> None:
    whole = frame(b"42", error=True) + frame(b"o") + frame(b"\nerr\n7\n", error=True) + frame(b"ut\n")
    stream = FakeConnection(*(whole[start : start + size] for start in range(0, len(whole), size)))
    done = run_command(Box(Streaming(stream), "c"), SPEC)
    assert (done.status, done.stdout, done.stderr) == (0, b"out\n", b"err\n7\n")
    assert stream.closed


def test_words_variables_user_and_folder_are_handed_on() -> None:
    engine = ends(0, err=b"7\n")
    run_command(Box(engine, "c"), replace(SPEC, user="app", folder="/srv", stdin=b"in"))
    ran, stream = engine.ran[0], engine.execs[0].stream
    assert (ran.argv[-4:], ran.env, ran.user, ran.stdin) == (("sandbox", "/srv", "cmd", "a b"), {"A": "b"}, "app", True)
    assert stream.sent == b"in"


@pytest.mark.parametrize(
    ("err", "kind", "said"),
    [
        (b"-\n", UsageError, "there is no folder /srv in the sandbox"),
        (b"unable to find user app: no matching entries in passwd file", UsageError, "there is no user app in the"),
        (b"OCI runtime exec failed: no sh", EngineError, "could not run cmd in the sandbox"),
        (b"", EngineError, "could not run cmd in the sandbox"),
    ],
)
def test_one_that_could_not_begin_says_why(err: bytes, kind: type[Exception], said: str) -> None:
    with pytest.raises(kind, match=said):
        run_command(Box(ends(1, err=err), "c"), replace(SPEC, user="app", folder="/srv"))


def test_one_that_prints_too_much_is_killed() -> None:
    engine = Streaming(FakeConnection(frame(b"42\n", error=True), frame(b"y" * 2000)))
    with pytest.raises(StepFailed, match=r"cmd in the sandbox printed more than 1\.5 kB, so it was killed"):
        run_command(Box(engine, "c"), replace(SPEC, limit=1500))
    assert engine.ran[1].argv == sh_argv("sandbox.container", "kill_session.sh", "42")
    assert engine.execs[0].stream.closed


def test_one_whose_time_is_over_is_killed_and_its_output_so_far_is_there() -> None:
    engine = Streaming(Waiting(frame(b"42\nerr", error=True), frame(b"out")))
    with pytest.raises(TooLong, match=r"cmd in the sandbox was still running after 0\.01 s, so it was killed") as late:
        run_command(Box(engine, "c"), replace(SPEC, seconds=0.01))
    assert (late.value.stdout, late.value.stderr) == (b"out", b"err")
    assert engine.ran[1].argv[-1] == "42"


def test_the_time_of_one_that_a_busy_engine_begins_late_counts_from_there_so_that_it_is_killed() -> None:
    stream = ArrivingConnection()
    engine = Streaming(stream)
    timer = threading.Timer(0.1, stream.engine.sendall, [frame(b"42\nerr", error=True)])
    timer.start()
    with pytest.raises(TooLong, match=r"still running after 0\.01 s, so it was killed") as late:
        run_command(Box(engine, "c"), replace(SPEC, seconds=0.01))
    assert (late.value.stderr, engine.ran[1].argv[-1]) == (b"err", "42")


class Interrupted(Waiting):
    """A Ctrl-C comes as its chunks are over and it is waited for; `late` is what comes only then."""

    def __init__(self, *chunks: bytes, late: tuple[bytes, ...] = ()) -> None:
        super().__init__(*chunks)
        self.late: tuple[bytes, ...] | None = late

    def fileno(self) -> int:
        if self.late is not None:
            self.chunks, self.late = [*self.late], None
            signal.raise_signal(signal.SIGINT)
        return super().fileno()


@pytest.mark.parametrize("is_late", [False, True], ids=["while it runs", "before it said which process it is"])
def test_one_that_a_signal_interrupts_is_killed(is_late: bool) -> None:
    says = (frame(b"42\n", error=True),)
    engine = Streaming(Interrupted(late=says) if is_late else Interrupted(*says))
    with pytest.raises(KeyboardInterrupt):
        run_command(Box(engine, "c"), SPEC)
    assert engine.ran[1].argv[-1] == "42"


class Beginning(Streaming):
    """An engine that begins the command as a Ctrl-C comes."""

    def open(self, ident: str, spec: ExecSpec) -> FakeExec:
        if spec.argv[-1] == "a b":
            main = threading.main_thread().ident
            assert main is not None
            signal.pthread_kill(main, signal.SIGINT)
        return super().open(ident, spec)


def test_one_that_a_signal_interrupts_while_the_engine_begins_it_is_killed() -> None:
    engine = Beginning(Waiting(frame(b"42\n", error=True)))
    with pytest.raises(KeyboardInterrupt):
        run_command(Box(engine, "c"), SPEC)
    assert [spec.argv[-1] for spec in engine.ran] == ["a b", "42"]


def test_what_kills_a_session_kills_what_a_command_began_and_no_other() -> None:
    """On this machine's own proc(5), which has the same form."""
    wait = "import time; time.sleep(300)"
    began = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {wait!r}], process_group=0)"
    if sys.version_info < (3, 11):
        began = began.replace(", process_group=0", "")
    with (
        subprocess.Popen([sys.executable, "-c", wait], start_new_session=True) as other,
        subprocess.Popen([sys.executable, "-c", began], start_new_session=True) as process,
    ):
        subprocess.run(sh_argv("sandbox.container", "kill_session.sh", str(process.pid)), check=True)
        assert process.wait(60) == -9
        assert other.poll() is None
        other.kill()
