"""What Fargate can and can't do, as data."""

from __future__ import annotations

from typing import Final

from sandbox.trials.jobs.facts import Facts

FARGATE: Final = Facts(
    name="fargate",
    title="Fargate",
    speaker="AWS",
    node_word="",
    no_task="ECS does not know the task",
    no_place="Fargate did not start the task",
    is_near=False,
    restarts=False,
    chooses_node=False,
    # A task definition has at most 64 KiB as JSON (Amazon ECS service quotas); the rest of ours has less than 6 KiB.
    largest_command=58_000,
    packs=True,
    is_json=True,
    log_follows_end=30.0,  # CloudWatch gets a log in batches, after the task has stopped, too
    unplaced=900.0,  # a large image is pulled anew for each task
    settled=0.0,
)
LARGEST_DEFINITION: Final = 65_536
"""Bytes of a task definition."""
