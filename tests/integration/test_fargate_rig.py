"""The rig of Fargate, asked by botocore: it refuses what AWS refuses, shows tasks as AWS does, and its faults come."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError
from tests.fargate.faults import CAPACITY, VCPUS
from tests.fargate.refusals import LARGEST_DEFINITION, PAIRS
from tests.fargate.rig import LABEL, OURS, rig
from tests.integration.running import wait_for
from tests.matrix import FULL
from tests.rooms import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from tests.fargate.rig import Rig

IMAGE: Final = "sandbox-lab/apk"
FAMILY: Final = f"{OURS}rig-tests"


def box(rig: Rig, *, script: str = "true", **more: Any) -> dict[str, Any]:
    """Return a container whose log goes to the account."""
    options = {"awslogs-group": rig.log_group, "awslogs-region": rig.region, "awslogs-stream-prefix": "rig"}
    log = {"logConfiguration": {"logDriver": "awslogs", "options": options}}
    return {"name": "cell", "image": IMAGE, "command": ["sh", "-c", script], "essential": True, **log, **more}


def definition(rig: Rig, container: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Return what RegisterTaskDefinition takes."""
    return {
        "family": FAMILY,
        "requiresCompatibilities": ["FARGATE"],
        "networkMode": "awsvpc",
        "cpu": "256",
        "memory": "512",
        "executionRoleArn": rig.execution_role,
        "containerDefinitions": [container or box(rig)],
        **more,
    }


def register(rig: Rig, container: dict[str, Any] | None = None, **more: Any) -> str:
    answer = rig.client("ecs").register_task_definition(**definition(rig, container, **more))
    return str(answer["taskDefinition"]["taskDefinitionArn"])


def asked(rig: Rig, arn: str, **more: Any) -> dict[str, Any]:
    """Return what RunTask takes."""
    network = {"awsvpcConfiguration": {"subnets": list(rig.subnets), "assignPublicIp": "ENABLED"}}
    found = {"cluster": rig.cluster, "taskDefinition": arn, "launchType": "FARGATE", "networkConfiguration": network}
    return {**found, "startedBy": FAMILY, **more}


def begin(rig: Rig, script: str = "true", **more: Any) -> str:
    """Run a task; return its ARN."""
    answer = rig.client("ecs").run_task(**asked(rig, register(rig, box(rig, script=script)), **more))
    assert answer["failures"] == []
    return str(answer["tasks"][0]["taskArn"])


def task_of(rig: Rig, arn: str) -> dict[str, Any]:
    found = rig.client("ecs").describe_tasks(cluster=rig.cluster, tasks=[arn], include=["TAGS"])
    return dict(found["tasks"][0])


def wait_until(rig: Rig, arn: str, status: str) -> dict[str, Any]:
    """Wait for a task's state, or its end; return the task."""
    wait_for(lambda: task_of(rig, arn)["lastStatus"] in (status, "STOPPED"))
    task = task_of(rig, arn)
    assert task["lastStatus"] == status, task
    return task


def refusal(call: Any, **words: Any) -> tuple[str, str]:
    """Return the code and the words with which a request is refused."""
    with pytest.raises(ClientError) as error:
        call(**words)
    found = error.value.response["Error"]
    return found["Code"], found["Message"]


def events(rig: Rig, stream: str) -> tuple[list[str], int]:
    """Return the lines of a stream to its end by the rule of AWS (the same token twice), and how many pages it had."""
    logs, lines, pages, token = rig.client("logs"), [], 0, ""
    while True:
        more = {"nextToken": token} if token else {}
        answer = logs.get_log_events(logGroupName=rig.log_group, logStreamName=stream, startFromHead=True, **more)
        pages += 1
        lines += [row["message"] for row in answer["events"]]
        if answer["nextForwardToken"] == token:
            return lines, pages
        token = answer["nextForwardToken"]


def stream_of(arn: str) -> str:
    return f"rig/cell/{arn.rpartition('/')[2]}"


