"""What AWS answers, as far as it is read here. Source: the service models of botocore (ecs, logs, ecr, ec2, iam)."""

from __future__ import annotations

from datetime import datetime  # noqa: TC003 - read when an answer is converted

from msgspec import Struct


class ContainerState(Struct, frozen=True, kw_only=True, rename="camel"):
    """A container of a task. `exit_code` is None where it has not ended, or was never started."""

    name: str = ""
    exit_code: int | None = None
    reason: str = ""


class TaskState(Struct, frozen=True, kw_only=True, rename="camel"):
    """A task. Fargate bills from `pull_started_at` to `stopped_at`."""

    task_arn: str
    last_status: str = ""
    stop_code: str = ""
    stopped_reason: str = ""
    started_by: str = ""
    task_definition_arn: str = ""
    cpu: str = "0"
    memory: str = "0"
    containers: tuple[ContainerState, ...] = ()
    created_at: datetime | None = None
    pull_started_at: datetime | None = None
    stopped_at: datetime | None = None


class Failure(Struct, frozen=True, kw_only=True, rename="camel"):
    """What could not be done, in an answer with status 200."""

    arn: str = ""
    reason: str = ""
    detail: str = ""


class Tasks(Struct, frozen=True, kw_only=True, rename="camel"):
    """The answer of RunTask and DescribeTasks."""

    tasks: tuple[TaskState, ...] = ()
    failures: tuple[Failure, ...] = ()


class TaskArns(Struct, frozen=True, kw_only=True, rename="camel"):
    """The answer of ListTasks."""

    task_arns: tuple[str, ...] = ()


class Definition(Struct, frozen=True, kw_only=True, rename="camel"):
    """A task definition."""

    task_definition_arn: str


class Registered(Struct, frozen=True, kw_only=True, rename="camel"):
    """The answer of RegisterTaskDefinition."""

    task_definition: Definition


class Deleted(Struct, frozen=True, kw_only=True, rename="camel"):
    """The answer of DeleteTaskDefinitions."""

    failures: tuple[Failure, ...] = ()


class Families(Struct, frozen=True, kw_only=True, rename="camel"):
    """The answer of ListTaskDefinitionFamilies."""

    families: tuple[str, ...] = ()


class Definitions(Struct, frozen=True, kw_only=True, rename="camel"):
    """The answer of ListTaskDefinitions."""

    task_definition_arns: tuple[str, ...] = ()


class Cluster(Struct, frozen=True, kw_only=True, rename="camel"):
    """A cluster."""

    status: str = ""


class Clusters(Struct, frozen=True, kw_only=True, rename="camel"):
    """The answer of DescribeClusters."""

    clusters: tuple[Cluster, ...] = ()


class Group(Struct, frozen=True, kw_only=True, rename="camel"):
    """A log group."""

    log_group_name: str


class Groups(Struct, frozen=True, kw_only=True, rename="camel"):
    """The answer of DescribeLogGroups."""

    log_groups: tuple[Group, ...] = ()


class Stream(Struct, frozen=True, kw_only=True, rename="camel"):
    """A log stream."""

    log_stream_name: str


class Streams(Struct, frozen=True, kw_only=True, rename="camel"):
    """The answer of DescribeLogStreams."""

    log_streams: tuple[Stream, ...] = ()


class Event(Struct, frozen=True, kw_only=True, rename="camel"):
    """An event of a log: a line."""

    message: str = ""


class Events(Struct, frozen=True, kw_only=True, rename="camel"):
    """A page of a log."""

    events: tuple[Event, ...] = ()
    next_forward_token: str = ""


class Subnet(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A subnet."""

    subnet_id: str


class Subnets(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The answer of DescribeSubnets."""

    subnets: tuple[Subnet, ...] = ()


class Role(Struct, frozen=True, kw_only=True, rename="pascal"):
    """A role of IAM."""

    arn: str


class RoleAnswer(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The answer of GetRole."""

    role: Role


class Caller(Struct, frozen=True, kw_only=True, rename="pascal"):
    """The answer of GetCallerIdentity."""

    arn: str


class Repository(Struct, frozen=True, kw_only=True, rename="camel"):
    """A repository of ECR."""

    repository_uri: str


class Repositories(Struct, frozen=True, kw_only=True, rename="camel"):
    """The answer of DescribeRepositories."""

    repositories: tuple[Repository, ...] = ()


class Authorization(Struct, frozen=True, kw_only=True, rename="camel"):
    """A login for the registry, for 12 hours: `AWS:PASSWORD` in base64."""

    authorization_token: str


class Authorizations(Struct, frozen=True, kw_only=True, rename="camel"):
    """The answer of GetAuthorizationToken."""

    authorization_data: tuple[Authorization, ...] = ()


class ImageId(Struct, frozen=True, kw_only=True, rename="camel"):
    """An image of ECR by its tag."""

    image_tag: str = ""


class ImageIds(Struct, frozen=True, kw_only=True, rename="camel"):
    """The answer of ListImages."""

    image_ids: tuple[ImageId, ...] = ()


class Nothing(Struct, frozen=True, kw_only=True, rename="camel"):
    """An answer in which nothing is read."""
