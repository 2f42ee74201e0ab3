"""The checks of a spec: what each says when it does not hold."""

from __future__ import annotations

import subprocess
import threading
import time
from typing import TYPE_CHECKING

import pytest
from tests.patience import LONG, cut_short
from tests.unit.fakes import FakeConnection, FakeEngine, FakeExec, FakeReporter

from sandbox.container.box import Box
from sandbox.specs.model import Check, FileCheck, PortCheck, RunCheck, TextMatch
from sandbox.trials.checks import CheckOutput, command_for, evaluate, matches, run_checks

if TYPE_CHECKING:
    from typing import Literal

    from sandbox.engine.protocol import ExecSpec


def problem(check: Check, status: int, stdout: bytes = b"", stderr: bytes = b"") -> str | None:
    engine = FakeEngine(commands=lambda _: (status, stdout, stderr))
    (result,) = run_checks(Box(engine, "c"), [check], FakeReporter(), env={})
    return result.problem


CASES: dict[str, tuple[Check, int, bytes, bytes, str | None]] = {
    "status as expected": (RunCheck(run="x"), 0, b"", b"", None),
    "another status": (RunCheck(run="x"), 127, b"", b"", "exit status 127, expected 0"),
    "a failure that is wanted": (RunCheck(run="x", exit=3), 3, b"", b"", None),
    "too long": (RunCheck(run="x", timeout=0.5), 124, b"", b"", "not finished after 0.5 s"),
    "124 that is wanted": (RunCheck(run="x", exit=124), 124, b"", b"", None),
    "output": (RunCheck(run="x", stdout=TextMatch(kind="equals", text="a")), 0, b"a\n", b"e", None),
    "other output": (
        RunCheck(run="x", stdout=TextMatch(kind="equals", text="a")),
        0,
        b"\x1b[1mb\n",
        b"a",
        "stdout is 'b', expected text that equals 'a'",
    ),
    "complaints": (
        RunCheck(run="x", stderr=TextMatch(kind="contains", text="a")),
        0,
        b"a",
        b"b",
        "stderr is 'b', expected text that contains 'a'",
    ),
    "a file": (FileCheck(file="/x"), 0, b"644 root root 0 0\n", b"", None),
    "no file": (FileCheck(file="/x"), 1, b"", b"stat: no", "does not exist"),
    "mode": (FileCheck(file="/x", mode=0o4755), 0, b"4755 root root 0 0\n", b"", None),
    "another mode": (FileCheck(file="/x", mode=0o755), 0, b"644 root root 0 0\n", b"", "has mode 644, expected 755"),
    "owner by name": (FileCheck(file="/x", owner="me:us"), 0, b"644 me us 5 6\n", b"", None),
    "owner by number": (FileCheck(file="/x", owner="5:6"), 0, b"644 me us 5 6\n", b"", None),
    "another owner": (FileCheck(file="/x", owner="you"), 0, b"644 me us 5 6\n", b"", "belongs to me:us, expected you"),
    "another group": (
        FileCheck(file="/x", owner="me:x"),
        0,
        b"644 me us 5 6\n",
        b"",
        "belongs to me:us, expected me:x",
    ),
    "a port": (PortCheck(port=80), 0, b"", b"", None),
    "no port": (PortCheck(port=80, timeout=2), 1, b"", b"", "does not listen after 2 s"),
}


@pytest.mark.parametrize(("check", "status", "stdout", "stderr", "expected"), CASES.values(), ids=CASES)
def test_a_check_says_what_is_wrong(
    check: Check, status: int, stdout: bytes, stderr: bytes, expected: str | None
) -> None:
    assert problem(check, status, stdout, stderr) == expected


def test_the_command_is_an_argv_under_a_time_limit_and_a_user() -> None:
    engine = FakeEngine()
    run_checks(Box(engine, "c"), [RunCheck(run="a; b", user="nobody", timeout=5)], FakeReporter(), env={"A": "1"})
    assert engine.ran[0].argv == ("timeout", "-k", "2", "5", "sh", "-c", "a; b")
    assert engine.ran[0].user == "nobody"
    assert engine.ran[0].env == {"A": "1"}


def test_a_port_is_looked_for_in_the_kernels_own_spelling() -> None:
    assert ":1F90 " in " ".join(command_for(PortCheck(port=8080)).argv)


def test_every_check_is_run_and_shown_and_returned_with_its_number() -> None:
    engine = FakeEngine(commands=lambda spec: (int("bad" in spec.argv[-1]), b"", b""))
    reporter = FakeReporter()
    failed = run_checks(
        Box(engine, "c"), [RunCheck(run="bad"), RunCheck(run="good"), RunCheck(run="bad\n2")], reporter, env={}
    )
    assert [(one.number, one.title, one.problem) for one in failed] == [
        (1, "bad", "exit status 1, expected 0"),
        (2, "good", None),
        (3, "bad 2", "exit status 1, expected 0"),
    ]
    assert [text for verb, text in reporter.told if verb == "note"][1] == "✓"
    assert len(engine.ran) == 3


