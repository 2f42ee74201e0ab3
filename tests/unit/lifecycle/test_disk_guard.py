"""The host's disk is watched, and who ended the sandbox is said."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from tests.patience import LONG
from tests.unit.fakes import FakeEngine

from sandbox.errors import StepFailed
from sandbox.lifecycle import disk_guard
from sandbox.lifecycle.disk_guard import DiskWatch, free_space

if TYPE_CHECKING:
    from pathlib import Path


def test_room_is_what_is_free_and_what_has_to_stay_so(tmp_path: Path) -> None:
    free, reserve = free_space(tmp_path)
    assert free > 0
    assert 0 < reserve <= disk_guard.RESERVE


def test_a_full_disk_ends_the_sandbox_and_is_the_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_guard, "PERIOD", 0.01)
    monkeypatch.setattr(disk_guard, "RESERVE", 1 << 62)
    monkeypatch.setattr(disk_guard, "SHARE", 1)
    ended = threading.Event()
    watch = DiskWatch(FakeEngine(root=str(tmp_path)), ended.set)
    assert ended.wait(LONG)
    with pytest.raises(StepFailed, match="the disk is almost full") as caught:
        watch.explain()
    assert caught.value.cause == "disk"


def test_an_engine_elsewhere_is_not_watched() -> None:
    watch = DiskWatch(FakeEngine(root="/nonexistent"), lambda: None)
    watch.explain()
    assert watch.reason is None
    watch.stop()


def full(folder: Path, monkeypatch: pytest.MonkeyPatch) -> DiskWatch:
    """Return a watch that has ended its sandbox."""
    monkeypatch.setattr(disk_guard, "PERIOD", 0.01)
    monkeypatch.setattr(disk_guard, "RESERVE", 1 << 62)
    monkeypatch.setattr(disk_guard, "SHARE", 1)
    ended = threading.Event()
    watch = DiskWatch(FakeEngine(root=str(folder)), ended.set)
    assert ended.wait(LONG)
    return watch


def test_why_it_ended_is_raised_at_the_end_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    watch = full(tmp_path, monkeypatch)
    with pytest.raises(StepFailed, match="the disk is almost full"):
        watch.end()
    watch.end()


def test_a_disk_with_room_is_looked_at_until_it_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_guard, "PERIOD", 0.01)
    monkeypatch.setattr(disk_guard, "RESERVE", 0)
    before = {*threading.enumerate()}
    watch = DiskWatch(FakeEngine(root=str(tmp_path)), lambda: None)
    (looking,) = {*threading.enumerate()} - before
    looking.join(0.1)
    assert looking.is_alive()
    watch.stop()
    looking.join(10)
    assert (looking.is_alive(), watch.reason) == (False, None)
