"""Decides the next action for a cell on a swarm: the decisions of all services, with the facts of a swarm. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.trials.jobs.decisions import CROWDED, PATIENCE, Decision, PhaseSince, lost_nodes
from sandbox.trials.jobs.decisions import decide as decide_for
from sandbox.trials.jobs.facts import SWARM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.engine.swarm import Attempt

__all__ = ["CROWDED", "PATIENCE", "SETTLED", "UNPLACED", "Decision", "PhaseSince", "decide", "lost_nodes"]

UNPLACED: Final = SWARM.unplaced
SETTLED: Final = SWARM.settled


def decide(tasks: Sequence[Attempt], before: PhaseSince | None, now: float, *, limit: float) -> Decision:
    """Return the next action for a job with these tasks, oldest first; `limit`: seconds of its script."""
    return decide_for(tasks, before, now, limit=limit, facts=SWARM)
