"""What AWS's errors, states and reasons mean, and what is done next."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from sandbox.trials.fargate.answers import ContainerState, Failure, TaskState
from sandbox.trials.fargate.facts import FARGATE
from sandbox.trials.fargate.jobs import run_failure, token_of
from sandbox.trials.fargate.retries import LONGEST_PAUSE, pause, verdict
from sandbox.trials.fargate.sizes import TaskSize
from sandbox.trials.fargate.states import GRACE, attempt_of, reason_of, unknown_attempt
from sandbox.trials.fargate.usage import hours_of, worst_hours
from sandbox.trials.jobs.decisions import decide
from sandbox.trials.jobs.protocol import Crowded, Refused

ERRORS = {
    "throttled": ("ThrottlingException", "Rate exceeded", 400, "again"),
    "a server that fails": ("ServerException", "", 500, "again"),
    "an unknown failure of a server": ("Strange", "", 503, "again"),
    "no answer": ("", "", 400, "again"),
    "two revisions at a time": (
        "ClientException",
        "Too many concurrent attempts to create a new revision of the specified family.",
        400,
        "again",
    ),
    "expired": ("ExpiredTokenException", "The security token included in the request is expired", 400, "sign in"),
    "the quota of vCPUs": (
        "ClientException",
        "You've reached the limit on the number of vCPUs you can run",
        400,
        "crowded",
    ),
    "no capacity": ("ClientException", "Capacity is unavailable at this time. Please try again later", 400, "crowded"),
    "denied": (
        "AccessDeniedException",
        "User: a is not authorized to perform: ecs:RunTask on resource: *",
        400,
        "final",
    ),
    "a wrong parameter": (
        "InvalidParameterException",
        "No Fargate configuration exists for given values",
        400,
        "final",
    ),
}


@pytest.mark.parametrize(("code", "said", "status", "expected"), ERRORS.values(), ids=ERRORS.keys())
def test_an_error_is_tried_again_only_where_that_can_help(code: str, said: str, status: int, expected: str) -> None:
    assert verdict(code, said, status) == expected


def test_pauses_grow_to_a_bound_and_are_never_the_same_for_all() -> None:
    assert [pause(attempt, lambda: 1.0) for attempt in (1, 2, 3)] == [0.4, 0.8, 1.6]
    assert pause(99, lambda: 1.0) == LONGEST_PAUSE
    assert pause(3, lambda: 0.0) < pause(3, lambda: 0.5)


@pytest.mark.parametrize(
    ("failures", "kind"),
    [
        ([Failure(reason="RESOURCE:CPU")], Crowded),
        ([Failure(reason="Capacity is unavailable at this time.")], Crowded),
        ([Failure(reason="AGENT", detail="not connected")], Refused),
        ([], Refused),
    ],
)
def test_an_answer_without_a_task_says_why(failures: list[Failure], kind: type[Exception]) -> None:
    assert type(run_failure(failures)) is kind


def test_a_job_keeps_its_token_until_aws_has_answered_that_there_is_no_room() -> None:
    assert token_of("key", 0) == token_of("key", 0)
    assert len({token_of("key", 0), token_of("key", 1), token_of("other", 0)}) == 3
    assert len(token_of("key", 0)) <= 64


def stopped(code: str, said: str = "", *, exit_code: int | None = None, reason: str = "") -> TaskState:
    box = ContainerState(name="cell", exit_code=exit_code, reason=reason)
    return TaskState(task_arn="a", last_status="STOPPED", stop_code=code, stopped_reason=said, containers=(box,))


ENDS = {
    "done": (stopped("EssentialContainerExited", "Essential container in task exited", exit_code=0), "read"),
    "failed": (stopped("EssentialContainerExited", "Essential container in task exited", exit_code=1), "over"),
    "out of memory": (
        stopped(
            "EssentialContainerExited", exit_code=137, reason="OutOfMemoryError: Container killed due to memory usage"
        ),
        "over",
    ),
    "taken for others": (stopped("SpotInterruption", "Your Spot Task was interrupted.", exit_code=137), "again"),
    "its machine goes": (stopped("TerminationNotice"), "again"),
    "somebody stopped it": (stopped("UserInitiated", "by hand", exit_code=143), "over"),
    "no image": (stopped("TaskFailedToStart", "CannotPullContainerError: manifest unknown"), "over"),
    "no way to the registry": (
        stopped("TaskFailedToStart", "ResourceInitializationError: unable to pull secrets or registry auth"),
        "over",
    ),
    "no network interface in time": (
        stopped("TaskFailedToStart", "Timeout waiting for network interface provisioning to complete."),
        "again",
    ),
    "no capacity after all": (stopped("TaskFailedToStart", "Capacity is unavailable at this time."), "again"),
    "an end without a status": (stopped("EssentialContainerExited"), "over"),
    "no container": (TaskState(task_arn="a", last_status="STOPPED"), "over"),
    "starts": (TaskState(task_arn="a", last_status="PROVISIONING"), "wait"),
    "runs": (TaskState(task_arn="a", last_status="RUNNING"), "wait"),
    "stops": (TaskState(task_arn="a", last_status="DEPROVISIONING"), "wait"),
}


@pytest.mark.parametrize(("state", "kind"), ENDS.values(), ids=ENDS.keys())
def test_how_a_task_ended_decides(state: TaskState, kind: str) -> None:
    first = decide([attempt_of(state)], None, 1000.0, limit=60, facts=FARGATE)
    assert decide([attempt_of(state)], first.since, 1001.0, limit=60, facts=FARGATE).kind == kind


def test_a_reason_has_the_container_s_words_and_what_to_do() -> None:
    state = stopped(
        "EssentialContainerExited", "Essential container in task exited", exit_code=137, reason="OutOfMemoryError"
    )
    assert reason_of(state) == "OutOfMemoryError; exit status 137"
    gone = attempt_of(stopped("TaskFailedToStart", "ResourceInitializationError: failed to create the log group"))
    assert "fargate.log_group" in gone.problem


def test_a_task_that_is_missing_is_about_to_appear_then_lost_and_one_that_was_seen_has_its_log() -> None:
    assert unknown_attempt("a", GRACE - 1, was_seen=False).phase == "waiting"
    assert unknown_attempt("a", GRACE + 1, was_seen=False).phase == "lost"
    assert unknown_attempt("a", 1, was_seen=True).phase == "complete"


def test_hours_are_counted_from_the_pull_to_the_end_and_a_minute_at_the_least() -> None:
    begin = datetime(2026, 1, 1, tzinfo=timezone.utc)

    def used(seconds: float) -> TaskState:
        end = begin + timedelta(seconds=seconds)
        return TaskState(task_arn="a", cpu="2048", memory="4096", pull_started_at=begin, stopped_at=end)

    found = hours_of([used(1800), used(1)], begin)
    assert (found.tasks, round(found.vcpu, 4), round(found.memory, 4)) == (2, 1.0333, 2.0667)
    assert hours_of([TaskState(task_arn="a", cpu="256")], begin).vcpu == 0.0


def test_a_running_task_counts_for_all_that_it_may_use_and_a_stopped_one_for_what_it_used() -> None:
    size = TaskSize(cpu=1024, memory=2048)
    begin = datetime(2026, 1, 1, tzinfo=timezone.utc)
    ended = TaskState(task_arn="a", cpu="1024", pull_started_at=begin, stopped_at=begin + timedelta(hours=0.5))
    assert worst_hours(size, None, 3600) > 1.0
    assert worst_hours(size, ended, 3600) == 0.5
