"""The log of a run: everything, plain, bounded, and nobody else's to read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sandbox.errors import Advice, SandboxError
from sandbox.report.log import LARGEST, LogReporter

if TYPE_CHECKING:
    from pathlib import Path


def test_a_log_has_each_step_with_its_output_and_end(tmp_path: Path) -> None:
    said: list[str] = []
    book = LogReporter(tmp_path / "x.log", said.append)
    with book.step("install", "curl") as step:
        step.line("\x1b[1mGet:1\x1b[0m")
        step.title("curl 8.1")
        step.note("1 MB")
    book.warn(SandboxError("no", details=[("it said", "so")], hints=[Advice.say("do this")]))
    book.close()
    text = (tmp_path / "x.log").read_text()
    assert text.startswith("== install curl\nGet:1\n== install curl 8.1 done after 0.0 s 1 MB\n")
    assert text.endswith("warning: no\nit said: so\nnext: do this\n")
    assert said == ["install"]
    assert (tmp_path / "x.log").stat().st_mode & 0o777 == 0o600


def test_a_step_that_fails_is_in_the_log(tmp_path: Path) -> None:
    book = LogReporter(tmp_path / "x.log", lambda _: None)
    with pytest.raises(SandboxError), book.step("install", "curl"):
        raise SandboxError("no")
    book.close()
    assert "install curl failed after" in (tmp_path / "x.log").read_text()


def test_output_without_end_is_cut(tmp_path: Path) -> None:
    book = LogReporter(tmp_path / "x.log", lambda _: None)
    for _ in range(12):
        book.heading("x" * 1_000_000)
    book.close()
    book.heading("after the end")
    text = (tmp_path / "x.log").read_text()
    assert len(text) < LARGEST + 100
    assert text.endswith("== the rest is not logged\n")
