"""Decides the next action for a cell from the state of its job and the facts of its service. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.engine.swarm import Attempt
    from sandbox.trials.jobs.facts import Facts

PATIENCE: Final = 60.0
"""Seconds beyond a script's own limit, at which it ends itself."""
CROWDED: Final = 1800.0
"""Seconds that a job may wait while the nodes are busy or pull its image."""
LACKS_IMAGE: Final = "the image could not be pulled"

Kind = Literal["wait", "read", "elsewhere", "again", "over"]
"""read: read its log. elsewhere: a node lacks the image. again: the service lost it, and does not start it anew by
itself. over: there will be no result, because of `words`."""


class PhaseSince(Struct, frozen=True, kw_only=True):
    """A job's last state, and when it began (monotonic seconds)."""

    phase: str
    node: str
    moment: float


class Decision(Struct, frozen=True, kw_only=True):
    """The next action, the task it is about, and a few words for the watcher."""

    kind: Kind
    since: PhaseSince
    task: Attempt | None = None
    words: str = ""


def decide(tasks: Sequence[Attempt], before: PhaseSince | None, now: float, *, limit: float, facts: Facts) -> Decision:
    """Return the next action for a job with these tasks, oldest first; `limit`: seconds of its script."""
    task = _deciding_task(tasks)
    phase, node = (task.phase, task.node) if task else ("waiting", "")
    is_same = before is not None and (before.phase, before.node) == (phase, node)
    since = before if is_same and before else PhaseSince(phase=phase, node=node, moment=now)
    kind, words = _decision_of(task, now - since.moment, limit, facts)
    return Decision(kind=kind, since=since, task=task, words=words)


def _deciding_task(tasks: Sequence[Attempt]) -> Attempt | None:
    """Return the task that shows a job's state: finished, without an image, running, else the last."""
    for is_it in (_is_complete, _lacks_image, _is_under_way):
        found = [task for task in tasks if is_it(task)]
        if found:
            return found[-1]
    return tasks[-1] if tasks else None


def _is_complete(task: Attempt) -> bool:
    return task.phase == "complete"


def _lacks_image(task: Attempt) -> bool:
    return task.lacks_image


def _is_under_way(task: Attempt) -> bool:
    return task.phase in ("waiting", "running")


def _decision_of(task: Attempt | None, seconds: float, limit: float, facts: Facts) -> tuple[Kind, str]:
    """Return the next action for a job that has been in this state for some seconds."""
    if task is None:
        return ("over", facts.no_task) if seconds > facts.unplaced else ("wait", "waits")
    if task.phase == "complete":
        return "read", "done"
    if task.lacks_image:
        return ("elsewhere", "the node does not have the image") if facts.chooses_node else ("over", LACKS_IMAGE)
    if task.phase == "lost" and not facts.restarts:
        return "again", "starts anew"
    if task.phase == "running":
        return ("over", f"not finished after {limit:g} s") if seconds > limit + PATIENCE else ("wait", "runs")
    if task.phase == "waiting":
        most = CROWDED if task.node or task.is_crowded else facts.unplaced
        return ("over", facts.no_place) if seconds > most else ("wait", task.state)
    return ("over", "the task failed") if seconds > facts.settled else ("wait", "restarts")


def lost_nodes(tasks: Sequence[Attempt]) -> tuple[str, ...]:
    """Return the ids of the nodes that died while running these tasks, in order."""
    return tuple(dict.fromkeys(task.node for task in tasks if task.phase == "lost" and task.node))
