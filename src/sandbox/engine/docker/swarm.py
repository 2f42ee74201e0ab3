"""Docker Swarm's replicated jobs (Engine API v1.41, /services, /tasks)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox.engine.docker.failures import translated
from sandbox.engine.docker.values import epoch
from sandbox.engine.frames import Frames
from sandbox.engine.jobs import Attempt, Job
from sandbox.errors import EngineError, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox.engine.jobs import JobSpec, Phase

SINCE: Final = (1, 41)
"""The API that has jobs, a limit of processes and dropped capabilities."""
NANO: Final = 1_000_000_000
PHASES: Final[Mapping[str, Phase]] = {
    **dict.fromkeys(
        ("new", "allocated", "pending", "assigned", "accepted", "preparing", "ready", "starting"), "waiting"
    ),
    "running": "running",
    "complete": "complete",
}
"""The states of a task that has not failed (Docker's documentation, "Swarm task states")."""
GONE: Final = ("shutdown", "remove")
"""Desired states of a task that the swarm has given up: its node is down, whatever its last word was."""
RESERVED: Final = {"NanoCPUs": NANO, "MemoryBytes": 256_000_000}
"""What a node has to have free for one, so that a matrix waits instead of crowding it."""
NO_MANAGER: Final = 503
LOG_LIMIT: Final = 20.0
"""Seconds in which a node sends more of a log, or counts as out of reach."""


class Swarm:
    """The jobs of an engine that manages a swarm."""

    _api: Any

    def jobs(self, labels: Sequence[str]) -> tuple[Job, ...]:
        """Return the jobs that have all these labels; none where the engine manages no swarm."""
        import docker.errors

        try:
            with translated("list its services"):
                try:
                    rows = self._api.services(filters={"label": list(labels)})
                except docker.errors.APIError as error:
                    if error.response is not None and error.response.status_code == NO_MANAGER:
                        return ()
                    raise
        except NotFound:  # Podman
            return ()
        return tuple(_job(row) for row in rows or ())

    def create_job(self, spec: JobSpec) -> str:
        """Create a job and return its id; raise EngineError where the engine manages no swarm, or one too old."""
        found = tuple(int(part) for part in str(self._api.api_version).split("."))
        if found < SINCE:
            message = f"this engine's API {self._api.api_version} has no jobs: they came with 1.41 (Docker 20.10)"
            raise EngineError(message)
        with translated(f"create the service {spec.name}"):
            url = self._api._url("/services/create")  # noqa: SLF001 - the SDK's types know no limit of processes
            answer = self._api._post_json(url, data=job_config(spec))  # noqa: SLF001
            return str(self._api._result(answer, json=True)["ID"])  # noqa: SLF001

    def attempts(self, jobs: Sequence[str]) -> tuple[Attempt, ...]:
        """Return the tasks of these jobs, the oldest first."""
        if not jobs:
            return ()
        with translated("list its tasks"):
            rows = self._api.tasks(filters={"service": list(jobs)})
        return tuple(sorted((_attempt(row) for row in rows), key=lambda row: (row.created, row.id)))

    def attempt_log(self, attempt: str, *, limit: int) -> bytes:
        """Return the start of a task's output, up to `limit` bytes; raise EngineError where it is out of reach."""
        with translated("read the log of a task"):
            url = self._api._url("/tasks/{0}/logs", attempt)  # noqa: SLF001 - the SDK has it for services alone
            response = self._api._get(url, params={"stdout": 1}, stream=True, timeout=LOG_LIMIT)  # noqa: SLF001
            self._api._raise_for_status(response)  # noqa: SLF001
            try:
                return _output(response.iter_content(65536), limit)
            finally:
                response.close()

    def remove_job(self, ident: str) -> bool:
        """Remove a job with its tasks; False where it was gone already."""
        try:
            with translated(f"remove the service {ident}"):
                self._api.remove_service(ident)
        except NotFound:
            return False
        return True


def _output(chunks: Iterable[bytes], limit: int) -> bytes:
    frames, output = Frames(), bytearray()
    for chunk in chunks:
        for is_error, piece in frames.feed(chunk):
            output += b"" if is_error else piece
        if len(output) >= limit:
            break
    return bytes(output[:limit])


def _job(data: Mapping[str, Any]) -> Job:
    spec = data["Spec"]
    return Job(id=data["ID"], name=spec["Name"], labels=dict(spec.get("Labels") or {}))


def _attempt(data: Mapping[str, Any]) -> Attempt:
    status = data.get("Status") or {}
    state = str(status.get("State") or "unknown")
    given_up = data.get("DesiredState") in GONE and state != "complete"
    return Attempt(
        id=data["ID"],
        job=data["ServiceID"],
        phase="failed" if given_up else PHASES.get(state, "failed"),
        state=state,
        node=str(data.get("NodeID") or ""),
        created=epoch(data.get("CreatedAt") or ""),
        problem=str(status.get("Err") or ""),
    )


def job_config(spec: JobSpec) -> dict[str, Any]:
    """Return the body of /services/create."""
    limits = spec.limits
    container = {
        "Image": spec.image,
        "Command": list(spec.argv),
        "Dir": "/",
        "User": "0:0",
        "Labels": dict(spec.labels),
        "CapabilityDrop": [f"CAP_{name}" if name != "ALL" else name for name in spec.cap_drop],
        "CapabilityAdd": [f"CAP_{name}" for name in spec.cap_add],
        "StopGracePeriod": 2 * NANO,
        "Healthcheck": {"Test": ["NONE"]},
    }
    return {
        "Name": spec.name,
        "Labels": dict(spec.labels),
        "Mode": {"ReplicatedJob": {"MaxConcurrent": 1, "TotalCompletions": 1}},
        "TaskTemplate": {
            "ContainerSpec": container,
            "Resources": {
                "Limits": {
                    "NanoCPUs": int(limits.cpus * NANO),
                    "MemoryBytes": limits.memory,
                    "Pids": limits.pids,
                },
                "Reservations": {
                    "NanoCPUs": min(RESERVED["NanoCPUs"], int(limits.cpus * NANO)),
                    "MemoryBytes": min(RESERVED["MemoryBytes"], limits.memory),
                },
            },
            "RestartPolicy": {"Condition": "on-failure", "Delay": NANO, "MaxAttempts": spec.attempts},
            "LogDriver": {"Name": "json-file", "Options": {"max-size": "10m", "max-file": "1"}},
        },
    }
