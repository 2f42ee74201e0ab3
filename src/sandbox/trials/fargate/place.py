"""Where tasks run: cluster, subnets, roles, log group, of the settings or found in the account."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sandbox.errors import Advice, Denied, EngineError, NotFound, SandboxError, UsageError
from sandbox.trials.fargate import answers
from sandbox.trials.fargate.api import Forbidden

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sandbox.specs.settings import FargateSettings
    from sandbox.trials.fargate.api import Aws


class Place(Struct, frozen=True, kw_only=True):
    """Where tasks run, whole. `task_role` and `repository` may be empty; `storage` in GiB, 0 for Fargate's own."""

    region: str
    cluster: str
    subnets: tuple[str, ...]
    security_groups: tuple[str, ...]
    execution_role: str
    task_role: str
    log_group: str
    repository: str
    storage: int

    @classmethod
    def of(cls, region: str, settings: FargateSettings, looks: Iterable[Look]) -> Place:
        """Return the place of the settings and of what was found, without a problem."""
        found = {look.key: look.value for look in looks}
        return cls(
            region=region,
            cluster=settings.cluster,
            subnets=found["fargate.subnets"],
            security_groups=settings.security_groups,
            execution_role=found["fargate.execution_role"][0],
            task_role=settings.task_role,
            log_group=found["fargate.log_group"][0],
            repository=settings.repository,
            storage=settings.storage,
        )

    @property
    def title(self) -> str:
        """The region and the cluster, as a person names them."""
        return f"Fargate in {self.region} (cluster {last_part(self.cluster)})"

    @property
    def network(self) -> dict[str, object]:
        """The networkConfiguration of RunTask; a public address, since a subnet without a NAT has no way out else."""
        groups = {"securityGroups": list(self.security_groups)} if self.security_groups else {}
        return {"awsvpcConfiguration": {"subnets": list(self.subnets), "assignPublicIp": "ENABLED", **groups}}


class Look(Struct, frozen=True, kw_only=True):
    """What was found of one part of a place: `value`, or `problem` and what to do. `is_needed`: not without it."""

    key: str
    value: tuple[str, ...] = ()
    problem: str = ""
    hint: Advice | None = None
    is_needed: bool = True


def find_place(aws: Aws, settings: FargateSettings) -> Place:
    """Return where tasks run. Raises UsageError with all that is missing, by the names of the settings."""
    aws.sign_in()
    region = aws.region
    looks = tuple(look_around(aws, settings))
    missing = [look for look in looks if look.problem and look.is_needed]
    if missing:
        rows = [(look.key, look.problem) for look in missing]
        hints = (*(look.hint for look in missing if look.hint), Advice.sandbox("doctor", "--on", "fargate"))
        raise UsageError("sandbox can't run on Fargate yet", details=rows, hints=hints)
    return Place.of(region, settings, looks)


def look_around(aws: Aws, settings: FargateSettings) -> Iterator[Look]:
    """Yield what is there of each part of a place, in the order in which they are needed."""
    yield _look(aws, settings, "fargate.cluster", _cluster)
    yield _look(aws, settings, "fargate.subnets", _subnets)
    yield _look(aws, settings, "fargate.execution_role", _role)
    yield _look(aws, settings, "fargate.log_group", _log_group)
    if settings.repository:
        yield _look(aws, settings, "fargate.repository", _repository)


def _look(aws: Aws, settings: FargateSettings, key: str, ask: Callable[[Aws, FargateSettings], Look]) -> Look:
    """Return what an inquiry says; one that is not allowed is no proof that something is missing.

    Raises Denied where no inquiry can be made.
    """
    try:
        return ask(aws, settings)
    except Forbidden as error:
        given = getattr(settings, key.partition(".")[2])
        value = given if isinstance(given, tuple) else (given,) if given else ()
        if value:
            return Look(key=key, value=value)
        return Look(key=key, problem=_error_text(error), hint=next(iter(error.hints), None))
    except Denied:
        raise
    except EngineError as error:
        return Look(key=key, problem=_error_text(error), hint=next(iter(error.hints), None))


def _error_text(error: SandboxError) -> str:
    return ": ".join((error.brief, *(text for _, text in error.details[:1])))


def _cluster(aws: Aws, settings: FargateSettings) -> Look:
    key, name = "fargate.cluster", settings.cluster
    if other := other_region(name, aws.region):
        return Look(key=key, problem=f"the cluster {last_part(name)} is in {other}, not in {aws.region}", hint=REGION)
    found = aws.call("ecs", "DescribeClusters", answers.Clusters, clusters=[name])
    if any(cluster.status == "ACTIVE" for cluster in found.clusters):
        return Look(key=key, value=(name,))
    name = last_part(name)
    make = Advice.program("aws", "ecs", "create-cluster", "--region", aws.region, "--cluster-name", name)
    return Look(key=key, problem=f"there is no cluster {name} in {aws.region}", hint=make)


