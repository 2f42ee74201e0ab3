"""The run on standard error: plain lines where nobody watches, live ones at a terminal, nothing on standard output."""

from __future__ import annotations

import os
import pty
import re
import signal
import sys
import termios
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pexpect
import pytest

from sandbox.core.foreground import has_owner
from sandbox.errors import Advice, CheckFailed, EngineError, Interrupted, Problem, SpecError, UsageError
from sandbox.report.colours import paint_marks, paint_verdict
from sandbox.report.columns import width_of
from sandbox.report.terminal import (
    CLEAR,
    HOW_TO_END,
    SILENCE,
    TITLE,
    UNLIMITED,
    LiveStep,
    TerminalReporter,
    live_line,
    step_lines,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.core.progress import Reporter

ERROR = EngineError(
    "no \x1b[31mengine",
    details=[("tried", "one\ntwo"), ("found", "\x1b]0;title\x07nothing")],
    hints=[Advice.sandbox("doctor"), Advice.sandbox("--help")],
)


@contextmanager
def nowhere() -> Iterator[None]:
    """Make descriptor 2 no terminal, wherever the tests are run."""
    with descriptor_2(os.open(os.devnull, os.O_WRONLY)):
        yield


@contextmanager
def terminal() -> Iterator[None]:
    """Make descriptor 2 a terminal; what is written still goes to capsys."""
    controller, user = pty.openpty()
    has_owner.cache_clear()  # a terminal of the same number may have been another test's, with an owner
    with descriptor_2(user):
        yield
    os.close(controller)


@contextmanager
def descriptor_2(other: int) -> Iterator[None]:
    saved = os.dup(2)
    os.dup2(other, 2)
    os.close(other)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def run(reporter: Reporter, *, busy: float = 0) -> None:
    reporter.heading("debian bookworm")
    with reporter.step("install", "htop") as step:
        step.line("Unpacking htop")
        step.now("unpacking")
        time.sleep(busy)
        step.title("htop 3.2.2-2")
        step.note("0.4 MB on disk")
    reporter.rows([("removed", "all"), ("a longer label", "text"), ("", "")])
    reporter.blank()


@nowhere()
def test_where_nobody_watches_there_is_one_plain_line_a_step(capsys: pytest.CaptureFixture[str]) -> None:
    run(TerminalReporter({"TERM": "xterm"}))
    out, err = capsys.readouterr()
    assert out == ""
    assert re.sub(r"\d\.\d s", "N s", err).splitlines() == [
        "debian bookworm",
        f"  {'install':<12}{'htop 3.2.2-2':<{TITLE}}{'N s':>7}    0.4 MB on disk",
        "removed          all",
        "a longer label   text",
        "",
        "",
    ]
    assert "\x1b" not in err
    assert "\r" not in err


@terminal()
def test_at_a_terminal_a_step_is_alive_and_its_line_stays(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    err = ""
    for busy in (0.5, 5.0, 50.0):  # the live line is another thread's, which a busy machine keeps waiting
        run(TerminalReporter({"TERM": "xterm"}), busy=busy)
        err = capsys.readouterr().err
        if "unpacking" in err:
            break
    live, _, final = err.rpartition(CLEAR)
    assert "unpacking" in live
    assert "0.4 MB on disk\n" in final
    assert "\x1b[1mdebian bookworm\x1b[0m" in err


@terminal()
@pytest.mark.parametrize("environ", [{"NO_COLOR": "1", "TERM": "xterm"}, {"TERM": "dumb"}])
def test_colours_can_be_refused(capsys: pytest.CaptureFixture[str], environ: dict[str, str]) -> None:
    reporter = TerminalReporter(environ)
    reporter.heading("debian")
    reporter.problem("error", EngineError("what"))
    assert "\x1b" not in capsys.readouterr().err


@terminal()
def test_an_empty_no_color_refuses_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    TerminalReporter({"NO_COLOR": "", "TERM": "xterm"}).heading("debian")
    assert "\x1b[1m" in capsys.readouterr().err


@terminal()
def test_a_dumb_terminal_gets_whole_lines(capsys: pytest.CaptureFixture[str]) -> None:
    run(TerminalReporter({"TERM": "dumb"}))
    assert "\r" not in capsys.readouterr().err


@nowhere()
def test_an_error_says_what_happened_the_evidence_and_the_next_step(capsys: pytest.CaptureFixture[str]) -> None:
    TerminalReporter({}).problem("error", ERROR)
    assert capsys.readouterr().err.splitlines() == [
        "error: no engine",
        "  tried   one",
        "          two",
        "  found   nothing",
        "  next    sandbox doctor",
        "          sandbox --help",
    ]


@nowhere()
def test_an_error_without_more_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    TerminalReporter({}).warn(CheckFailed("a check failed"))
    assert capsys.readouterr().err == "warning: a check failed\n"


def test_problems_of_a_document_have_their_places() -> None:
    problems = [
        Problem(source="web.yaml", line=3, column=1, path="pakages", message="no such key"),
        Problem(source="web.yaml", line=7, column=11, path="", message="expected a size"),
    ]
    error = SpecError("web.yaml", problems)
    assert error.brief == "web.yaml has 2 problems"
    assert error.details == (("web.yaml:3:1", "pakages   no such key"), ("web.yaml:7:11", "expected a size"))
    assert SpecError("web.yaml", problems[:1]).brief == "web.yaml has 1 problem"


@nowhere()
def test_quiet_says_only_what_went_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = TerminalReporter({}, quiet=True)
    run(reporter)
    reporter.warn(CheckFailed("x"))
    assert capsys.readouterr().err == "warning: x\n"


@terminal()
def test_verbose_shows_every_line_and_draws_over_none(capsys: pytest.CaptureFixture[str]) -> None:
    run(TerminalReporter({"TERM": "xterm"}, verbose=True))
    err = capsys.readouterr().err
    assert "    Unpacking htop\n" in err
    assert "\r" not in err


@nowhere()
def test_a_step_that_fails_says_so_and_lets_the_error_through(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(EngineError), TerminalReporter({}).step("install", "htop"):
        raise EngineError("x")
    assert capsys.readouterr().err.endswith("    failed\n")


@nowhere()
def test_a_step_that_a_signal_ends_did_not_fail(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Interrupted), TerminalReporter({}).step("install", "htop"):
        raise Interrupted(2)
    assert capsys.readouterr().err.endswith("    interrupted\n")


@terminal()
@pytest.mark.parametrize("columns", [50, 60, 72, 80, 88, 100])
def test_no_line_of_a_step_is_wider_than_the_terminal_and_none_of_it_is_lost(
    columns: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    title, note = "redis-server 5:7.0.15-1~deb12u10 and 5 dependencies", "13.3 MB on disk"
    with TerminalReporter({"TERM": "dumb"}).step("install", "redis-server") as step:
        step.title(title)
        step.note(note)
    err = capsys.readouterr().err
    assert max(map(len, err.splitlines())) < columns
    assert " ".join(err.split()) == f"install {title} 0.0 s {note}"
    assert all(line.startswith(" " * 14) for line in err.splitlines()[1:])


@terminal()
def test_a_live_line_never_wraps(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    TerminalReporter({"TERM": "xterm"}).draw("x" * 100)
    assert capsys.readouterr().err == f"{CLEAR}{'x' * 19}"


@terminal()
def test_nothing_is_drawn_after_a_step_has_ended(capsys: pytest.CaptureFixture[str]) -> None:
    with TerminalReporter({"TERM": "xterm"}).step("install", "htop"):
        pass
    capsys.readouterr()
    time.sleep(0.15)
    assert capsys.readouterr().err == ""


def test_on_a_narrow_terminal_the_seconds_stay_on_the_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    with terminal(), TerminalReporter({"TERM": "dumb"}).step("look", "at all before"):
        pass
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("  look        at all before")
    assert line.endswith("0.0 s")
    assert len(line) < 50


TITLES = (
    "htop",
    "redis-server 5:7.0.15-1~deb12u10 and 5 dependencies",
    "漢字" * 13,
    "",
)


def place_of_seconds(line: str) -> int:
    return width_of(line[: line.index("12.3 s")])


@pytest.mark.parametrize("width", [32, 40, 50, 60, 80, 100, 300])
@pytest.mark.parametrize("title", TITLES)
def test_the_seconds_stay_in_their_columns_when_a_step_ends(width: int, title: str) -> None:
    note = "13.3 MB on disk"
    running = [live_line("install", text, "12.3 s", "", width) for text in (title, "unpacking", "x" * 200)]
    ended = step_lines("install", title, "12.3 s", note, width)
    places = {place_of_seconds(line) for line in (*running, *(line for line in ended if "12.3 s" in line))}
    assert len(places) == 1
    assert max(map(width_of, (*running, *ended))) < max(width, 36)
    assert title.replace(" ", "") in "".join(ended).replace(" ", "").replace("12.3s", "")
    assert running[1].startswith("  install     unpacking"[: width // 2])


@terminal()
def test_a_step_that_has_been_silent_for_a_minute_says_how_to_end_it() -> None:
    step = LiveStep(TerminalReporter({"TERM": "xterm"}), "install", "gcc", live=False, verbose=False)
    began = time.monotonic()
    assert HOW_TO_END not in step.live_line(began + SILENCE - 1)
    assert step.live_line(began + SILENCE + 1).endswith(HOW_TO_END)
    step.now("unpacking")
    assert HOW_TO_END not in step.live_line(time.monotonic() + 1)


@terminal()
@pytest.mark.parametrize(
    ("note", "colour"), [("✓", "32"), ("✗ exit 1", "31"), ("0.4 MB on disk", None), ("failed", "31"), ("okay", None)]
)
def test_a_verdict_is_green_or_red_and_the_word_or_sign_says_it_too(
    capsys: pytest.CaptureFixture[str], note: str, colour: str | None
) -> None:
    for environ in ({"TERM": "xterm"}, {"TERM": "xterm", "NO_COLOR": "1"}):
        with TerminalReporter(environ).step("check", "htop --version") as step:
            step.note(note)
        err = capsys.readouterr().err
        assert re.sub(r"\x1b\[\d*m", "", err).rstrip().endswith(note)
        assert (f"\x1b[{colour}m" in err) == (colour is not None and "NO_COLOR" not in environ)


@nowhere()
def test_a_verdict_in_a_file_has_no_colour(capsys: pytest.CaptureFixture[str]) -> None:
    with TerminalReporter({"TERM": "xterm"}).step("check", "htop --version") as step:
        step.note("✗ exit 1")
    assert "\x1b" not in capsys.readouterr().err


def test_marks_in_a_table_are_painted_and_its_words_are_not() -> None:
    assert paint_marks("web ✓ 4.1 s ✗ 2 s") == "web \x1b[32m✓\x1b[0m 4.1 s \x1b[31m✗\x1b[0m 2 s"
    assert paint_verdict("problem   home") == "\x1b[31mproblem\x1b[0m   home"
    assert paint_verdict("okay") == "okay"


TYPING = """
import sys, time
from sandbox.core.echo import show_keys
from sandbox.core.signals import trap_termination
from sandbox.errors import Interrupted
from sandbox.report.terminal import TerminalReporter

status = 0
try:
    with trap_termination(), TerminalReporter({"TERM": "xterm"}).step("install", "htop") as step:
        step.now("gone")
        sys.stdin.readline() if sys.argv[1:] else time.sleep(300)
except Interrupted as interrupted:
    status = interrupted.status
finally:
    show_keys()
print("over", status, flush=True)
print("read", input())
"""


def at_terminal(*words: str) -> tuple[Any, list[Any]]:
    """Return a step that runs at a terminal, and what the terminal was set to before."""
    child = pexpect.spawn(sys.executable, ["-c", TYPING, *words], dimensions=(24, 100), timeout=60)
    before = termios.tcgetattr(child.child_fd)
    child.delaybeforesend = None
    child.expect_exact(b"gone")
    return child, before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_in_a_step_gives_the_terminal_back_and_what_was_typed_is_there_to_read(number: signal.Signals) -> None:
    child, before = at_terminal()
    assert not termios.tcgetattr(child.child_fd)[3] & termios.ECHO
    child.send(b"typed ahead\r")
    os.kill(child.pid, number)
    child.expect_exact(b"over %d" % (128 + number))
    assert b"typed" not in child.before
    child.expect_exact(b"read typed ahead")
    assert termios.tcgetattr(child.child_fd) == before
    child.close()


def test_a_step_that_is_stopped_gives_the_terminal_back_and_hides_keys_again_when_it_goes_on() -> None:
    child, before = at_terminal()
    child.send(b"\x1a")  # Ctrl-Z
    until(lambda: os.waitpid(child.pid, os.WNOHANG | os.WUNTRACED) != (0, 0))
    assert termios.tcgetattr(child.child_fd) == before
    os.kill(child.pid, signal.SIGCONT)
    until(lambda: not termios.tcgetattr(child.child_fd)[3] & termios.ECHO)
    child.send(b"\x03")  # Ctrl-C
    child.expect_exact(b"over 130")
    assert termios.tcgetattr(child.child_fd) == before
    child.close(force=True)


def until(condition: Callable[[], bool]) -> None:
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.02)
    raise AssertionError


def test_a_step_is_one_line_of_a_file_however_long_its_title_is() -> None:
    (line,) = step_lines("install", "x" * 300, "12.3 s", "13.3 MB on disk", UNLIMITED)
    assert line.endswith("12.3 s    13.3 MB on disk")


@pytest.mark.parametrize("width", [40, 60, 80, 120, UNLIMITED])
@pytest.mark.parametrize("title", ["x" * n for n in (5, 42, 43, 44, 45, 300)])
@pytest.mark.parametrize("elapsed", ["9.9 s", "59 min 14 s"])
def test_a_long_time_never_touches_the_title(width: int, title: str, elapsed: str) -> None:
    """At 80 columns and in a file it said `50 dependencies1 min 14 s`."""
    lines = [*step_lines("install", title, elapsed, "262 MB on disk", width)]
    lines += [live_line("install", title, elapsed, "", min(width, 300))]
    assert all(f"  {elapsed}" in line or f"… {elapsed}" in line for line in lines if elapsed in line)
    assert sum(elapsed in line for line in lines) == 2
    assert width == UNLIMITED or all(width_of(line) < max(width, 40) for line in lines)


@terminal()
@pytest.mark.parametrize("width", [40, 60, 80])
def test_the_evidence_of_an_error_is_cut_between_words_and_what_to_type_is_not(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    known = ", ".join(f"distro-{number}" for number in range(30))
    line = " ".join(f"package-{number}" for number in range(30))
    error = UsageError("unknown", details=[("known", known)], hints=[Advice.sandbox("try", *line.split())])
    TerminalReporter({"TERM": "dumb"}).problem("error", error)
    shown = capsys.readouterr().err.splitlines()
    assert f"  next    sandbox try {line}" == shown[-1]
    assert max(map(len, shown[:-1])) < width
    assert " ".join(part.strip() for part in shown[1:-1]) == f"known   {known}"
