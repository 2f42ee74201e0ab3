"""A sandbox on its way out: what is known at once, what is seen beside the question, and when it goes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tests.unit.promote.test_capture import RECORD, TARGET, Sandbox

from sandbox.container.box import Box
from sandbox.errors import EngineError
from sandbox.lifecycle.journal import Journal
from sandbox.promote.capture import UNSEEN, ManualChangesCapture
from sandbox.promote.on_exit import ExitCapture

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.engine.protocol import ExecSpec

SECONDS = 5.0


class Left:
    """A session whose shell was left; the look at what was done in it waits for `go`."""

    def __init__(self, journal: Journal, output: bytes = b"files 0 \0/etc/foo\0", status: int = 0) -> None:
        self.go, self.closed = threading.Event(), threading.Event()
        self.sandbox = Sandbox()
        self.sandbox.engine.commands = self.answer
        self.output, self.status = output, status
        back = ManualChangesCapture(
            RECORD, self.sandbox.state, TARGET, box=Box(self.sandbox.engine, "c"), is_watched=True
        )
        self.leaving = ExitCapture(back, RECORD, marked=False, journal=journal, close=self.closed.set)

    def answer(self, _spec: ExecSpec) -> tuple[int | None, bytes, bytes]:
        assert self.go.wait(SECONDS)
        return self.status, self.output, b""


def test_the_packages_are_known_and_the_sandbox_is_there_while_it_is_looked_at(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.jsonl")
    left = Left(journal)
    assert left.leaving.record.packages == RECORD.packages
    assert not left.closed.is_set()
    left.go.set()
    assert left.closed.wait(SECONDS)
    kept = left.leaving.whole()  # the journal is written while the sandbox goes
    assert kept.strays == ("/etc/foo",)
    assert [*journal.records()] == [kept]


def test_what_could_not_be_looked_at_is_said_and_the_sandbox_goes(tmp_path: Path) -> None:
    left = Left(Journal(tmp_path / "journal.jsonl"), status=1)
    left.go.set()
    assert left.leaving.whole().strays == (UNSEEN,)
    assert left.closed.wait(SECONDS)


def test_an_engine_that_fails_leaves_the_packages_known(tmp_path: Path) -> None:
    left = Left(Journal(tmp_path / "journal.jsonl"))
    left.sandbox.engine.failing["open"] = [EngineError("gone")]
    back = ManualChangesCapture(RECORD, left.sandbox.state, TARGET, box=Box(left.sandbox.engine, "c"), is_watched=True)
    found = back.complete_record()
    assert (found.packages, found.strays, found.lost) == (RECORD.packages, (UNSEEN,), False)
    left.go.set()


def test_a_journal_that_can_not_be_written_keeps_nothing_from_going(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where a folder should be")
    left = Left(Journal(tmp_path / "state" / "journal.jsonl"))
    left.go.set()
    assert left.leaving.whole().strays == ("/etc/foo",)
    assert left.closed.wait(SECONDS)
    assert left.leaving.failure is not None
