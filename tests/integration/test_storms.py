"""The storms of `make storm` in small: sessions that are killed, signalled, crowded and flooded, an engine that breaks.

Podman's part is `make storm`'s alone."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.running import LONG, Terminal, wait_for, wait_for_text
from tests.matrix import FULL, first
from tests.storm.breakdowns import BREAKDOWNS, breakdowns
from tests.storm.crowd import crowd, leftovers
from tests.storm.engines import missing
from tests.storm.kills import kills
from tests.storm.output import output
from tests.storm.signals import storm_of_signals
from tests.storm.stage import PACKAGES, Row, Stage
from tests.storm.starts import WAYS
from tests.storm.terminals import VERBS, terminals

if TYPE_CHECKING:
    from pathlib import Path

FEW = ("engine killed under a session", "disk full in the sandbox", "out of memory in the sandbox")
"""One of each kind, of which `make test` has the first; `make storm` has them all."""

STARTS = ("typed with &", "stopped by SIGTSTP", "timeout in a script", "setsid -w", "stopped, then bg, then fg")
"""Ways to start it that stopped it for ever, and what a shell does to a job: the others are in `make terminals`."""


@pytest.fixture
def stage(tmp_path: Path, engine_url: str, base: str, client: Any) -> Stage:
    if not engine_url.startswith("unix://"):
        pytest.skip("the engine is not at a unix socket")
    return Stage(folder=tmp_path, url=engine_url, client=client, base=base)


def failures(rows: tuple[Row, ...]) -> list[str]:
    return [failure for row in rows for failure in row.failures]


def test_kills_at_any_moment_leave_nothing_running_and_the_next_command_the_rest(stage: Stage) -> None:
    assert failures(kills(stage, 3, limit=LONG)) == []


def test_signals_at_any_moment_clean_up_with_their_status(stage: Stage) -> None:
    assert failures(storm_of_signals(stage, 4)) == []


@pytest.mark.parametrize("starts", first([STARTS[:2], STARTS]), ids=len)
def test_out_of_the_foreground_it_touches_no_terminal_works_on_and_ends_by_sigterm(
    stage: Stage, starts: tuple[str, ...]
) -> None:
    ways = [way for way in WAYS if way.name in starts]
    assert len(ways) == len(starts)
    assert failures(terminals(stage, ways, [verb for verb in VERBS if verb.name in ("try", "try -- CMD")])) == []


def test_leftovers_of_crashes_are_swept_and_those_of_others_are_not(stage: Stage) -> None:
    assert failures(leftovers(stage, 8, limit=LONG)) == []


def test_sessions_at_once_and_sweeps_do_not_harm_each_other(stage: Stage) -> None:
    assert failures(crowd(stage, 4)) == []


@FULL
def test_output_of_any_kind_and_amount_costs_the_client_no_memory(stage: Stage) -> None:
    assert failures(output(stage, 4)) == []


@pytest.mark.parametrize("breakdown", first(FEW))
def test_an_engine_that_breaks_and_a_sandbox_that_fills_it_are_said_and_leave_nothing(
    stage: Stage, breakdown: str
) -> None:
    assert missing("docker") == ""
    assert breakdown in BREAKDOWNS
    assert failures(breakdowns(stage, "docker", (breakdown,))) == []


def test_a_terminal_that_is_closed_at_the_question_ends_it(stage: Stage) -> None:
    terminal = stage.program("question").terminal("try", *PACKAGES)
    terminal.ready()
    terminal.send(b"exit\r")
    terminal.expect(b"[y/N]")
    terminal.signal(signal.SIGHUP)
    said = terminal.rest()
    assert (terminal.status(), "Traceback" in said, stage.owned(terminal.child.pid)) == (129, False, [])
    assert terminal.current_attributes() == terminal.attributes


def test_a_signal_to_enter_ends_it_and_the_sandbox_stops(stage: Stage) -> None:
    program = stage.program("enter")
    assert (
        program.run("try", "--distro", "debian", "-q", "--keep", "--name", "storm-kept", "--", "true").returncode == 0
    )
    try:
        terminal = program.terminal("enter", "storm-kept")
        terminal.ready()
        terminal.signal(signal.SIGTERM)
        said = terminal.rest()
        (row,) = stage.client.api.containers(all=True, filters={"name": "^/?storm-kept$"})
        assert (terminal.status(), "Traceback" in said, row["State"]) == (143, False, "exited"), said
        assert terminal.current_attributes() == terminal.attributes
    finally:
        program.run("rm", "storm-kept")


@pytest.mark.parametrize("words", first([(), ("--", "sh", "-c", "echo here; sleep 600")]))
def test_a_terminal_whose_client_is_killed_ends_and_the_kept_sandbox_stops(
    stage: Stage, words: tuple[str, ...]
) -> None:
    program = stage.program("killed")
    kept = ("try", "--distro", "debian", "-q", "--keep", "--name", "storm-killed", "--", "true")
    assert program.run(*kept).returncode == 0
    try:
        process = program.start("enter", "storm-killed", *words) if words else program.terminal("enter", "storm-killed")
        if isinstance(process, Terminal):
            process.ready()
            process.signal(signal.SIGKILL)
        else:
            wait_for_text(process, b"here\n")
            process.kill()
            process.communicate()
        wait_for(lambda: stage.client.containers.get("storm-killed").status == "exited")
    finally:
        program.run("rm", "storm-killed")
