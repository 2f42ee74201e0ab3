"""The CloudFormation template of examples/fargate gives the rights that the program needs, and no more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml
from tests.matrix import FULL
from tests.rooms import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

STACK: Final = ROOT / "examples" / "fargate" / "stack.yaml"
WITHOUT_RESOURCE: Final = frozenset(
    "ec2:DescribeSubnets ecr:GetAuthorizationToken ecs:DeregisterTaskDefinition ecs:ListTaskDefinitionFamilies "
    "ecs:ListTaskDefinitions logs:DescribeLogGroups".split()
)
"""Actions that know no resource: the service authorization reference of AWS."""
BY_CONDITION: Final = frozenset(("ecs:ListTasks",))
"""Actions whose resource is none of ours, and that a condition limits to the cluster."""


class Loader(yaml.SafeLoader):
    """Reads `!Ref` and the like as what they are given."""


def _plain(loader: yaml.SafeLoader, _tag: str, node: Any) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    return loader.construct_sequence(node)


Loader.add_multi_constructor("!", _plain)


def stack() -> Any:
    return yaml.load(STACK.read_text(), Loader)


def statements() -> Iterator[dict[str, Any]]:
    resources = stack()["Resources"]
    yield from resources["Runner"]["Properties"]["PolicyDocument"]["Statement"]
    for policy in resources["ExecutionRole"]["Properties"]["Policies"]:
        yield from policy["PolicyDocument"]["Statement"]


def listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def test_each_right_is_named_and_limited_to_what_is_of_this_stack_or_the_program() -> None:
    for statement in statements():
        actions = listed(statement["Action"])
        assert not [action for action in actions if "*" in action]
        if "*" not in listed(statement["Resource"]):
            continue
        assert set(actions) <= (BY_CONDITION if statement.get("Condition") else WITHOUT_RESOURCE)


def test_nothing_can_connect_to_a_task_and_a_task_gets_no_role() -> None:
    resources = stack()["Resources"]
    assert "SecurityGroupIngress" not in resources["OnlyOut"]["Properties"]
    assert [name for name, found in resources.items() if found["Type"] == "AWS::IAM::Role"] == ["ExecutionRole"]
    passed = [row for row in statements() if row["Action"] == "iam:PassRole"]
    assert [row["Condition"] for row in passed] == [
        {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    ]


def test_the_settings_that_the_stack_prints_are_yaml() -> None:
    found = yaml.safe_load(stack()["Outputs"]["Settings"]["Value"].replace("${", "").replace("}", ""))["fargate"]
    assert {"region", "cluster", "subnets", "execution_role", "log_group", "repository"} <= found.keys()


@FULL  # make fargate installs cfn-lint, which is large
def test_cfn_lint_has_nothing_to_say_of_it() -> None:
    program = Path(sys.executable).with_name("cfn-lint")
    done = subprocess.run((program, "--", STACK), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
