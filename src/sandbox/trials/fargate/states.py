"""What a task's state and its reasons mean. Pure; AWS's documentation, "Stopped tasks error messages"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.engine.swarm import Attempt
from sandbox.trials.fargate.retries import is_crowded

if TYPE_CHECKING:
    from sandbox.engine.swarm import Phase
    from sandbox.trials.fargate.answers import TaskState

STOPPED: Final = "STOPPED"
RUNNING: Final = ("RUNNING", "DEACTIVATING", "STOPPING", "DEPROVISIONING")
GRACE: Final = 60.0
"""Seconds in which DescribeTasks may not know a task yet that RunTask has just made."""
PULL: Final = "CannotPull"
TAKEN: Final = ("SpotInterruption", "TerminationNotice")
PASSING: Final = ("timeout waiting for network interface", "unexpected ec2 error", "internal error")
"""Reasons of a start that failed on AWS's side: another may succeed."""
ADVICE: Final = (
    ("log group", "create the log group that fargate.log_group names, in this region"),
    ("cannotpull", "give the subnets a way to the registry: a public address, a NAT or endpoints"),
    ("resourceinitializationerror", "check the execution role's rights and that the subnets have a way out"),
)


def attempt_of(task: TaskState) -> Attempt:
    """Return a task as an attempt; one attempt is one job here, since ECS starts none anew."""
    ident, reason = task.task_arn, reason_of(task)
    status = task.last_status
    created = task.created_at.timestamp() if task.created_at else 0.0
    if status != STOPPED:
        phase: Phase = "running" if status in RUNNING else "waiting"
        return Attempt(id=ident, job=ident, phase=phase, state=status.lower() or "starting", created=created)
    return Attempt(
        id=ident,
        job=ident,
        phase=_end(task, reason),
        state="stopped",
        created=created,
        problem=with_advice(reason),
        lacks_image=PULL in reason,
    )


def _end(task: TaskState, reason: str) -> Phase:
    """Return how a stopped task ended: complete, failed, or lost, so that it is worth another attempt."""
    codes = [box.exit_code for box in task.containers]
    if task.stop_code in TAKEN:
        return "lost"
    is_start = task.stop_code == "TaskFailedToStart"
    if is_start and PULL not in reason and (is_crowded(reason) or any(words in reason.lower() for words in PASSING)):
        return "lost"
    return "complete" if codes and all(code == 0 for code in codes) else "failed"


def reason_of(task: TaskState) -> str:
    """Return why a task stopped, in AWS's words: of the container first, since an end for memory stands there alone."""
    said = [*(box.reason for box in task.containers), task.stopped_reason]
    texts = [text for text in dict.fromkeys(said) if text and text != "Essential container in task exited"]
    codes = [f"exit status {box.exit_code}" for box in task.containers if box.exit_code]
    head = [task.stop_code] if task.stop_code not in ("", "EssentialContainerExited") else []
    return "; ".join((*head, *texts, *codes))


def with_advice(reason: str) -> str:
    """Return a reason with what to do about it, where that is known."""
    found = next((advice for words, advice in ADVICE if words in reason.lower()), "")
    return f"{reason} ({found})" if found else reason


def unknown_attempt(arn: str, seconds: float, *, was_seen: bool) -> Attempt:
    """Return a task that DescribeTasks does not know, `seconds` after RunTask made it.

    It is about to appear, or stopped so long ago that ECS has forgotten it, and its log says what came of it.
    """
    if was_seen:
        return Attempt(id=arn, job=arn, phase="complete", state="forgotten", problem="ECS has forgotten the task")
    phase: Phase = "waiting" if seconds < GRACE else "lost"
    return Attempt(id=arn, job=arn, phase=phase, state="starting", problem="ECS does not know the task")