DEFINITIONS: Final[dict[str, tuple[dict[str, Any], dict[str, Any], str]]] = {
    "pair": (
        {"cpu": "300", "memory": "700"},
        {},
        "No Fargate configuration exists for given values: 300 CPU, 700 memory.",
    ),
    "cpu": ({"cpu": "x"}, {}, "Invalid 'cpu' setting for task."),
    "network": ({"networkMode": "bridge"}, {}, "Fargate only supports network mode"),
    "pid-mode": ({"pidMode": "host"}, {}, "Tasks using the Fargate launch type do not support pidMode."),
    "placement": ({"placementConstraints": [{"type": "memberOf", "expression": "x"}]}, {}, "placementConstraints"),
    "storage": ({"ephemeralStorage": {"sizeInGiB": 20}}, {}, "between 21 and 200"),
    "host-volume": ({"volumes": [{"name": "a", "host": {"sourcePath": "/etc"}}]}, {}, "do not support sourcePath"),
    "role": ({"executionRoleArn": ""}, {}, "to have execution role ARN to support log driver awslogs"),
    "size": ({}, {"command": ["sh", "-c", "x" * LARGEST_DEFINITION]}, "Max allowed length is '65536' bytes."),
    "image": ({}, {"image": "a" * 256}, "Container.image should be 255 characters or less"),
    "privileged": ({}, {"privileged": True}, "do not support privileged"),
    "security": ({}, {"dockerSecurityOptions": ["no-new-privileges"]}, "do not support dockerSecurityOptions"),
    "capability": ({}, {"linuxParameters": {"capabilities": {"add": ["SYS_ADMIN"]}}}, "SYS_ADMIN"),
    "devices": ({}, {"linuxParameters": {"devices": [{"hostPath": "/dev/null"}]}}, "do not support devices"),
    "tmpfs": ({}, {"linuxParameters": {"tmpfs": [{"containerPath": "/t", "size": 9}]}}, "do not support tmpfs"),
    "shm": ({}, {"linuxParameters": {"sharedMemorySize": 64}}, "do not support sharedMemorySize"),
    "pids": ({}, {"ulimits": [{"name": "nproc", "softLimit": 9, "hardLimit": 9}]}, "nofile"),
    "stop": ({}, {"stopTimeout": 121}, "at most 120"),
    "tags": ({"tags": [{"key": "aws:x", "value": "y"}]}, {}, "aws:"),
}


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_definition_that_fargate_does_not_support_is_refused(account: Rig, name: str) -> None:
    over, container, words = DEFINITIONS[name]
    call = account.client("ecs").register_task_definition
    code, text = refusal(call, **definition(account, box(account, **container), **over))
    assert code in ("ClientException", "InvalidParameterException")
    assert words in text


def test_each_pair_of_cpu_and_memory_is_accepted_and_the_next_one_is_not(fargate: Rig) -> None:
    call = fargate.client("ecs").register_task_definition
    for cpu, memories in PAIRS.items():
        for memory in (memories[0], memories[-1]):
            call(**definition(fargate, cpu=str(cpu), memory=str(memory)))
        for memory in (memories[0] // 2, memories[-1] + memories[0]):
            assert "No Fargate" in refusal(call, **definition(fargate, cpu=str(cpu), memory=str(memory)))[1]
    call(
        **definition(fargate, box(fargate, linuxParameters={"capabilities": {"drop": ["ALL"], "add": ["SYS_PTRACE"]}}))
    )


RUNS: Final[dict[str, tuple[dict[str, Any], str, str]]] = {
    "cluster": ({"cluster": "nope"}, "ClusterNotFoundException", "Cluster not found."),
    "definition": ({"taskDefinition": "nope:1"}, "ClientException", "TaskDefinition not found."),
    "count": ({"count": 11}, "InvalidParameterException", "count"),
    "subnets": ({"networkConfiguration": {}}, "InvalidParameterException", "Network Configuration must be provided"),
    "started-by": ({"startedBy": "a b"}, "InvalidParameterException", "startedBy"),
    "long": ({"startedBy": "a" * 129}, "InvalidParameterException", "startedBy"),
    "token": ({"clientToken": "a" * 65}, "InvalidParameterException", "clientToken"),
    "both": (
        {"capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT"}]},
        "InvalidParameterException",
        "Specifying both a launch type and capacity provider strategy is not supported.",
    ),
    "overrides": (
        {"overrides": {"containerOverrides": [{"name": "cell", "command": ["y" * 8192]}]}},
        "InvalidParameterException",
        "Container Overrides length must be at most 8192",
    ),
}