def _subnets(aws: Aws, settings: FargateSettings) -> Look:
    key = "fargate.subnets"
    if settings.subnets:
        return _own_subnets(aws, settings.subnets, key)
    only = [{"Name": "default-for-az", "Values": ["true"]}]
    found = aws.call("ec2", "DescribeSubnets", answers.Subnets, Filters=only)
    if found.subnets:
        return Look(key=key, value=tuple(subnet.subnet_id for subnet in found.subnets)[:16])
    hint = Advice.say("set fargate.subnets in config.yaml to subnets with a way to the internet")
    return Look(key=key, problem=f"there is no default VPC in {aws.region}", hint=hint)


def _own_subnets(aws: Aws, subnets: tuple[str, ...], key: str) -> Look:
    """Return what there is of the subnets that are set."""
    hint = Advice.say(f"set fargate.subnets in config.yaml to subnets of {aws.region}, or fargate.region to theirs")
    try:
        found = aws.call("ec2", "DescribeSubnets", answers.Subnets, SubnetIds=list(subnets)).subnets
    except NotFound as error:
        named = [name for name in subnets if name in error.brief] or subnets
    else:
        named = [name for name in subnets if name not in {subnet.subnet_id for subnet in found}]
    if named:
        return Look(key=key, problem=f"there is no subnet {' or '.join(named)} in {aws.region}", hint=hint)
    return Look(key=key, value=subnets)


def _role(aws: Aws, settings: FargateSettings) -> Look:
    key, name = "fargate.execution_role", last_part(settings.execution_role) or "ecsTaskExecutionRole"
    try:
        return Look(key=key, value=(aws.call("iam", "GetRole", answers.RoleAnswer, RoleName=name).role.arn,))
    except NotFound:
        hint = Advice.say("set fargate.execution_role in config.yaml; examples/fargate/stack.yaml makes the role")
        return Look(key=key, problem=f"there is no role {name}", hint=hint)


def _log_group(aws: Aws, settings: FargateSettings) -> Look:
    key, name = "fargate.log_group", group_name(settings.log_group)
    if other := other_region(settings.log_group, aws.region):
        return Look(key=key, problem=f"the log group {name} is in {other}, not in {aws.region}", hint=REGION)
    pages = aws.pages("logs", "DescribeLogGroups", answers.Groups, logGroupNamePrefix=name)
    if any(group.log_group_name == name for page in pages for group in page.log_groups):
        return Look(key=key, value=(name,))
    make = Advice.program("aws", "logs", "create-log-group", "--region", aws.region, "--log-group-name", name)
    return Look(key=key, problem=f"there is no log group {name} in {aws.region}", hint=make)


def _repository(aws: Aws, settings: FargateSettings) -> Look:
    key, name = "fargate.repository", repository_name(settings.repository)
    if other := other_region(settings.repository, aws.region):
        problem = f"the ECR repository {name} is in {other}, not in {aws.region}"
        return Look(key=key, problem=problem, hint=REGION, is_needed=False)
    make = Advice.program("aws", "ecr", "create-repository", "--region", aws.region, "--repository-name", name)
    try:
        found = aws.call("ecr", "DescribeRepositories", answers.Repositories, repositoryNames=[name])
    except NotFound:
        return Look(key=key, problem=f"there is no ECR repository {name} in {aws.region}", hint=make, is_needed=False)
    return Look(key=key, value=(found.repositories[0].repository_uri,))


REGION: Final = Advice.say("set fargate.region in config.yaml to that region, or name what is in this one")
ARN_REGION: Final = 3
ECR_HOST: Final = re.compile(r"\d{12}\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.")


def other_region(setting: str, region: str) -> str:
    """Return the region that an ARN or an address of ECR names, where it is not this one; "" for any other setting."""
    host = ECR_HOST.match(setting)
    is_arn = setting.startswith("arn:") and setting.count(":") > ARN_REGION
    named = host[1] if host else setting.split(":")[ARN_REGION] if is_arn else ""
    return "" if named == region else named


def last_part(setting: str) -> str:
    """Return the name of a cluster or role, which may be set as an ARN."""
    return setting.rpartition("/")[2] if setting.startswith("arn:") else setting


def group_name(setting: str) -> str:
    """Return the name of a log group, which has slashes and may be set as an ARN (`arn:...:log-group:NAME`)."""
    return setting.rpartition(":log-group:")[2]


def repository_name(setting: str) -> str:
    """Return the name of a repository without the host that the setting may have before it."""
    host, slash, rest = setting.partition("/")
    return rest if slash and (set(".:") & set(host)) else setting
