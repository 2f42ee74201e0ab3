"""Limits become the least size that Fargate has, which is said; what it has not is refused."""

from __future__ import annotations

import pytest

from sandbox.errors import UsageError
from sandbox.specs.model import Limits
from sandbox.trials.fargate.sizes import MIB, PAIRS, TaskSize, rounding_text, task_size

GIB = 1024 * MIB
CASES = {
    "the defaults": (Limits(), (2048, 4096)),
    "the smallest": (Limits(cpus=0.1, memory=100_000_000), (256, 512)),
    "exactly a pair": (Limits(cpus=0.25, memory=512 * MIB), (256, 512)),
    "a byte more than a pair": (Limits(cpus=0.25, memory=512 * MIB + 1), (256, 1024)),
    "memory asks for more cores": (Limits(cpus=0.25, memory=3 * GIB), (512, 3072)),
    "cores ask for more memory": (Limits(cpus=1.5, memory=1 * GIB), (2048, 4096)),
    "by steps of 4 GB": (Limits(cpus=8, memory=17 * GIB), (8192, 20480)),
    "by steps of 8 GB": (Limits(cpus=16, memory=33 * GIB), (16384, 40960)),
    "the largest": (Limits(cpus=16, memory=120 * GIB), (16384, 122880)),
}


@pytest.mark.parametrize(("limits", "pair"), CASES.values(), ids=CASES.keys())
def test_limits_become_the_least_pair_that_holds_them(limits: Limits, pair: tuple[int, int]) -> None:
    assert task_size(limits) == TaskSize(cpu=pair[0], memory=pair[1])


@pytest.mark.parametrize("limits", [Limits(cpus=16.1), Limits(cpus=1, memory=120 * GIB + 1)])
def test_more_than_the_largest_is_refused(limits: Limits) -> None:
    with pytest.raises(UsageError, match="Fargate has no task with"):
        task_size(limits)


def test_each_pair_is_its_own_size_and_no_pair_is_said_to_be_rounded() -> None:
    for cpu, sizes in PAIRS.items():
        for memory in sizes:
            limits = Limits(cpus=cpu / 1024, memory=memory * MIB)
            assert task_size(limits).memory == memory
            assert rounding_text(limits) == ("" if task_size(limits).cpu == cpu else rounding_text(limits))
    assert rounding_text(Limits()) == "2 cpus and 2.0 GB become 2 vCPU and 4 GB"
