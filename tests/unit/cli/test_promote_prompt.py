"""The question on leaving: only what it offers is an answer, and Enter is the one that is shown as the default."""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.unit.fakes.host import host_in
from tests.unit.fakes.promotions import promotion_for

from sandbox.cli.promote_prompt import _choice
from sandbox.cli.promote_target import show
from sandbox.cli.question import confirm, question_text
from sandbox.cli.request import _grant
from sandbox.errors import UsageError
from sandbox.report.terminal import TerminalReporter
from sandbox.specs.model import Spec

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.cli.promote_prompt import Choice


@pytest.mark.parametrize(
    ("typed", "choice", "times"),
    [
        ("\n", "no", 1),
        ("n\n", "no", 1),
        ("Y\n", "yes", 1),
        ("edit\n", "edit", 1),
        ("", "no", 1),
        ("maybe\njq\ny\n", "yes", 3),
        ("yess\n\n", "no", 2),
        ("q", "no", 2),
    ],
)
def test_what_is_no_answer_is_asked_again(
    typed: str, choice: Choice, times: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert _choice("Promote htop? [y/N/edit] ") == choice
    assert capsys.readouterr().err.count("Promote htop?") == times


@pytest.mark.parametrize("width", [40, 60, 80, 84, 120])
def test_the_question_is_cut_between_words_and_its_answers_stay_together(width: int) -> None:
    """At 80 columns the terminal itself cut `[y/N/edi` from `t]`."""
    question = "Promote htop and jq (added by hand) to an install script for this host? [y/N/edit] "
    folded = question_text(question, width)
    assert max(map(len, folded.splitlines())) < width
    assert folded.splitlines()[-1].endswith("host? [y/N/edit] ")
    assert " ".join(folded.split()) == question.strip()


@pytest.mark.parametrize(("typed", "is_yes"), [("\n", False), ("", False), ("Y\n", True), ("what\nyes\n", True)])
def test_a_question_of_yes_or_no_is_asked_until_one_is_answered(
    typed: str, is_yes: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert confirm("Allow this?") is is_yes
    assert capsys.readouterr().err.startswith("Allow this? [y/N] ")


def test_what_a_spec_asks_for_is_shown_with_a_gap_behind_each_word_and_no_is_the_answer_to_silence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`capabilities` touched the text behind it."""
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    spec = Spec(capabilities=("NET_ADMIN",), before=("true",))
    with pytest.raises(UsageError, match="asks for more"):
        _grant(spec, frozenset(), host_in(tmp_path), ask=True)
    rows = capsys.readouterr().err.splitlines()[1:3]
    assert [re.split(" {2,}", row.strip())[0] for row in rows] == ["capabilities", "before"]


@pytest.mark.parametrize(
    ("left_out", "is_said"),
    [
        (("repository x", "/etc/nanorc (changed)", "/etc/foo"), True),
        (("file /etc/x", "setup: true"), False),
        ((), False),
    ],
)
def test_files_made_by_hand_come_with_the_way_to_copy_them(
    left_out: tuple[str, ...], *, is_said: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    show(replace(promotion_for("debian"), left_out=left_out), TerminalReporter({}))
    told = re.sub(" +", " ", capsys.readouterr().err)
    assert told.count(" not captured ") == len(left_out)
    assert (" to copy files try with --keep next time, then sandbox cp NAME:/etc/nanorc .\n" in told) == is_said
