"""What AWS refuses of a request to ECS and the emulator does not: pure checks, with AWS's own words where known.

Sources: [model] botocore's service model of ECS; [pairs] docs.aws.amazon.com/AmazonECS/latest/developerguide/
task-cpu-memory-error.html; [fargate] the same, fargate-tasks-services.html; an issue where it quotes an answer of AWS.
No source: nobody has quoted the words, so they are ours; the code and the limit are AWS's.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LARGEST_DEFINITION: Final = 65_536
"""Bytes of JSON: awsdocs/amazon-ecs-developer-guide#149."""
LARGEST_OVERRIDES: Final = 8192
"""Characters: [model] RunTaskRequest.overrides."""
MOST_TASKS: Final = 10
"""Tasks of one RunTask, and definitions of one DeleteTaskDefinitions: [model]."""
MOST_DESCRIBED: Final = 100
PAIRS: Final[Mapping[int, Sequence[int]]] = {
    256: (512, 1024, 2048),
    512: range(1024, 4096 + 1, 1024),
    1024: range(2048, 8192 + 1, 1024),
    2048: range(4096, 16384 + 1, 1024),
    4096: range(8192, 30720 + 1, 1024),
    8192: range(16384, 61440 + 1, 4096),
    16384: range(32768, 122880 + 1, 8192),
}
"""CPU units, and the MiB of memory that may go with them: [pairs]."""
UNSUPPORTED: Final = (
    *("privileged", "dockerSecurityOptions", "links", "extraHosts"),
    *("devices", "sharedMemorySize", "tmpfs", "maxSwap", "swappiness"),
)
"""Keys of a container, and of its linuxParameters: [model] ContainerDefinition, LinuxParameters say so for each."""
STARTED_BY: Final = re.compile(r"[A-Za-z0-9/_-]{0,128}")
FAMILY: Final = re.compile(r"[A-Za-z0-9_-]{1,255}")


class Refusal(Struct, frozen=True):
    """An error as ECS answers it: `code` is its exception's name, `extra` other fields of that exception."""

    code: str
    message: str
    extra: dict[str, Any] = {}
    status: int = 400


def definition_refusal(params: Mapping[str, Any]) -> Refusal | None:
    """Return why RegisterTaskDefinition refuses a definition for Fargate; None where it takes it."""
    return next(_of_definition(params), None)


def _of_definition(params: Mapping[str, Any]) -> Iterator[Refusal]:
    if not FAMILY.fullmatch(params.get("family", "")):
        yield _client("Family contains invalid characters.")
    size = len(json.dumps(params, separators=(",", ":")).encode())
    if size > LARGEST_DEFINITION:
        yield _client(f"Actual length: '{size}'. Max allowed length is '{LARGEST_DEFINITION}' bytes.")
    yield from _of_tags(params)
    if "FARGATE" not in params.get("requiresCompatibilities", ()):
        return
    if params.get("networkMode") != "awsvpc":
        yield _client("Fargate only supports network mode ‘awsvpc’.")  # aws/amazon-ecs-cli#1145 # noqa: RUF001
    yield from _of_size(params)
    if params.get("placementConstraints"):
        yield _client("Fargate compatible task definitions do not support placementConstraints")
    for mode in ("ipcMode", "pidMode"):
        if params.get(mode) and (mode, params[mode]) != ("pidMode", "task"):
            yield _client(f"Tasks using the Fargate launch type do not support {mode}.")  # terraform-aws-ecs-fargate#2
    if any((volume.get("host") or {}).get("sourcePath") for volume in params.get("volumes", ())):
        # cloudposse/terraform-aws-ecs-alb-service-task#174
        yield _client("Fargate compatible task definitions do not support sourcePath")
    for container in params.get("containerDefinitions", ()):
        yield from _of_container(container, params)


def _of_size(params: Mapping[str, Any]) -> Iterator[Refusal]:
    cpu, memory = params.get("cpu"), params.get("memory")
    for name, value in (("cpu", cpu), ("memory", memory)):
        if not str(value or "").isdecimal():
            yield _client(f"Invalid '{name}' setting for task.")  # oranmoshai/ecsServiceRestart#2
            return
    if int(memory or 0) not in PAIRS.get(int(cpu or 0), ()):
        yield _client(
            f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. "
            "See the Amazon ECS documentation for the valid values."
        )  # aws-games/cloud-game-development-toolkit#737
    size = (params.get("ephemeralStorage") or {}).get("sizeInGiB")
    if size is not None and not 21 <= size <= 200:  # [model] EphemeralStorage
        yield _client("The ephemeral storage size must be between 21 and 200 GiB.")


def _of_container(container: Mapping[str, Any], params: Mapping[str, Any]) -> Iterator[Refusal]:
    if len(container.get("image", "")) > 255:  # terraform-provider-aws#22629
        yield _client("Container.image should be 255 characters or less")
    linux = container.get("linuxParameters") or {}
    asked = {name for name, value in {**container, **linux}.items() if value}
    for key in UNSUPPORTED:
        if key in asked:
            yield _client(f"Fargate compatible task definitions do not support {key}")
    added = set((linux.get("capabilities") or {}).get("add", ())) - {"SYS_PTRACE"}
    if added:  # [model] KernelCapabilities.add
        yield _client(f"Fargate compatible task definitions do not support the added capabilities {sorted(added)}")
    if any(limit["name"] != "nofile" for limit in container.get("ulimits", ())):
        yield _client("Fargate compatible task definitions only support the nofile ulimit")
    if not 0 <= container.get("stopTimeout", 30) <= 120:  # [model] ContainerDefinition.stopTimeout
        yield _client("stopTimeout must be at most 120 seconds")
    if not params.get("executionRoleArn"):
        yield from _of_no_role(container)


