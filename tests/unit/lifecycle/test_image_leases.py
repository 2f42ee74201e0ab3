"""Bases of trials without a trace: the last that uses one removes it, whatever ends the others."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from tests.unit.fakes import FakeEngine

from sandbox.engine.protocol import Image
from sandbox.errors import Conflict
from sandbox.lifecycle import image_leases, pulled_images

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "mine:1"
THERE = Image(id="sha256:1", tags=(NAME,))
OTHER = """
import sys, pathlib
from sandbox.lifecycle import image_leases
image_leases.acquire(pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3])
print("used", flush=True)
sys.stdin.read()
"""
LEAVER = """
import sys, pathlib
from sandbox.lifecycle import image_leases
folder = pathlib.Path(sys.argv[1])
class Engine:
    url = sys.argv[2]
    def remove_image(self, reference):
        (folder / "image").unlink()
        return True
image_leases.acquire(folder, Engine.url, sys.argv[3])
print("used", flush=True)
sys.stdin.readline()
print(image_leases.remove(folder, Engine(), sys.argv[3]), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine(images_known=[THERE])


def begun(text: str, folder: Path, engine: FakeEngine) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", text, str(folder), engine.url, NAME]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "used\n"
    return process


@contextmanager
def another(folder: Path, engine: FakeEngine) -> Iterator[subprocess.Popen[str]]:
    with begun(OTHER, folder, engine) as process:
        try:
            yield process
        finally:
            process.kill()


def noted(folder: Path, engine: FakeEngine) -> dict[str, str]:
    return pulled_images.records(folder, engine.url, file=image_leases.FILE)


def test_one_that_another_trial_uses_stays_and_goes_with_it(tmp_path: Path, engine: FakeEngine) -> None:
    image_leases.acquire(tmp_path, engine.url, NAME)
    image_leases.record_pull(tmp_path, engine.url, NAME, THERE.id)
    with another(tmp_path, engine) as process:
        assert not image_leases.remove(tmp_path, engine, NAME)
        assert image_leases.orphans(tmp_path, engine) == ()
        process.kill()
        process.wait()
        assert image_leases.remove(tmp_path, engine, NAME)
    assert (engine.images_known, noted(tmp_path, engine)) == ([], {})


def test_of_trials_that_leave_at_once_the_last_takes_it_along(tmp_path: Path, engine: FakeEngine) -> None:
    (tmp_path / "image").touch()
    leaving = [begun(LEAVER, tmp_path, engine) for _ in range(6)]
    for process in leaving:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = sorted(process.stdout.readline() for process in leaving if process.stdout is not None)  # all still live
    for process in leaving:
        process.communicate()
    assert (said, (tmp_path / "image").exists()) == ([*["False\n"] * 5, "True\n"], False)


def test_one_that_is_met_without_a_trace_is_to_be_removed_and_with_one_stays(
    tmp_path: Path, engine: FakeEngine
) -> None:
    assert not image_leases.joins_lease(tmp_path, engine.url, NAME, THERE.id, without_trace=True)
    image_leases.record_pull(tmp_path, engine.url, NAME, THERE.id)
    assert image_leases.joins_lease(tmp_path, engine.url, NAME, THERE.id, without_trace=True)
    assert not image_leases.joins_lease(tmp_path, engine.url, NAME, "sha256:another", without_trace=True)
    assert not image_leases.joins_lease(tmp_path, engine.url, NAME, THERE.id, without_trace=False)
    assert not image_leases.joins_lease(tmp_path, engine.url, NAME, THERE.id, without_trace=True)
    assert not image_leases.remove(tmp_path, engine, NAME)
    assert (engine.images_known, noted(tmp_path, engine)) == ([THERE], {})


def test_what_died_trials_left_is_swept(tmp_path: Path, engine: FakeEngine) -> None:
    image_leases.record_pull(tmp_path, engine.url, NAME, THERE.id)
    assert [row.tags for row in image_leases.orphans(tmp_path, engine)] == [(NAME,)]
    assert image_leases.sweep(tmp_path, engine) == (NAME,)
    assert (engine.images_known, noted(tmp_path, engine)) == ([], {})


@pytest.mark.parametrize("ident", ["", "sha256:another", image_leases.STAYS])
def test_what_may_be_somebody_elses_is_not_swept(tmp_path: Path, engine: FakeEngine, ident: str) -> None:
    image_leases.record_pull(tmp_path, engine.url, NAME, ident)
    assert image_leases.sweep(tmp_path, engine) == ()
    assert engine.images_known == [THERE]


def test_a_trial_does_not_sweep_its_own(tmp_path: Path, engine: FakeEngine) -> None:
    image_leases.acquire(tmp_path, engine.url, NAME)
    image_leases.record_pull(tmp_path, engine.url, NAME, THERE.id)
    assert image_leases.sweep(tmp_path, engine) == ()


def test_what_a_container_has_waits_for_the_next_sweep(tmp_path: Path, engine: FakeEngine) -> None:
    image_leases.record_pull(tmp_path, engine.url, NAME, THERE.id)
    engine.failing["remove_image"] = [Conflict("in use")]
    assert image_leases.sweep(tmp_path, engine) == ()
    assert image_leases.sweep(tmp_path, engine) == (NAME,)


def test_a_folder_that_can_not_be_written_leaves_no_trace_either(tmp_path: Path, engine: FakeEngine) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "state"
    image_leases.acquire(folder, engine.url, NAME)
    image_leases.record_pull(folder, engine.url, NAME)
    assert image_leases.remove(folder, engine, NAME)


def test_a_lease_makes_the_folder_that_is_not_there_and_for_nobody_else(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "sandbox"
    image_leases.acquire(folder, "unix:///x", NAME)
    assert (folder / image_leases.LOCK).is_file()
    assert folder.stat().st_mode & 0o077 == 0
