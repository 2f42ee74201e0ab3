"""What tasks use, in the hours of AWS's bill. Pure."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.core.human import count
from sandbox.trials.fargate.sizes import CORE, GIB

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sandbox.trials.fargate.answers import TaskState
    from sandbox.trials.fargate.sizes import TaskSize

HOUR: Final = 3600.0
LEAST: Final = 60.0
"""Seconds that a task is billed for at the least (AWS Fargate pricing)."""
MARGIN: Final = 600.0
"""Seconds beyond a task's own end in which its image may be pulled and its network taken away."""


class Usage(Struct, frozen=True, kw_only=True):
    """vCPU-hours and GB-hours of so many tasks."""

    tasks: int = 0
    vcpu: float = 0.0
    memory: float = 0.0

    @property
    def title(self) -> str:
        """All of it in words."""
        return f"{count(self.tasks, 'task')} used {self.vcpu:.3f} vCPU-hours and {self.memory:.3f} GB-hours"


def hours_of(states: Iterable[TaskState], now: datetime | None = None) -> Usage:
    """Return what these tasks have used up to now, or to their end."""
    moment = now or datetime.now(timezone.utc)
    rows = [(seconds_of(state, moment) / HOUR, state) for state in states]
    return Usage(
        tasks=len(rows),
        vcpu=sum(hours * int(state.cpu) / CORE for hours, state in rows),
        memory=sum(hours * int(state.memory) / GIB for hours, state in rows),
    )


def seconds_of(state: TaskState, now: datetime) -> float:
    """Return the seconds that a task is billed for: from its image's pull to its end, a minute at the least."""
    begin = state.pull_started_at or state.created_at
    if begin is None:
        return 0.0
    return max(LEAST, ((state.stopped_at or now) - begin).total_seconds())


def worst_hours(size: TaskSize, state: TaskState | None, ttl: int) -> float:
    """Return the vCPU-hours that a task may use at the most; what it used, where it has stopped."""
    if state is not None and state.stopped_at is not None:
        return seconds_of(state, state.stopped_at) / HOUR * size.cores
    return (ttl + MARGIN) / HOUR * size.cores
