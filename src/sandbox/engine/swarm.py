"""The swarm part of an engine: services of Docker Swarm as jobs, and their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sandbox.specs.model import Limits

Phase = Literal["waiting", "running", "complete", "failed", "lost"]
"""waiting: not placed or started yet. lost: the swarm gave it up because its node is down."""


class Node(Struct, frozen=True, kw_only=True):
    """A node of the swarm; `is_up`: the managers reach it. `cpus`: its cores."""

    id: str
    name: str
    is_up: bool = True
    cpus: float = 1.0

    @property
    def title(self) -> str:
        """Its name, which may not be unique, and the start of its id."""
        return f"{self.name} ({self.id[:12]})"


class ConfigFile(Struct, frozen=True, kw_only=True):
    """A config: id, name, and the path at which a job's container has it."""

    id: str
    name: str
    path: str


class JobSpec(Struct, frozen=True, kw_only=True):
    """A container that is to run once to its end.

    `restarts`: how often it may be started again after it failed or its node died. `avoid`: ids of nodes that it
    must not be placed on.
    """

    name: str
    image: str
    argv: tuple[str, ...]
    labels: Mapping[str, str]
    limits: Limits
    cap_drop: tuple[str, ...] = ()
    cap_add: tuple[str, ...] = ()
    files: tuple[ConfigFile, ...] = ()
    avoid: tuple[str, ...] = ()
    restarts: int = 3


class SwarmObject(Struct, frozen=True, kw_only=True):
    """A service or config of the swarm."""

    kind: Literal["service", "config"]
    id: str
    name: str
    labels: Mapping[str, str] = field(default_factory=dict)


class Attempt(Struct, frozen=True, kw_only=True):
    """One task of a job: where it was placed (empty: nowhere yet), the swarm's word for its state, what went wrong.

    `lacks_image`: its node has not got the image and could not pull it. `is_crowded`: no node has room for it now.
    """

    id: str
    job: str
    phase: Phase
    state: str
    node: str = ""
    created: float = 0.0
    problem: str = ""
    lacks_image: bool = False
    is_crowded: bool = False


class Swarm(Protocol):
    """A Docker Swarm, through one of its managers. It raises only our errors."""

    @property
    def client(self) -> tuple[str, ...]:
        """The command line of the engine's own client up to the verb."""

    def nodes(self) -> tuple[Node, ...]:
        """Return the swarm's nodes. Raises EngineError if the engine is not a manager, or too old."""

    def swarm_objects(self, labels: Sequence[str]) -> tuple[SwarmObject, ...]:
        """Return the objects with all these labels; services first, in the order of removal. Empty without a swarm."""

    def create_config(self, name: str, content: bytes, labels: Mapping[str, str]) -> str:
        """Create a config and return its id."""

    def create_job(self, spec: JobSpec) -> str:
        """Create a job and return its id."""

    def attempts(self, labels: Sequence[str]) -> tuple[Attempt, ...]:
        """Return the tasks of all jobs with these labels, oldest first, with removed ones that have not ended."""

    def attempt_log(self, attempt: str, *, limit: int) -> bytes:
        """Return the start of a task's output, up to `limit` bytes. Raises EngineError if it can't be read."""

    def remove_swarm_object(self, found: SwarmObject) -> bool:
        """Remove a service with its tasks, or a config; False if it was already gone."""
