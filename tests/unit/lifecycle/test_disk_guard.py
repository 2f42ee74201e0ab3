"""The host's disk is watched, and who ended the sandbox is said."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
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
    assert ended.wait(5)
    with pytest.raises(StepFailed, match="left on this host's disk") as caught:
        watch.explain()
    assert caught.value.cause == "disk"


def test_an_engine_elsewhere_is_not_watched() -> None:
    watch = DiskWatch(FakeEngine(root="/nonexistent"), lambda: None)
    watch.explain()
    assert watch.reason is None
    watch.stop()