def test_a_run_that_aws_refuses_is_refused_and_begins_nothing(fargate: Rig) -> None:
    ecs, arn = fargate.client("ecs"), register(fargate)
    for over, code, words in RUNS.values():
        found = refusal(ecs.run_task, **{**asked(fargate, arn), **over})
        assert (found[0], words in found[1]) == (code, True), found
    ecs.deregister_task_definition(taskDefinition=arn)
    found = refusal(ecs.run_task, **asked(fargate, arn))
    assert found == ("InvalidParameterException", "TaskDefinition is inactive")
    assert ecs.list_tasks(cluster=fargate.cluster)["taskArns"] == []


def test_lists_have_the_filters_and_pages_of_aws(fargate: Rig) -> None:
    ecs = fargate.client("ecs")
    assert refusal(ecs.list_tasks, cluster="nope")[0] == "ClusterNotFoundException"
    for more in ({"family": FAMILY}, {"desiredStatus": "STOPPED"}, {"launchType": "FARGATE"}):
        found = refusal(ecs.list_tasks, cluster=fargate.cluster, startedBy=FAMILY, **more)
        assert found == ("InvalidParameterException", "cannot specify startedBy with other arguments")
    assert refusal(ecs.describe_tasks, cluster=fargate.cluster, tasks=[])[1] == "Tasks cannot be empty."
    many = refusal(ecs.describe_tasks, cluster=fargate.cluster, tasks=["a" * 32] * 101)
    assert many[1] == "taskIds can have at most 100 items."
    assert ecs.describe_tasks(cluster=fargate.cluster, tasks=["a" * 32])["failures"][0]["reason"] == "MISSING"
    fargate.fault("small_pages", size=2)
    arns = [register(fargate) for _ in range(5)]
    pages = [
        page["taskDefinitionArns"] for page in ecs.get_paginator("list_task_definitions").paginate(familyPrefix=FAMILY)
    ]
    assert (pages[0], [arn for page in pages for arn in page]) == (arns[:2], arns)
    assert (
        ecs.list_task_definitions(familyPrefix=OURS)["taskDefinitionArns"] == []
    )  # a whole name, whatever it is called


def test_an_active_definition_is_not_deleted_and_an_inactive_one_is_still_listed(fargate: Rig) -> None:
    ecs, arn = fargate.client("ecs"), register(fargate)
    found = ecs.delete_task_definitions(taskDefinitions=[arn])
    assert (found["taskDefinitions"], found["failures"][0]["arn"]) == ([], arn)
    assert refusal(ecs.delete_task_definitions, taskDefinitions=[arn] * 11)[0] == "InvalidParameterException"
    ecs.deregister_task_definition(taskDefinition=arn)
    assert ecs.list_task_definition_families(familyPrefix=OURS, status="ALL")["families"] == [FAMILY]
    assert ecs.list_task_definition_families(familyPrefix=OURS, status="ACTIVE")["families"] == []
    assert ecs.list_task_definitions(familyPrefix=FAMILY, status="INACTIVE")["taskDefinitionArns"] == [arn]
    assert fargate.left() == {"definitions": [FAMILY]}
    assert ecs.delete_task_definitions(taskDefinitions=[arn])["failures"] == []
    assert ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]["status"] == "DELETE_IN_PROGRESS"
    assert fargate.left() == {}


@FULL
def test_a_task_runs_for_real_and_ends_in_the_words_of_aws(fargate: Rig) -> None:
    arn = begin(fargate, "echo out; echo err >&2; exit 3")
    task = wait_until(fargate, arn, "STOPPED")
    assert (task["stopCode"], task["containers"][0]["exitCode"]) == ("EssentialContainerExited", 3)
    assert task["stoppedReason"] == "Essential container in task exited"
    wait_for(lambda: len(events(fargate, stream_of(arn))[0]) == 2)
    assert sorted(events(fargate, stream_of(arn))[0]) == ["err", "out"]


@FULL
def test_one_client_token_is_one_task_and_with_other_words_a_conflict(fargate: Rig) -> None:
    ecs, arn = fargate.client("ecs"), register(fargate)
    words = asked(fargate, arn, clientToken="one")
    first = ecs.run_task(**words)["tasks"][0]["taskArn"]
    assert ecs.run_task(**words)["tasks"][0]["taskArn"] == first
    with pytest.raises(ClientError) as error:
        ecs.run_task(**{**words, "startedBy": "another"})
    assert error.value.response["Error"]["Code"] == "ConflictException"
    assert error.value.response["resourceIds"] == [first]
    wait_until(fargate, first, "STOPPED")


