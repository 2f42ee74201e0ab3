"""The run on standard error: plain lines where nobody watches, live ones at a terminal, nothing on standard output."""

from __future__ import annotations

import os
import pty
import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from sandbox.errors import Advice, CheckFailed, EngineError, Interrupted, Problem, SpecError
from sandbox.report.terminal import CLEAR, TITLE, TerminalReporter

if TYPE_CHECKING:
    from collections.abc import Iterator

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
