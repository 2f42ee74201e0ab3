"""A job as a task definition of Fargate. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sandbox.errors import Advice, UsageError
from sandbox.trials.fargate.facts import LARGEST_DEFINITION

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sandbox.trials.fargate.place import Place
    from sandbox.trials.fargate.sizes import TaskSize
    from sandbox.trials.jobs.protocol import Job

CONTAINER: Final = "cell"
"""The name of the container in each task; log streams have it in their names."""
GRACE: Final = 10
"""Seconds between SIGTERM and SIGKILL: PID 1 of a trial ends at once."""


def task_definition(
    job: Job, family: str, *, session: str, size: TaskSize, architecture: str, place: Place
) -> Mapping[str, object]:
    """Return the parameters of RegisterTaskDefinition. Raises UsageError for one that is too large."""
    container = {
        "name": CONTAINER,
        "image": job.image,
        "essential": True,
        "entryPoint": list(job.argv[:1]),
        "command": list(job.argv[1:]),
        "user": "0",
        "workingDirectory": "/",
        "stopTimeout": GRACE,
        "linuxParameters": {"capabilities": {"drop": list(job.trust.cap_drop), "add": list(job.trust.cap_add)}},
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": place.log_group,
                "awslogs-region": place.region,
                "awslogs-stream-prefix": session,
                "mode": "blocking",  # the default since 2025 drops lines of a program that prints faster than it sends
            },
        },
    }
    roles = {"executionRoleArn": place.execution_role, "taskRoleArn": place.task_role}
    found = {
        "family": family,
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": str(size.cpu),
        "memory": str(size.memory),
        "runtimePlatform": {"cpuArchitecture": architecture, "operatingSystemFamily": "LINUX"},
        "containerDefinitions": [container],
        **{key: role for key, role in roles.items() if role},
        **({"ephemeralStorage": {"sizeInGiB": place.storage}} if place.storage else {}),
    }
    check_size(found)
    return found


def check_size(definition: Mapping[str, object]) -> None:
    """Raise UsageError for a definition that AWS would refuse for its size."""
    size = len(json.dumps(definition).encode())
    if size > LARGEST_DEFINITION:
        details = [("it has", f"{size} bytes"), ("at most", f"{LARGEST_DEFINITION} bytes")]
        message = "the files, setup and checks are together too long for a task definition"
        raise UsageError(message, details=details, hints=[Advice.without("--on", "fargate")])


def stream_of(session: str, task: str) -> str:
    """Return the name of a task's log stream, by its ARN."""
    return f"{session}/{CONTAINER}/{task.rpartition('/')[2]}"
