"""A limit that an engine can't give is warned of, and refused where it was asked for by name."""

from __future__ import annotations

import pytest
from tests.unit.advised import advice_of
from tests.unit.fakes import FakeEngine

from sandbox.errors import EngineError
from sandbox.provision.limits import check_limits, limits_warning
from sandbox.specs.model import Limits


def test_a_limit_that_was_asked_for_by_name_is_refused_before_anything_is_created() -> None:
    engine = FakeEngine(lacks=("memory", "swap", "pids"))
    with pytest.raises(EngineError, match="can't limit a sandbox's memory and processes") as caught:
        check_limits(engine, Limits(named=("cpus", "memory", "pids")))
    assert advice_of(caught.value) == (
        "the same command without --memory --pids, or its spec without limits.memory and limits.pids",
        "sandbox doctor",
    )
    assert engine.created == []


@pytest.mark.parametrize("limits", [None, Limits(), Limits(named=("cpus",))])
def test_limits_that_nobody_named_or_that_it_has_are_not_refused(limits: Limits | None) -> None:
    check_limits(FakeEngine(lacks=("memory", "swap", "pids")), limits)


def test_defaults_that_it_can_not_give_are_a_warning() -> None:
    warning = limits_warning(FakeEngine(lacks=("memory", "swap")))
    assert warning is not None
    assert warning.brief == "docker 28.2 can't limit a sandbox's memory: it may use all that its host has"
    assert limits_warning(FakeEngine()) is None
    assert limits_warning(FakeEngine(lacks=("swap",))) is None


def test_what_it_says_of_a_container_is_a_warning_too() -> None:
    warning = limits_warning(FakeEngine(discarded=("Memory limited without swap.",)))
    assert warning is not None
    assert warning.details == (("it said", "Memory limited without swap."),)
