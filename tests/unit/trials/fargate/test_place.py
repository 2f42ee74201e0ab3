"""Settings of a place may be names, ARNs and addresses; what is of another region is seen."""

from __future__ import annotations

import pytest

from sandbox.specs.model import Spec
from sandbox.trials.fargate import refusals
from sandbox.trials.fargate.place import group_name, last_part, other_region, repository_name
from sandbox.trials.swarm import limits

ARN = "arn:aws:ecs:eu-west-1:123456789012"
ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/sandbox"


@pytest.mark.parametrize(
    ("setting", "other"),
    [
        (f"{ARN}:cluster/web", "eu-west-1"),
        ("arn:aws:logs:us-east-1:123456789012:log-group:/sandbox", ""),
        (ECR, "eu-west-1"),
        (ECR.replace("eu-west-1", "us-east-1"), ""),
        ("123456789012.dkr-ecr.eu-west-1.on.aws/sandbox", "eu-west-1"),
        ("127.0.0.1:5000/sandbox", ""),
        ("web", ""),
        ("arn:", ""),
    ],
)
def test_an_arn_or_address_of_another_region_is_seen(setting: str, other: str) -> None:
    assert other_region(setting, "us-east-1") == other


def test_names_are_read_from_arns_and_addresses() -> None:
    assert [last_part(text) for text in (f"{ARN}:cluster/web", "web", "")] == ["web", "web", ""]
    assert last_part("arn:aws:iam::123456789012:role/of/team/runner") == "runner"
    groups = ("arn:aws:logs:us-east-1:123456789012:log-group:/team/sandbox", "/team/sandbox")
    assert {group_name(text) for text in groups} == {"/team/sandbox"}
    assert {repository_name(text) for text in (ECR, "team/sandbox", "localhost:5000/team/sandbox")} == {"team/sandbox"}


CARRIED = frozenset(
    "name description distro image packages recommends docs from_source setup env shell command files checks "
    "repositories answers architectures pins before".split()
)
"""The keys of a spec that a task's script, or its plan, has."""
LIMITED = frozenset("platform ports user limits network capabilities".split())
"""Those of which some values are refused."""


@pytest.mark.parametrize("refused", [refusals.REFUSED, limits.REFUSED], ids=["fargate", "swarm"])
def test_every_key_of_a_spec_is_carried_limited_or_refused_by_a_service(refused: dict[str, str]) -> None:
    chosen = LIMITED - refused.keys()
    assert CARRIED | chosen | refused.keys() == {*Spec.__struct_fields__}
    assert CARRIED.isdisjoint(refused)
