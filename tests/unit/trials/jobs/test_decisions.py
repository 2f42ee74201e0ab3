"""What is done next for a cell, by the tasks of its job."""

from __future__ import annotations

from functools import partial

import pytest

from sandbox.engine.swarm import Attempt
from sandbox.trials.jobs.decisions import CROWDED, PATIENCE, PhaseSince, lost_nodes
from sandbox.trials.jobs.decisions import decide as decide_for
from sandbox.trials.jobs.facts import SWARM

LIMIT = 100.0
UNPLACED, SETTLED = SWARM.unplaced, SWARM.settled
decide = partial(decide_for, limit=LIMIT, facts=SWARM)


def task(phase: str, node: str = "a", *, state: str = "", lacks_image: bool = False, crowded: bool = False) -> Attempt:
    return Attempt(
        id=f"{phase}-{node}",
        job="j",
        phase=phase,  # type: ignore[arg-type]  # a word of the table below
        state=state or phase,
        node=node,
        lacks_image=lacks_image,
        is_crowded=crowded,
    )


def decided(tasks: list[Attempt], seconds: float) -> str:
    """Return what is done once the job has been like this for some seconds."""
    first = decide(tasks, None, 1000.0)
    return decide(tasks, first.since, 1000.0 + seconds).kind


CASES: dict[str, tuple[list[Attempt], float, str]] = {
    "no task yet": ([], 1, "wait"),
    "never a task": ([], UNPLACED + 1, "over"),
    "no node yet": ([task("waiting", "")], UNPLACED - 1, "wait"),
    "no node ever": ([task("waiting", "")], UNPLACED + 1, "over"),
    "nodes are busy": ([task("waiting", "", crowded=True)], CROWDED - 1, "wait"),
    "nodes are busy for hours": ([task("waiting", "", crowded=True)], CROWDED + 1, "over"),
    "a node fetches the image": ([task("waiting", state="preparing")], UNPLACED + 1, "wait"),
    "runs": ([task("running")], LIMIT + PATIENCE - 1, "wait"),
    "runs for too long": ([task("running")], LIMIT + PATIENCE + 1, "over"),
    "has failed just now": ([task("failed")], SETTLED - 1, "wait"),
    "has failed for good": ([task("failed")], SETTLED + 1, "over"),
    "was started anew": ([task("failed"), task("running", "b")], SETTLED + 1, "wait"),
    "its node died": ([task("lost"), task("waiting", "")], SETTLED + 1, "wait"),
    "done": ([task("lost"), task("complete", "b")], 0, "read"),
    "done, whatever the swarm begins": ([task("complete"), task("waiting", "b")], 0, "read"),
    "no image there": ([task("failed", lacks_image=True), task("waiting", "a")], 0, "elsewhere"),
}


@pytest.mark.parametrize(("tasks", "seconds", "kind"), CASES.values(), ids=CASES.keys())
def test_what_a_job_is_in_and_for_how_long_decides(tasks: list[Attempt], seconds: float, kind: str) -> None:
    assert decided(tasks, seconds) == kind


def test_the_clock_starts_anew_on_another_node_and_in_another_phase() -> None:
    before = PhaseSince(phase="running", node="a", moment=5.0)
    assert decide([task("running", "a")], before, 9.0).since.moment == 5.0
    assert decide([task("lost", "a"), task("running", "b")], before, 9.0).since.moment == 9.0
    assert decide([task("failed", "a")], before, 9.0).since.moment == 9.0


def test_nodes_that_died_are_told_once_and_no_others() -> None:
    tasks = [task("lost", "b"), task("failed", "c"), task("lost", "b"), task("lost", "a"), task("lost", "")]
    assert lost_nodes(tasks) == ("b", "a")
