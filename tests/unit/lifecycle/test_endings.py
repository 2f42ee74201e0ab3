"""Why a sandbox ended, from what an engine noted of it."""

from __future__ import annotations

import json

import pytest
from tests.unit.fakes import FakeEngine

from sandbox.engine.convert import ending
from sandbox.engine.protocol import Ending
from sandbox.lifecycle.endings import death_error, is_time_up, why
from sandbox.lifecycle.lifetimes import TIME_UP


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (Ending(status=0), "lost the connection to the engine"),
        (Ending(status=137, signals=(9,)), "another client of the engine stopped or removed it (SIGKILL)"),
        (Ending(status=143, signals=(15,)), "another client of the engine stopped or removed it (SIGTERM)"),
        (Ending(status=137, is_memory=True), "the kernel killed it because it reached its memory limit"),
        (Ending(status=143), "a process in the sandbox killed its processes (exit status 143)"),
        (Ending(status=137), "a process in the sandbox killed its processes (exit status 137)"),
        (Ending(status=137, signals=(0,), shows_signals=False), "another client of the engine stopped or removed it"),
        (
            Ending(status=137, shows_signals=False),
            "it was stopped, removed or killed (exit status 137); the engine does not say by whom",
        ),
        (Ending(), "the engine does not say why"),
    ],
)
def test_each_end_has_its_own_reason(found: Ending, reason: str) -> None:
    assert why(found)[0] == reason


def test_the_end_of_its_own_command_is_that() -> None:
    assert why(Ending(status=3), "detached")[0] == "its main command ended with status 3"


def test_time_that_is_up_is_said_as_that() -> None:
    engine = FakeEngine(ended_so=Ending(status=TIME_UP))
    assert death_error(lambda: engine.ending("box")).brief == "its time was up: --ttl counts from the start"


def test_events_of_both_engines_are_read() -> None:
    rows = [
        {"Action": "kill", "Actor": {"Attributes": {"signal": "15"}}},
        {"Action": "start", "Actor": {"Attributes": {}}},
        {"Action": "exec_die", "Actor": {"Attributes": {"exitCode": "1"}}},
        {"Action": "oom", "Actor": {"Attributes": {}}},
        {"Action": "kill", "Actor": {"Attributes": {"signal": "9"}}},
        {"Action": "die", "Actor": {"Attributes": {"exitCode": "137"}}},
    ]
    text = "\n".join(json.dumps(row) for row in rows)
    assert ending(text, is_podman=False) == Ending(status=137, signals=(9,), is_memory=True)
    podman = json.dumps({"status": "died", "Actor": {"Attributes": {"containerExitCode": "0"}}})
    assert ending(podman, is_podman=True) == Ending(status=0, shows_signals=False)
    assert ending("", is_podman=False) == Ending()


@pytest.mark.parametrize(
    ("found", "is_running", "expected"),
    [
        (Ending(status=TIME_UP), False, True),
        (Ending(status=137, signals=(9,)), False, True),
        (Ending(status=137, is_memory=True), False, False),
        (Ending(), False, True),
        (Ending(), True, False),
    ],
    ids=["by itself", "by a command of ours", "by the kernel", "not noted yet", "it runs"],
)
def test_how_one_ended_after_its_time_says_whether_that_was_why(
    monkeypatch: pytest.MonkeyPatch, found: Ending, *, is_running: bool, expected: bool
) -> None:
    monkeypatch.setattr("sandbox.lifecycle.endings.NOTED", 0.01)
    assert is_time_up(lambda: found, lambda: is_running) is expected
