"""A matrix on Docker Swarm, by one of its managers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sandbox.errors import Advice, EngineError
from sandbox.trials.jobs.runner import POLL, MatrixRunner, RunPace
from sandbox.trials.swarm.resources import PAUSE, SwarmResources

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sandbox.engine.protocol import Engine
    from sandbox.errors import Row
    from sandbox.provision.context import Context
    from sandbox.trials.engine_runner import Log
    from sandbox.trials.runner import MatrixEntry


NO_LIFELINE: Final = (
    "if sandbox is killed, the services on the swarm run to their end, and the next sandbox command removes them"
)


class SwarmRunner(MatrixRunner):
    """Runs a matrix on a swarm, by one of its managers; `close` removes all that it made there."""

    def __init__(
        self,
        host: Context,
        *,
        connect: Callable[[], Engine],
        folder: Path,
        log: Callable[[Path, Callable[[str], None]], Log],
        retries: int = 0,
        poll: float = POLL,
        patience: float | None = None,
    ) -> None:
        self._swarm = SwarmResources(host, connect, pause=min(poll, PAUSE))
        pace = RunPace(retries=retries, poll=poll, patience=patience)
        super().__init__(host, jobs=self._swarm, connect=connect, folder=folder, log=log, pace=pace)

    def opening_rows(self, entries: Sequence[MatrixEntry]) -> tuple[Row, ...]:  # noqa: ARG002 - the same for all
        """Return what becomes of the services if we are killed."""
        return (("swarm", NO_LIFELINE),)

    @property
    def warnings(self) -> tuple[EngineError, ...]:
        """The nodes that were left out, and why."""
        hints = (
            Advice.say("push it to a registry that the nodes can reach"),
            Advice.program(*self._swarm.client, "save", "IMAGE", after=" | ssh NODE docker load"),
        )
        texts = [f"node {node} has no image {image} and can't pull it" for image, node in sorted(self._lacking)]
        return tuple(EngineError(text, hints=hints) for text in texts)
