"""The swarm's JSON as our values, our jobs as its JSON, and what only a manager answers."""

from __future__ import annotations

import io
import struct
from typing import Any

import docker.errors
import pytest
import requests

from sandbox.engine.docker.client import DockerEngine
from sandbox.engine.docker.swarm import DockerSwarm, job_config
from sandbox.engine.dockercli import Config
from sandbox.engine.logins import Logins
from sandbox.engine.swarm import ConfigFile, JobSpec
from sandbox.errors import EngineError
from sandbox.specs.model import Limits
from sandbox.specs.privileges import Trust
from sandbox.trials.swarm.resources import swarm_of

SPEC = JobSpec(
    name="sandbox-1-2",
    image="debian:bookworm",
    argv=("/bin/sh", "-c", "true"),
    labels={"a": "b"},
    limits=Limits(memory=200_000_000, cpus=0.5, pids=64),
    cap_drop=Trust().cap_drop,
    files=(ConfigFile(id="c1", name="sandbox-1-1", path="/dev/sandbox/ca.pem"),),
    avoid=("n2",),
)


def answer(status: int, content: bytes = b"") -> requests.Response:
    found = requests.Response()
    found.status_code = status
    found.raw = io.BytesIO(content)
    return found


class Api:
    """Answers as the SDK does; `status` is that of a refusal."""

    api_version = "1.41"

    def __init__(self, *, status: int = 0, tasks: tuple[dict[str, Any], ...] = (), log: bytes = b"") -> None:
        self._status = status
        self._tasks = tasks
        self._log = log

    def _refuse(self) -> None:
        if self._status:
            raise docker.errors.APIError("no", response=answer(self._status))

    def services(self, filters: object) -> list[dict[str, Any]]:  # noqa: ARG002
        self._refuse()
        return [{"ID": "s1", "Spec": {"Name": "sandbox-1-2", "Labels": {"a": "b"}}}]

    def configs(self, filters: object) -> list[dict[str, Any]]:  # noqa: ARG002
        self._refuse()
        return [{"ID": "c1", "Spec": {"Name": "sandbox-1-1", "Labels": None}}]

    def nodes(self) -> list[dict[str, Any]]:
        self._refuse()
        rows = [("n1", "ready"), ("n2", "down")]
        about = {"Hostname": "vm", "Resources": {"NanoCPUs": 4_000_000_000}}
        return [{"ID": name, "Description": about, "Status": {"State": state}} for name, state in rows]

    def tasks(self, filters: object) -> tuple[dict[str, Any], ...]:  # noqa: ARG002
        return self._tasks

    def _url(self, text: str, *words: str) -> str:
        return text.format(*words)

    def _get(self, url: str, **_: object) -> requests.Response:  # noqa: ARG002
        return answer(200, self._log)

    def _raise_for_status(self, response: requests.Response) -> None:
        response.raise_for_status()

    def remove_service(self, ident: str) -> None:  # noqa: ARG002
        self._refuse()


def swarm(api: Api) -> DockerSwarm:
    return DockerSwarm(api, {}, Logins(Config(), {}), {})


def test_podman_knows_no_swarms_and_says_so_by_its_name() -> None:
    podman = DockerEngine.__new__(DockerEngine)
    podman.url = "unix:///run/podman/podman.sock"
    podman._about = {"Components": [{"Name": "Podman Engine", "Version": "5.4.2"}], "Version": "5.4.2"}
    assert podman.swarm is None
    with pytest.raises(EngineError, match=r"^podman 5\.4 has no swarm mode"):
        swarm_of(podman)


def test_docker_has_its_swarm_whether_it_manages_one_or_not() -> None:
    engine = DockerEngine.__new__(DockerEngine)
    engine._about = {"Version": "28.2.2"}
    assert swarm_of(engine) is engine


def task(state: str, desired: str = "running", problem: str = "") -> dict[str, Any]:
    status = {"State": state, "Err": problem}
    return {"ID": "t", "ServiceID": "s1", "NodeID": "n1", "Status": status, "DesiredState": desired, "CreatedAt": ""}


PHASES = {
    ("pending", "running"): "waiting",
    ("preparing", "ready"): "waiting",
    ("running", "running"): "running",
    ("complete", "shutdown"): "complete",
    ("failed", "shutdown"): "failed",
    ("rejected", "shutdown"): "failed",
    ("orphaned", "shutdown"): "failed",
    ("running", "shutdown"): "lost",
    ("starting", "shutdown"): "lost",
    ("running", "remove"): "lost",
    ("a word of a newer engine", "running"): "failed",
}


