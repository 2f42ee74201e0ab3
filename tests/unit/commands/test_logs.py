"""What a sandbox's own command has written, as it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.unit.fakes import FakeEngine
from tests.unit.fakes.host import host_in

from sandbox.commands.logs import logs
from sandbox.engine import labels
from sandbox.engine.protocol import Container
from sandbox.errors import Advice, NotFound, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.lifecycle.lifetimes import Life


def shown(folder: Path, said: bytes, *, life: Life = "detached", plain: bool = False, tail: int | None = None) -> bytes:
    host = host_in(folder)
    found = labels.session_labels(host.owner, session="s", name="mine", version="1", kind=life)
    row = Container(id="i", name="mine", state="running", image="x", labels=found, created=0.0)
    engine = FakeEngine(containers_known=[row], said=said)
    return b"".join(logs(engine, host.owner, "mine", follow=False, tail=tail, plain=plain))


def test_what_it_wrote_is_given_as_it_is(tmp_path: Path) -> None:
    assert shown(tmp_path, b"one\n\x1b[31mtwo\x1b[0m") == b"one\n\x1b[31mtwo\x1b[0m"
    assert shown(tmp_path, b"one\ntwo\n", tail=1) == b"two\n"


def test_a_terminal_gets_whole_lines_without_escape_sequences(tmp_path: Path) -> None:
    assert shown(tmp_path, b"one\n\x1b[31mtwo\x1b[0m", plain=True) == b"one\ntwo\n"


def test_a_throwaway_has_no_log_and_the_way_to_one_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="mine is a throwaway sandbox") as caught:
        shown(tmp_path, b"", life="session")
    assert caught.value.hints == (Advice.sandbox("try", "...", "--detach"),)


def test_one_that_goes_meanwhile_is_not_found(tmp_path: Path) -> None:
    host = host_in(tmp_path)
    found = labels.session_labels(host.owner, session="s", name="mine", version="1", kind="kept")
    row = Container(id="i", name="mine", state="exited", image="x", labels=found, created=0.0)
    engine = FakeEngine(containers_known=[row])
    lines = logs(engine, host.owner, "mine", follow=True, tail=None, plain=False)
    engine.remove("i")
    with pytest.raises(NotFound):
        list(lines)
