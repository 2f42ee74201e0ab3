"""What runs a container to its end on whichever machine it likes: Docker Swarm's replicated jobs, and their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.spec.model import Limits

Phase = Literal["waiting", "running", "complete", "failed"]
"""waiting: not placed, or its image is not there yet. failed: whatever else has ended, on a node that went away too."""


class JobSpec(Struct, frozen=True, kw_only=True):
    """A container that is to run once to its end; `attempts` counts the restarts after it failed or its node died."""

    name: str
    image: str
    argv: tuple[str, ...]
    labels: Mapping[str, str]
    limits: Limits
    cap_drop: tuple[str, ...] = ()
    cap_add: tuple[str, ...] = ()
    attempts: int = 3


class Job(Struct, frozen=True, kw_only=True):
    """A job that the swarm knows."""

    id: str
    name: str
    labels: Mapping[str, str] = field(default_factory=dict)


class Attempt(Struct, frozen=True, kw_only=True):
    """One task of a job: where it was placed (empty: nowhere yet), the swarm's word for its state, what went wrong."""

    id: str
    job: str
    phase: Phase
    state: str
    node: str = ""
    created: float = 0.0
    problem: str = ""


class Jobs(Protocol):
    """A swarm, by one of its managers. Every error that leaves it is one of ours."""

    def jobs(self, labels: Sequence[str]) -> tuple[Job, ...]:
        """Return the jobs that have all these labels; none where the engine manages no swarm."""

    def create_job(self, spec: JobSpec) -> str:
        """Create a job and return its id; raise EngineError where the engine manages no swarm, or one too old."""

    def attempts(self, jobs: Sequence[str]) -> tuple[Attempt, ...]:
        """Return the tasks of these jobs, the oldest first."""

    def attempt_log(self, attempt: str, *, limit: int) -> bytes:
        """Return the start of a task's output, up to `limit` bytes; raise EngineError where it is out of reach."""

    def remove_job(self, ident: str) -> bool:
        """Remove a job with its tasks; False where it was gone already."""