@FULL
def test_a_stopped_task_runs_on_for_a_while_without_tags_and_is_killed(fargate: Rig, client: Any) -> None:
    ecs = fargate.client("ecs")
    arn = begin(fargate, "trap 'exit 0' TERM; while :; do sleep 0.1; done", tags=[{"key": "a", "value": "b"}])
    assert wait_until(fargate, arn, "RUNNING")["tags"]
    assert refusal(ecs.delete_cluster, cluster=fargate.cluster)[0] == "ClusterContainsTasksException"
    words = {"cluster": fargate.cluster, "task": arn, "interactive": True, "command": "sh"}
    assert "execute command was not enabled" in refusal(ecs.execute_command, **words)[1]
    rows = client.api.containers(filters={"label": f"com.amazonaws.ecs.task-arn={arn}"})
    assert [row["Labels"][LABEL].rpartition("/")[2] for row in rows] == [fargate.cluster]
    answer = ecs.stop_task(cluster=fargate.cluster, task=arn, reason="enough")["task"]
    assert (answer["lastStatus"], answer["desiredStatus"]) == ("RUNNING", "STOPPED")
    task = wait_until(fargate, arn, "STOPPED")
    assert (task["stopCode"], task["stoppedReason"]) == ("UserInitiated", "enough")
    assert (task["containers"][0]["exitCode"], task.get("tags", [])) == (137, [])
    assert ecs.list_tasks(cluster=fargate.cluster, startedBy=FAMILY)["taskArns"] == []
    assert arn in ecs.list_tasks(cluster=fargate.cluster, desiredStatus="STOPPED")["taskArns"]


FAILED_STARTS: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "image": ({"image": "127.0.0.1:1/none:1"}, "CannotPullContainerError: "),
    "command": ({"command": ["/no/such"]}, "CannotStartContainerError: "),
    "group": (
        {"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/nope"}}},
        "ResourceInitializationError: failed to validate logger args",
    ),
}


@FULL
def test_a_task_that_can_not_start_says_why_as_aws_does_and_has_no_exit_code(fargate: Rig) -> None:
    ecs, begun = fargate.client("ecs"), []
    for number, (container, _) in enumerate(FAILED_STARTS.values()):
        found = register(fargate, box(fargate, **container), family=f"{FAMILY}-{number}")
        begun.append(ecs.run_task(**asked(fargate, found))["tasks"][0]["taskArn"])
    for arn, (_, words) in zip(begun, FAILED_STARTS.values(), strict=True):
        task = wait_until(fargate, arn, "STOPPED")
        assert (task["stopCode"], "exitCode" in task["containers"][0]) == ("TaskFailedToStart", False)
        assert task["stoppedReason"].startswith(words), task["stoppedReason"]
        assert "rig-twin" not in json.dumps(task, default=str)


def test_faults_that_answer_in_place_of_a_request_come_as_often_as_asked(fargate: Rig) -> None:
    ecs = fargate.client("ecs")
    fargate.fault("throttle", operation="ListTasks", times=2)
    for _ in range(2):
        assert refusal(ecs.list_tasks, cluster=fargate.cluster) == ("ThrottlingException", "Rate exceeded")
    assert ecs.list_tasks(cluster=fargate.cluster)["taskArns"] == []
    fargate.fault("expired", key="AKIAOLD")
    old = fargate.client("ecs", aws_access_key_id="AKIAOLD")
    ecs.list_tasks(cluster=fargate.cluster)
    assert refusal(old.list_tasks, cluster=fargate.cluster)[0] == "ExpiredTokenException"
    fargate.fault("denied", operation="DescribeSubnets")
    assert "ec2:DescribeSubnets" in refusal(fargate.client("ec2").describe_subnets)[1]
    fargate.fault("denied", operation="GetCallerIdentity")
    assert refusal(fargate.client("sts").get_caller_identity)[0] == "AccessDeniedException"
    for kind, reason in (("capacity", CAPACITY), ("vcpu", VCPUS), ("failures", "RESOURCE:CPU")):
        fargate.fault(kind)
        answer = ecs.run_task(**asked(fargate, register(fargate)))
        assert (answer["tasks"], answer["failures"][0]["reason"]) == ([], reason)
    assert fargate.faults.left == []