@pytest.mark.parametrize(("words", "phase"), PHASES.items(), ids=map(" ".join, PHASES))
def test_a_task_that_is_wanted_no_more_before_it_ended_is_lost(words: tuple[str, str], phase: str) -> None:
    (found,) = swarm(Api(tasks=(task(*words),))).attempts(["a=b"])
    assert (found.phase, found.job, found.node) == (phase, "s1", "n1")


def test_what_the_swarm_says_of_a_task_that_waits_or_was_refused_is_told_apart() -> None:
    said = "no suitable node (insufficient resources on 2 nodes)"
    rows = (task("pending", problem=said), task("rejected", "shutdown", "No such image: x:1"), task("pending"))
    found = swarm(Api(tasks=rows)).attempts(["a=b"])
    assert [(row.is_crowded, row.lacks_image) for row in found] == [(True, False), (False, True), (False, False)]


def test_services_are_named_before_the_configs_that_they_use() -> None:
    found = swarm(Api()).swarm_objects(["a"])
    assert [(row.kind, row.id, dict(row.labels)) for row in found] == [
        ("service", "s1", {"a": "b"}),
        ("config", "c1", {}),
    ]


@pytest.mark.parametrize("status", [503, 404], ids=["no manager", "podman"])
def test_an_engine_that_manages_no_swarm_has_nothing_there_and_takes_no_job(status: int) -> None:
    found = swarm(Api(status=status))
    assert found.swarm_objects(["a"]) == ()
    with pytest.raises(EngineError, match="is not a manager of a swarm"):
        found.nodes()


def test_any_other_refusal_is_an_error() -> None:
    with pytest.raises(EngineError, match="could not list its services"):
        swarm(Api(status=500)).swarm_objects(["a"])


def test_an_engine_that_is_too_old_for_our_limits_is_refused() -> None:
    api = Api()
    api.api_version = "1.40"
    with pytest.raises(EngineError, match=r"API 1\.40"):
        swarm(api).nodes()


def test_a_node_that_the_managers_do_not_hear_is_down() -> None:
    assert [(node.id, node.is_up, node.title, node.cpus) for node in swarm(Api()).nodes()] == [
        ("n1", True, "vm (n1)", 4.0),
        ("n2", False, "vm (n2)", 4.0),
    ]


def frame(stream: int, data: bytes) -> bytes:
    return struct.pack(">BxxxL", stream, len(data)) + data


def test_a_log_is_its_standard_output_up_to_the_limit() -> None:
    api = Api(log=frame(1, b"one\n") + frame(1, b"two\n"))
    assert swarm(api).attempt_log("t", limit=100) == b"one\ntwo\n"
    assert swarm(api).attempt_log("t", limit=5) == b"one\nt"


def test_a_log_on_a_node_that_is_away_is_out_of_reach() -> None:
    with pytest.raises(EngineError, match="could not read the log") as caught:
        swarm(Api(log=frame(1, b"half") + frame(3, b"node n2 is not available\n"))).attempt_log("t", limit=100)
    assert caught.value.details == (("it said", "node n2 is not available"),)


def test_what_is_gone_already_is_not_removed_by_us() -> None:
    found, *_ = swarm(Api()).swarm_objects(["a"])
    assert swarm(Api()).remove_swarm_object(found) is True
    assert swarm(Api(status=404)).remove_swarm_object(found) is False


def test_a_job_is_one_replica_within_the_same_limits_and_privileges_as_a_sandbox() -> None:
    body = job_config(SPEC)
    task = body["TaskTemplate"]
    assert body["Mode"] == {"Replicated": {"Replicas": 1}}
    assert body["Labels"] == task["ContainerSpec"]["Labels"] == {"a": "b"}
    assert task["Resources"]["Limits"] == {"NanoCPUs": 500_000_000, "MemoryBytes": 200_000_000, "Pids": 64}
    assert task["Resources"]["Reservations"] == {"NanoCPUs": 500_000_000, "MemoryBytes": 200_000_000}
    assert task["ContainerSpec"]["CapabilityDrop"] == ["CAP_MKNOD"]
    assert task["RestartPolicy"]["Condition"] == "on-failure"
    assert task["Placement"] == {"Constraints": ["node.id!=n2"]}
    assert task["ContainerSpec"]["Configs"][0]["File"]["Name"] == "/dev/sandbox/ca.pem"
    assert "Mounts" not in task["ContainerSpec"]
    assert "EndpointSpec" not in body
