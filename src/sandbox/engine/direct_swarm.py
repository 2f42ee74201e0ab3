"""The swarm of Docker's engine at a socket: without the SDK it says whether there is one, which each session asks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sandbox.engine.described import NO_MANAGER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sandbox.engine.described import Described
    from sandbox.engine.socket_api import SocketApi
    from sandbox.engine.swarm import Attempt, JobSpec, Node, Swarm, SwarmObject


class DirectSwarm:
    """The swarm part of an engine: the SDK does what a swarm has to do."""

    def __init__(self, engine: Described, api: SocketApi, by_sdk: Callable[[], Swarm]) -> None:
        self._engine, self._api, self._by_sdk = engine, api, by_sdk

    @property
    def client(self) -> tuple[str, ...]:
        """The command line of the engine's own client up to the verb."""
        return self._engine.client

    def _is_none(self) -> bool:
        """Return whether the engine says that it manages no swarm."""
        target = self._api.target("/services", {"filters": json.dumps({"name": ["sandbox"]})})
        return self._api.ask("list its services", "GET", target)[0] == NO_MANAGER

    def nodes(self) -> tuple[Node, ...]:
        """Return the swarm's nodes. Raises EngineError if the engine is not a manager, or too old."""
        return self._by_sdk().nodes()

    def swarm_objects(self, labels: Sequence[str]) -> tuple[SwarmObject, ...]:
        """Return the objects with all these labels; services first, in the order of removal. Empty without a swarm."""
        return () if self._is_none() else self._by_sdk().swarm_objects(labels)

    def create_config(self, name: str, content: bytes, labels: Mapping[str, str]) -> str:
        """Create a config and return its id."""
        return self._by_sdk().create_config(name, content, labels)

    def create_job(self, spec: JobSpec) -> str:
        """Create a job and return its id."""
        return self._by_sdk().create_job(spec)

    def attempts(self, labels: Sequence[str]) -> tuple[Attempt, ...]:
        """Return the tasks of all jobs with these labels, oldest first, with removed ones that have not ended."""
        return self._by_sdk().attempts(labels)

    def attempt_log(self, attempt: str, *, limit: int) -> bytes:
        """Return the start of a task's output, up to `limit` bytes."""
        return self._by_sdk().attempt_log(attempt, limit=limit)

    def remove_swarm_object(self, found: SwarmObject) -> bool:
        """Remove a service with its tasks, or a config; False if it was already gone."""
        return self._by_sdk().remove_swarm_object(found)