def test_only_a_check_that_fails_keeps_what_it_printed_plain_and_short() -> None:
    answer = CheckOutput(status=1, stdout="\x1b[1mout\x1b[0m", stderr="x" * 5000)
    failed = evaluate(1, RunCheck(run="x"), answer, seconds=0.1)
    held = evaluate(1, RunCheck(run="x", exit=1), answer, seconds=0.1)
    assert (len(failed.output), held.output) == (2000, "")
    assert evaluate(1, RunCheck(run="x"), CheckOutput(status=1, stdout="\x1b[1mout"), seconds=0).output == "out"


@pytest.mark.parametrize(
    ("status", "seconds", "expected"),
    [
        (124, 5.1, "not finished after 5 s"),
        (143, 5.1, "not finished after 5 s"),
        (143, 5.0, "not finished after 5 s"),  # whole seconds, of a task
        (143, 4.9, "exit status 143, expected 0"),
        (137, 7.1, "not finished after 5 s"),
        (137, 5.1, "exit status 137, expected 0"),  # killed for its memory: timeout(1) kills 2 s later
        (124, 4.9, "exit status 124, expected 0"),  # a timeout(1) of its own
    ],
)
def test_what_took_too_long_is_known_by_the_words_of_either_timeout(status: int, seconds: float, expected: str) -> None:
    assert evaluate(1, RunCheck(run="x", timeout=5), CheckOutput(status=status), seconds=seconds).problem == expected
    assert evaluate(1, RunCheck(run="x", timeout=5, exit=143), CheckOutput(status=143), seconds=seconds).problem is None


def test_a_stat_of_another_shape_is_a_problem_not_a_crash() -> None:
    assert evaluate(1, FileCheck(file="/x"), CheckOutput(status=0, stdout="odd"), seconds=0).problem is not None


@pytest.mark.parametrize(
    ("kind", "text", "found", "expected"),
    [
        ("equals", "a\n", "a", True),
        ("equals", "a", "a\nb", False),
        ("contains", "b", "abc", True),
        ("contains", "B", "abc", False),
        ("matches", r"^b\d$", "a\nb1\nc", True),
        ("matches", r"^b$", "ab", False),
    ],
)
def test_texts_match(kind: Literal["equals", "contains", "matches"], text: str, found: str, *, expected: bool) -> None:
    assert matches(TextMatch(kind=kind, text=text), found) is expected


@pytest.mark.parametrize(
    ("status", "said"),
    [(137, "not finished after 2 s"), (143, "not finished after 2 s"), (1, "exit status 1, expected 0")],
)
def test_a_command_that_was_ended_when_its_time_was_over_is_late(status: int, said: str) -> None:
    check = RunCheck(run="x", timeout=2)
    assert evaluate(1, check, CheckOutput(status=status), seconds=4).problem == said
    assert evaluate(1, check, CheckOutput(status=status), seconds=0.5).problem == f"exit status {status}, expected 0"


def test_a_command_that_heeds_no_signal_is_late_by_timeouts_own_hand() -> None:
    def attempt(limit: float) -> str:
        check = RunCheck(run="trap '' TERM; echo up; sleep 600 & sleep 600; sleep 600", timeout=limit)
        began = time.monotonic()
        done = subprocess.run(command_for(check).argv, capture_output=True, text=True, timeout=100, check=False)
        status = done.returncode % 256 if done.returncode >= 0 else 128 - done.returncode
        result = evaluate(1, check, CheckOutput(status=status), seconds=time.monotonic() - began)
        assert result.problem == f"not finished after {limit:g} s"
        return done.stdout

    assert cut_short(attempt, lambda out: out) == "up\n"


class Held(FakeConnection):
    """Says a line and is held open then, as by what a command left running."""

    def __init__(self) -> None:
        super().__init__(b"\1\0\0\0\0\0\0\3up\n")
        self._over = threading.Event()

    def recv(self, size: int, /) -> bytes:
        return super().recv(size) if self.chunks else b"" if self._over.wait(LONG) else b"never closed"

    def close(self) -> None:
        self._over.set()


def test_a_check_whose_output_never_ends_is_late_with_what_it_said(monkeypatch: pytest.MonkeyPatch) -> None:
    class Holding(FakeEngine):
        def open(self, ident: str, spec: ExecSpec) -> FakeExec:  # noqa: ARG002 - of the Protocol
            return FakeExec(stream=Held())

    monkeypatch.setattr("sandbox.trials.checks.AWAITED", 0.1)
    (result,) = run_checks(Box(Holding(), "c"), [RunCheck(run="x", timeout=0.1)], FakeReporter(), env={})
    assert result.problem == "not finished after 0.1 s"
    assert result.output == "up"
