"""A comparison says at once what it will do, and a candidate that fails is a candidate."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from tests.unit.fakes import FakeEngine, FakeReporter
from tests.unit.fakes.host import host_in
from tests.unit.provision.test_image import request

from sandbox.commands.compare import Comparing
from sandbox.core.signals import Guard
from sandbox.distros.lookup import find_target
from sandbox.engine.protocol import Image
from sandbox.errors import EngineError, PullFailed
from sandbox.specs.model import Spec

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("jobs", "at_once"), [(1, 1), (8, 2)])
def test_how_many_are_inspected_at_a_time_is_said_first(jobs: int, at_once: int, tmp_path: Path) -> None:
    reporter = FakeReporter()
    asked = {name: request(Spec(packages=(name,)), find_target("debian:bookworm")) for name in ("htop", "btop")}

    def connect() -> FakeEngine:
        return FakeEngine(failing={"pull": [PullFailed("no such image")] * 9})

    work = Comparing(
        asked, host_in(tmp_path), connect=connect, reporter=reporter, silent=FakeReporter(), guard=Guard(), jobs=jobs
    )
    found = work.run()
    assert reporter.told[0] == ("  2 inspections", f"{at_once} at a time")
    assert sorted((name, text.split()[-1]) for name, text in reporter.told[1:]) == [
        (f"  {'btop':<24}", "failed"),
        (f"  {'htop':<24}", "failed"),
    ]
    assert [(one.name, bool(one.failure)) for one in found.candidates] == [("htop", True), ("btop", True)]


def test_what_an_inspection_that_failed_could_not_remove_is_in_the_removals(tmp_path: Path) -> None:
    engine = FakeEngine(images_known=[Image(id="sha256:base", tags=("debian:bookworm",))])
    engine.failing = {"start": [EngineError("no room")], "remove": [EngineError("busy")] * 2}
    work = Comparing(
        {"htop": request(Spec(packages=("htop",)), find_target("debian:bookworm"))},
        host_in(tmp_path),
        connect=lambda: engine,
        reporter=FakeReporter(),
        silent=FakeReporter(),
        guard=Guard(),
    )
    [candidate] = work.run().candidates
    assert candidate.failure == "no room"
    assert [failure.brief.rpartition(": ")[2] for removal in work.removals for failure in removal.failures] == ["busy"]
    assert any(removal.left for removal in work.removals)


def test_all_inspections_share_a_connection_and_the_question_which_images_are_left(tmp_path: Path) -> None:
    connected: list[FakeEngine] = []

    def connect() -> FakeEngine:
        connected.append(FakeEngine(failing={"start": [EngineError("no room")] * 9}))
        connected[-1].images_known.append(Image(id="sha256:base", tags=("debian:bookworm",)))
        return connected[-1]

    asked = {name: request(Spec(packages=(name,)), find_target("debian:bookworm")) for name in ("htop", "btop")}
    work = Comparing(
        asked, host_in(tmp_path), connect=connect, reporter=FakeReporter(), silent=FakeReporter(), guard=Guard(), jobs=1
    )
    assert [one.failure for one in work.run().candidates] == ["no room"] * 2
    [engine] = connected
    assert len({spec.name for spec in engine.created}) == 2
    assert engine.calls.count("images") == 1


class Meeting:
    """A session whose removal waits for that of another one."""

    def __init__(self, barrier: threading.Barrier, name: str) -> None:
        self.id = self.name = name
        self._both = barrier
        self._removal: threading.Thread | None = None

    def close(self) -> None:
        self._removal = threading.Thread(target=self._both.wait, daemon=True)
        self._removal.start()

    def finish(self) -> None:
        if self._removal is None:
            self._both.wait()
        else:
            self._removal.join()


def test_what_was_cut_off_is_removed_at_the_same_time(tmp_path: Path) -> None:
    asked = {"htop": request(Spec(packages=("htop",)), find_target("debian:bookworm"))}
    work: Any = Comparing(
        asked,
        host_in(tmp_path),
        connect=FakeEngine,
        reporter=FakeReporter(),
        silent=FakeReporter(),
        guard=Guard(),
    )
    both = threading.Barrier(2, timeout=30)
    work._begun += [Meeting(both, "one"), Meeting(both, "two")]
    work._end(FakeEngine())
    assert not both.broken
