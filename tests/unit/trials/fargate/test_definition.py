"""A job as a task definition, within AWS's limits, and what a trial can't have on Fargate."""

from __future__ import annotations

import json
import os
from typing import Any, cast

import pytest
from msgspec.structs import replace

from sandbox.distros.lookup import find_target
from sandbox.engine.protocol import Image
from sandbox.errors import UsageError
from sandbox.managers.apt import driver as apt
from sandbox.provision.network import HostNetwork
from sandbox.provision.plan import Terms, plan_for
from sandbox.provision.steps import Step
from sandbox.specs.model import Copy, FileCheck, Limits, Mount, RunCheck, Spec
from sandbox.specs.privileges import Trust
from sandbox.trials.fargate.definition import stream_of, task_definition
from sandbox.trials.fargate.facts import FARGATE, LARGEST_DEFINITION
from sandbox.trials.fargate.images import public_name
from sandbox.trials.fargate.place import Place, repository_name
from sandbox.trials.fargate.refusals import architecture, unsupported_options
from sandbox.trials.fargate.sizes import TaskSize
from sandbox.trials.jobs.protocol import Job
from sandbox.trials.jobs.script import script_for

PLACE = Place(
    region="eu-west-1",
    cluster="c",
    subnets=("subnet-1",),
    security_groups=(),
    execution_role="arn:aws:iam::1:role/r",
    task_role="",
    log_group="/sandbox",
    repository="",
    storage=0,
)
SESSION = "sandbox-" + "f" * 100


def definition(text: bytes) -> dict[str, object]:
    """Return the definition of a trial that writes a file with this content."""
    plan = plan_for(Spec(checks=(RunCheck(run="true"),)), find_target("debian:bookworm"), apt, Terms())
    step = Step(kind="setup", title="x", argv=("sh", "-c", "cat"), stdin=text)
    network = HostNetwork()
    script = script_for(replace(plan, steps=(step,)), env={}, network=network, mark="m" * 32, limit=9, facts=FARGATE)
    job = Job(key="k", image="debian", argv=script.argv, limits=Limits(), trust=Trust())
    size = TaskSize(cpu=256, memory=512)
    return dict(task_definition(job, f"{SESSION}-1", session=SESSION, size=size, architecture="X86_64", place=PLACE))


@pytest.mark.parametrize("count", [10, 20_000, 30_000, 200_000])
def test_a_script_of_any_length_that_can_be_compressed_stays_below_the_limit(count: int) -> None:
    assert len(json.dumps(definition(b"a line of a file\n" * (count // 17))).encode()) <= LARGEST_DEFINITION


def test_what_can_not_be_compressed_is_refused_before_anything_is_made() -> None:
    assert len(json.dumps(definition(os.urandom(20_000))).encode()) <= LARGEST_DEFINITION
    with pytest.raises(UsageError, match="too long for a task's command line") as caught:
        definition(os.urandom(60_000))
    assert caught.value.details[0][1].endswith("bytes, compressed")


def test_a_definition_asks_for_nothing_that_fargate_refuses() -> None:
    found = definition(b"x")
    [container] = cast("list[dict[str, Any]]", found["containerDefinitions"])
    assert (found["networkMode"], found["requiresCompatibilities"]) == ("awsvpc", ["FARGATE"])
    assert "taskRoleArn" not in found
    assert "ephemeralStorage" not in found
    assert container["linuxParameters"] == {"capabilities": {"drop": ["MKNOD"], "add": []}}
    assert container["logConfiguration"]["options"]["mode"] == "blocking"
    assert stream_of(SESSION, "arn:aws:ecs:eu-west-1:1:task/c/0123") == f"{SESSION}/cell/0123"


CASES: dict[str, tuple[Spec, Trust, list[str]]] = {
    "all that it can": (Spec(packages=("htop",), checks=(FileCheck(file="/x"),), platform="linux/arm64"), Trust(), []),
    "a tracer": (Spec(), Trust(capabilities=("SYS_PTRACE",)), []),
    "another capability": (Spec(), Trust(capabilities=("NET_ADMIN",)), ["capability NET_ADMIN"]),
    "hardened": (Spec(), Trust(hardened=True), ["--hardened"]),
    "another processor": (Spec(platform="linux/riscv64"), Trust(), ["platform"]),
    "all at once": (
        Spec(
            dockerfile="/x",
            network="none",
            mounts=(Mount(source="/a", target="/b"),),
            devices=("/dev/kvm",),
            copies=(Copy(source="/a", target="/b"),),
            shm_size=1_000_000,
        ),
        Trust(runtime="runsc", as_user=True),
        ["dockerfile", "mounts", "copies", "devices", "shm-size", "network", "--runtime", "--user"],
    ),
}


@pytest.mark.parametrize(("spec", "trust", "names"), CASES.values(), ids=CASES.keys())
def test_everything_that_fargate_can_not_give_is_named(spec: Spec, trust: Trust, names: list[str]) -> None:
    plan = plan_for(spec, find_target("debian:bookworm"), apt, Terms())
    assert [name for name, _ in unsupported_options(spec, plan, trust)] == names


def test_limits_that_fargate_has_not_are_named_and_one_of_processes_only_where_it_was_asked_for() -> None:
    plan = plan_for(Spec(), find_target("debian:bookworm"), apt, Terms(limits=Limits(pids=9, named=("pids",))))
    assert [name for name, _ in unsupported_options(Spec(), plan, Trust())] == ["pids"]
    plan = plan_for(Spec(), find_target("debian:bookworm"), apt, Terms(limits=Limits(cpus=32)))
    assert [name for name, _ in unsupported_options(Spec(), plan, Trust())] == ["limits"]


@pytest.mark.parametrize(
    ("platform", "expected"),
    [("linux/amd64", "X86_64"), ("linux/arm64/v8", "ARM64"), ("linux/386", None), ("windows/amd64", None)],
)
def test_a_platform_is_a_processor_of_fargate_or_none(platform: str, expected: str | None) -> None:
    assert architecture(platform) == expected


def test_an_image_of_a_registry_is_named_by_its_digest_and_one_that_only_this_host_reaches_is_none() -> None:
    image = Image(id="sha256:x", tags=(), size=1, digests=("debian@sha256:abc", "localhost:5000/a@sha256:abc"))
    assert public_name("debian:bookworm", image) == "debian@sha256:abc"
    assert public_name("quay.example:443/x/debian:1", image) is None
    assert public_name("localhost:5000/a:1", image) is None
    assert public_name("localhost:5000/a:1", image, repository="localhost:5000/a") == "localhost:5000/a@sha256:abc"
    assert public_name("debian", replace(image, digests=())) is None


@pytest.mark.parametrize(
    ("setting", "name"), [("sandbox", "sandbox"), ("a/b", "a/b"), ("127.0.0.1:5000/a/b", "a/b"), ("x.example/a", "a")]
)
def test_a_repository_s_name_stands_behind_its_host(setting: str, name: str) -> None:
    assert repository_name(setting) == name