@FULL
def test_a_lost_answer_is_done_once_and_the_same_token_finds_the_task(fargate: Rig) -> None:
    ecs, arn = fargate.client("ecs"), register(fargate)
    fargate.fault("lost_answer", operation="RunTask")
    words = asked(fargate, arn, clientToken="lost")
    with pytest.raises(ConnectionClosedError):
        ecs.run_task(**words)
    found = ecs.run_task(**words)["tasks"][0]["taskArn"]
    listed = [
        name
        for status in ("RUNNING", "STOPPED")
        for name in ecs.list_tasks(cluster=fargate.cluster, family=FAMILY, desiredStatus=status)["taskArns"]
    ]
    assert listed.count(found) == 1
    fargate.fault("drop", operation="RunTask")
    with pytest.raises(ConnectionClosedError):
        ecs.run_task(**asked(fargate, arn, clientToken="dropped"))
    wait_until(fargate, found, "STOPPED")


@FULL
def test_a_task_may_be_missing_at_first_and_its_log_late_and_in_pieces(fargate: Rig) -> None:
    ecs = fargate.client("ecs")
    fargate.fault("missing", asks=2)
    fargate.fault("late_log", asks=2)
    fargate.fault("split_log", size=2)
    arn = begin(fargate, "seq 1 5")
    for _ in range(2):
        assert ecs.list_tasks(cluster=fargate.cluster, startedBy=FAMILY)["taskArns"] == []
        assert ecs.describe_tasks(cluster=fargate.cluster, tasks=[arn])["failures"][0]["reason"] == "MISSING"
    wait_until(fargate, arn, "STOPPED")
    for _ in range(2):
        assert (
            refusal(
                fargate.client("logs").get_log_events, logGroupName=fargate.log_group, logStreamName=stream_of(arn)
            )[0]
            == "ResourceNotFoundException"
        )
    wait_for(lambda: len(events(fargate, stream_of(arn))[0]) == 5)
    assert events(fargate, stream_of(arn)) == ([*"12345"], 8)


@FULL
def test_a_task_may_be_interrupted_or_killed_for_memory_or_lack_its_image(fargate: Rig) -> None:
    found = {}
    for kind in ("spot", "oom", "cannot_pull"):
        fargate.fault(kind)
        found[kind] = begin(fargate, "sleep 60")
    spot, oom, image = (wait_until(fargate, arn, "STOPPED") for arn in found.values())
    assert (spot["stopCode"], spot["stoppedReason"]) == ("SpotInterruption", "Your Spot Task was interrupted.")
    assert oom["containers"][0]["reason"].startswith("OutOfMemoryError: ")
    assert (oom["stopCode"], oom["containers"][0]["exitCode"]) == ("EssentialContainerExited", 137)
    assert image["stoppedReason"].startswith("CannotPullContainerError: ")
    assert "exitCode" not in image["containers"][0]


@FULL
def test_two_rigs_do_not_meet_and_what_a_killed_one_left_goes_with_the_next(
    fargate: Rig, client: Any, engine_url: str, tmp_path: Path
) -> None:
    mine = begin(fargate, "sleep 60")
    wait_until(fargate, mine, "RUNNING")
    argv, environ = [sys.executable, "-m", "tests.fargate.rig"], {**os.environ, "SANDBOX_ENGINE": engine_url}
    other = subprocess.Popen(argv, cwd=ROOT, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    cluster = next(line for line in other.stdout if line.startswith("  cluster:")).split()[1]
    other.kill()
    other.communicate()
    labels = {LABEL: f"arn:aws:ecs:us-east-1:000000000000:cluster/{cluster}"}
    theirs = client.containers.run(IMAGE, ["sleep", "100"], detach=True, labels=labels)
    with rig(engine_url, tmp_path) as third:
        assert (
            third.client("ecs").list_clusters()["clusterArns"] != fargate.client("ecs").list_clusters()["clusterArns"]
        )
        assert theirs.id not in [row["Id"] for row in client.api.containers(all=True)]
        assert third.left() == {}
    assert task_of(fargate, mine)["lastStatus"] == "RUNNING"
    fargate.client("ecs").stop_task(cluster=fargate.cluster, task=mine)