def _of_no_role(container: Mapping[str, Any]) -> Iterator[Refusal]:
    if (container.get("logConfiguration") or {}).get("logDriver") == "awslogs":
        # virtual-kubelet/virtual-kubelet#193
        yield _client("Fargate requires task definition to have execution role ARN to support log driver awslogs.")
    if ".dkr.ecr." in container.get("image", ""):
        # nathanpeck/aws-cloudformation-fargate#1
        yield _client("Fargate requires task definition to have execution role ARN to support ECR images.")


def run_refusal(params: Mapping[str, Any], definition: Mapping[str, Any] | None) -> Refusal | None:
    """Return why RunTask refuses a request for a cluster that is there; `definition` is None for one that is not."""
    return next(_of_run(params, definition), None)


def _of_run(params: Mapping[str, Any], definition: Mapping[str, Any] | None) -> Iterator[Refusal]:
    if not 1 <= params.get("count", 1) <= MOST_TASKS:
        yield _parameter(f"count must be between 1 and {MOST_TASKS}")
    if not STARTED_BY.fullmatch(params.get("startedBy", "")):
        yield _parameter("startedBy must be at most 128 letters, digits, hyphens, slashes and underscores")
    if len(params.get("clientToken", "")) > 64:  # ECS_Idempotency.html
        yield _parameter("clientToken must be at most 64 characters")
    if len(json.dumps(params.get("overrides") or {}, separators=(",", ":"))) > LARGEST_OVERRIDES:
        yield _parameter(f"Container Overrides length must be at most {LARGEST_OVERRIDES}")
    yield from _of_tags(params)
    if definition is None:
        yield _client("TaskDefinition not found.")
        return
    if definition["status"] != "ACTIVE":
        yield _parameter("TaskDefinition is inactive")  # DefangLabs/defang#775
    if params.get("launchType") and params.get("capacityProviderStrategy"):
        yield _parameter("Specifying both a launch type and capacity provider strategy is not supported.")
    network = (params.get("networkConfiguration") or {}).get("awsvpcConfiguration") or {}
    if definition.get("networkMode") == "awsvpc" and not network.get("subnets"):
        # fabfuel/ecs-deploy#61
        yield _parameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    if len(network.get("subnets", ())) > 16 or len(network.get("securityGroups", ())) > 5:  # [model]
        yield _parameter("subnets can have at most 16 items, securityGroups at most 5.")


def describe_refusal(params: Mapping[str, Any]) -> Refusal | None:
    """Return why DescribeTasks refuses a request."""
    tasks = params.get("tasks", ())
    if not tasks:
        return _parameter("Tasks cannot be empty.")  # segmentio/specs#58
    if len(tasks) > MOST_DESCRIBED:
        return _parameter(f"taskIds can have at most {MOST_DESCRIBED} items.")  # gchq/sleeper#555
    return None


def list_refusal(params: Mapping[str, Any]) -> Refusal | None:
    """Return why ListTasks refuses a request for a cluster that is there."""
    others = ("family", "containerInstance", "serviceName", "desiredStatus", "launchType")
    if params.get("startedBy") and any(params.get(name) for name in others):
        return _parameter("cannot specify startedBy with other arguments")  # aws/aws-sdk-go-v2#1893
    if params.get("family") and params.get("serviceName"):
        return _parameter("cannot specify family with serviceName")  # fujiwara/ecsta#119 says that it is refused
    return page_refusal(params)


def page_refusal(params: Mapping[str, Any]) -> Refusal | None:
    """Return why a list refuses the size of its pages."""
    if not 1 <= params.get("maxResults", 100) <= 100:  # [model]
        return _parameter("maxResults must be between 1 and 100")
    return None


def delete_refusal(params: Mapping[str, Any]) -> Refusal | None:
    """Return why DeleteTaskDefinitions refuses a request as a whole."""
    if not 1 <= len(params.get("taskDefinitions", ())) <= MOST_TASKS:
        return _parameter(f"taskDefinitions must have between 1 and {MOST_TASKS} items")
    return None


NO_CLUSTER: Final = Refusal("ClusterNotFoundException", "Cluster not found.")
NO_TASK: Final = Refusal("InvalidParameterException", "The referenced task was not found.")
BUSY_CLUSTER: Final = Refusal("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")
NO_EXEC: Final = Refusal(
    "InvalidParameterException",
    "The execute command failed because execute command was not enabled when the task was run or the execute command "
    "agent isn’t running. Wait and try again or run a new task with execute command enabled and try again.",  # noqa: RUF001
)
STILL_ACTIVE: Final = "The specified task definition is still in ACTIVE status."


def conflict(arns: Sequence[str]) -> Refusal:
    """Return the answer to a client token that began other tasks: [model] ConflictException."""
    text = "The provided clientToken is already in use with a different RunTask request."
    return Refusal("ConflictException", text, {"resourceIds": list(arns)})


def _of_tags(params: Mapping[str, Any]) -> Iterator[Refusal]:
    tags = params.get("tags", ())
    if len(tags) > 50:  # [model] Tags
        yield _parameter("Too many tags: at most 50")
    if any(len(tag.get("key", "")) > 128 or len(tag.get("value", "")) > 256 for tag in tags):  # [model]
        yield _parameter("A tag's key has at most 128 characters, its value at most 256")
    if any(tag.get("key", "").lower().startswith("aws:") for tag in tags):
        yield _parameter("The prefix aws: is reserved")


def _client(message: str) -> Refusal:
    return Refusal("ClientException", message)


def _parameter(message: str) -> Refusal:
    return Refusal("InvalidParameterException", message)
