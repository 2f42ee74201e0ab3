"""Docker Swarm's services, as jobs (Engine API v1.41, /services, /tasks, /configs).

A job is a service of one replica that is started anew only where it failed. The swarm's own replicated jobs would not
do, as seen with Docker 20.10: a task stays on a node that is down, and its stopped container stays for good when the
service is removed (https://github.com/moby/moby/issues/44312).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sandbox.engine.convert import epoch, version_numbers
from sandbox.engine.described import NO_MANAGER
from sandbox.engine.docker.connected import Connected
from sandbox.engine.docker.errors import translate_errors
from sandbox.engine.frames import Frames
from sandbox.engine.swarm import Attempt, Node, SwarmObject
from sandbox.errors import Advice, EngineError, NotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sandbox.engine.swarm import JobSpec, Phase

SINCE: Final = (1, 41)
"""The API version since which services have a process limit and dropped capabilities."""
NANO: Final = 1_000_000_000
PHASES: Final[Mapping[str, Phase]] = {
    **dict.fromkeys(
        ("new", "allocated", "pending", "assigned", "accepted", "preparing", "ready", "starting"), "waiting"
    ),
    "running": "running",
    "complete": "complete",
}
"""States of a task that has not failed (Docker's documentation, "Swarm task states")."""
GIVEN_UP: Final = ("shutdown", "remove")
"""Desired states of a task that the swarm no longer wants; if it has not ended, its node is down."""
RESERVED: Final = {"NanoCPUs": NANO, "MemoryBytes": 256_000_000}
"""Resources that a node must have free for a task, so that a matrix waits instead of overloading it."""
LOG_LIMIT: Final = 20.0
"""Seconds that a node has to send more of a log."""


class DockerSwarm(Connected):
    """The swarm part of an engine, which may be a manager."""

    @property
    def client(self) -> tuple[str, ...]:
        """The command line of the engine's own client up to the verb."""
        return ("docker",)

    def nodes(self) -> tuple[Node, ...]:
        """Return the swarm's nodes. Raises EngineError if the engine is not a manager, or too old."""
        if version_numbers(str(self._api.api_version)) < SINCE:
            message = (
                f"this engine has API {self._api.api_version}, which can't limit services; 1.41 (Docker "
                "20.10) is the oldest that can"
            )
            raise EngineError(message)
        rows = self._ask_manager("list its nodes", self._api.nodes)
        if rows is None:
            hints = [Advice.program(*self.client, "swarm", "init", after=", or the URL of a swarm manager as --engine")]
            raise EngineError("this engine is not a manager of a swarm", hints=hints)
        return tuple(_node(row) for row in rows)

    def swarm_objects(self, labels: Sequence[str]) -> tuple[SwarmObject, ...]:
        """Return the objects with all these labels; services first, in the order of removal. Empty without a swarm."""
        filters = {"label": list(labels)}
        services = self._ask_manager("list its services", lambda: self._api.services(filters=filters))
        if services is None:
            return ()
        configs = self._ask_manager("list its configs", lambda: self._api.configs(filters=filters))
        kinds = (("service", services), ("config", configs or ()))
        return tuple(_object(kind, row) for kind, rows in kinds for row in rows)

    def create_config(self, name: str, content: bytes, labels: Mapping[str, str]) -> str:
        """Create a config and return its id."""
        with translate_errors(f"create the config {name}"):
            return str(self._api.create_config(name, content, labels=dict(labels))["ID"])

    def create_job(self, spec: JobSpec) -> str:
        """Create a job and return its id."""
        with translate_errors(f"create the service {spec.name}"):
            url = self._api._url("/services/create")  # noqa: SLF001 - the SDK's types lack a process limit
            answer = self._api._post_json(url, data=job_config(spec))  # noqa: SLF001
            return str(self._api._result(answer, json=True)["ID"])  # noqa: SLF001

    def attempts(self, labels: Sequence[str]) -> tuple[Attempt, ...]:
        """Return the tasks of all jobs with these labels, oldest first, with removed ones that have not ended."""
        with translate_errors("list its tasks"):
            rows = self._api.tasks(filters={"label": list(labels)})
        return tuple(sorted((_attempt(row) for row in rows), key=lambda row: (row.created, row.id)))

    def attempt_log(self, attempt: str, *, limit: int) -> bytes:
        """Return the start of a task's output, up to `limit` bytes. Raises EngineError if it can't be read."""
        with translate_errors("read the log of a task"):
            url = self._api._url("/tasks/{0}/logs", attempt)  # noqa: SLF001 - the SDK has it only for services
            response = self._api._get(url, params={"stdout": 1}, stream=True, timeout=LOG_LIMIT)  # noqa: SLF001
            self._api._raise_for_status(response)  # noqa: SLF001
            try:
                return _output(response.iter_content(65536), limit)
            finally:
                response.close()

    def remove_swarm_object(self, found: SwarmObject) -> bool:
        """Remove a service with its tasks, or a config; False if it was already gone."""
        remove = self._api.remove_service if found.kind == "service" else self._api.remove_config
        try:
            with translate_errors(f"remove the {found.kind} {found.name}"):
                remove(found.id)
        except NotFound:
            return False
        return True

    def _ask_manager(self, doing: str, ask: Any) -> Any:
        """Return an answer that only a manager gives, else None."""
        import docker.errors

        try:
            with translate_errors(doing):
                try:
                    return ask()
                except docker.errors.APIError as error:
                    if error.response is not None and error.response.status_code == NO_MANAGER:
                        return None
                    raise
        except NotFound:  # Podman
            return None


def _output(chunks: Iterable[bytes], limit: int) -> bytes:
    frames, output, problem = Frames(), bytearray(), bytearray()
    for chunk in chunks:
        for is_error, piece in frames.feed(chunk):
            (problem if is_error else output).extend(piece)
        if len(output) >= limit:
            break
    if problem:  # its error stream is not requested
        message = "could not read the log of a task"
        raise EngineError(message, details=[("it said", problem.decode(errors="replace")[:500].strip())])
    return bytes(output[:limit])


def _node(data: Mapping[str, Any]) -> Node:
    about = data.get("Description") or {}
    return Node(
        id=data["ID"],
        name=str(about.get("Hostname") or "?"),
        is_up=(data.get("Status") or {}).get("State") == "ready",
        cpus=((about.get("Resources") or {}).get("NanoCPUs") or NANO) / NANO,
    )


def _object(kind: Any, data: Mapping[str, Any]) -> SwarmObject:
    spec = data["Spec"]
    return SwarmObject(kind=kind, id=data["ID"], name=spec["Name"], labels=dict(spec.get("Labels") or {}))


def _attempt(data: Mapping[str, Any]) -> Attempt:
    status = data.get("Status") or {}
    state, problem = str(status.get("State") or "unknown"), str(status.get("Err") or "")
    phase = PHASES.get(state, "failed")
    is_lost = data.get("DesiredState") in GIVEN_UP and phase in ("waiting", "running")
    return Attempt(
        id=data["ID"],
        job=data["ServiceID"],
        phase="lost" if is_lost else phase,
        state=state,
        node=str(data.get("NodeID") or ""),
        created=epoch(data.get("CreatedAt") or ""),
        problem=problem,
        lacks_image=state == "rejected" and "No such image" in problem,
        is_crowded=state == "pending" and "insufficient resources" in problem,
    )


def job_config(spec: JobSpec) -> dict[str, Any]:
    """Return the body of /services/create."""
    limits = spec.limits
    container = {
        "Image": spec.image,
        "Command": list(spec.argv),
        "Dir": "/",
        "User": "0",
        "Labels": dict(spec.labels),
        "CapabilityDrop": [f"CAP_{name}" if name != "ALL" else name for name in spec.cap_drop],
        "CapabilityAdd": [f"CAP_{name}" for name in spec.cap_add],
        "StopGracePeriod": 2 * NANO,
        "Healthcheck": {"Test": ["NONE"]},
        "Configs": [
            {
                "ConfigID": file.id,
                "ConfigName": file.name,
                "File": {"Name": file.path, "UID": "0", "GID": "0", "Mode": 0o444},
            }
            for file in spec.files
        ],
    }
    cpus = int(limits.cpus * NANO)
    return {
        "Name": spec.name,
        "Labels": dict(spec.labels),
        "Mode": {"Replicated": {"Replicas": 1}},
        "TaskTemplate": {
            "ContainerSpec": container,
            "Resources": {
                "Limits": {"NanoCPUs": cpus, "MemoryBytes": limits.memory, "Pids": limits.pids},
                "Reservations": {
                    "NanoCPUs": min(RESERVED["NanoCPUs"], cpus),
                    "MemoryBytes": min(RESERVED["MemoryBytes"], limits.memory),
                },
            },
            "RestartPolicy": {"Condition": "on-failure", "Delay": NANO, "MaxAttempts": spec.restarts},
            "Placement": {"Constraints": [f"node.id!={node}" for node in spec.avoid]},
            "LogDriver": {"Name": "json-file", "Options": {"max-size": "10m", "max-file": "1"}},
        },
    }
