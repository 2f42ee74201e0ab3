"""The interface of services that run jobs: a container each, once to its end, its output as a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from sandbox.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from contextlib import AbstractContextManager

    from sandbox.engine.protocol import Image
    from sandbox.engine.swarm import Attempt, Node
    from sandbox.errors import Row
    from sandbox.lifecycle.removal import Removal
    from sandbox.provision.plan import Plan
    from sandbox.specs.model import Limits, Spec
    from sandbox.specs.privileges import Trust
    from sandbox.trials.jobs.facts import Facts


class Crowded(EngineError):
    """The service has no room for a job now, and may have later."""


class Refused(EngineError):
    """The service does not take this job, now or later."""


class Job(Struct, frozen=True, kw_only=True):
    """A container that is to run once to its end. `key` is a word of its own: the same in each try to create it.

    `avoid`: ids of nodes that it must not be placed on.
    """

    key: str
    image: str
    argv: tuple[str, ...]
    limits: Limits
    trust: Trust
    avoid: tuple[str, ...] = ()


class JobRunner(Protocol):
    """The jobs of one run on a service. It raises only our errors."""

    @property
    def facts(self) -> Facts:
        """What the service can and can't do."""

    @property
    def title(self) -> str:
        """The service's name, once it is open: `the swarm at unix:///run/docker.sock`."""

    def refusals(self, spec: Spec, plan: Plan | None, trust: Trust) -> Iterable[Row]:
        """Return (option, reason) for what the service can't do of what a trial asks for."""

    def open(self) -> AbstractContextManager[object]:
        """Connect, for all that is below but `removal`. Raises EngineError."""

    def nodes(self) -> Mapping[str, Node]:
        """Return its nodes by id; none where there are none to see."""

    def image(self, reference: str, image: Image) -> str:
        """Return by which name the service finds this image. Raises EngineError if it can't."""

    def give(self, content: bytes, path: str) -> None:
        """Give every later job a file."""

    def create(self, job: Job) -> str:
        """Create a job and return its id. Raises Crowded, Refused, or another EngineError where nobody knows."""

    def attempts(self) -> tuple[Attempt, ...]:
        """Return the tasks of all jobs of this run, oldest first."""

    def log(self, attempt: str, *, limit: int) -> bytes:
        """Return the start of a task's output, up to `limit` bytes. Raises EngineError if it can't be read."""

    def drop(self, job: str) -> None:
        """End and remove a job."""

    def removal(self) -> Removal:
        """Remove all of this run, also where it is not open, and return what the service says then."""
