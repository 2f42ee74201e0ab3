"""A plan of an earlier day."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.unit.advised import advice_of

from sandbox.core.programs import program
from sandbox.distros.lookup import find_target
from sandbox.distros.snapshots import AsOf
from sandbox.errors import UsageError
from sandbox.managers.registry import manager_of
from sandbox.provision.plan import Terms, plan_for
from sandbox.specs.model import Spec

if TYPE_CHECKING:
    from sandbox.provision.plan import Plan


def plan(distro: str, as_of: AsOf, mirror: str | None = None) -> Plan:
    target = find_target(distro)
    spec = Spec(packages=("jq",))
    return plan_for(spec, target, manager_of(target.manager), Terms(as_of=as_of, mirror=mirror))


@pytest.mark.parametrize(
    ("distro", "place"),
    [
        ("debian:bookworm", "http://snap.test/archive/debian/20240131T000000Z"),
        ("ubuntu:noble", "http://snap.test/ubuntu/20240131T000000Z"),
        ("arch", "http://snap.test/repos/2024/01/31"),
    ],
)
def test_the_sources_are_pointed_at_the_day(distro: str, place: str) -> None:
    found = plan(distro, AsOf(day="2024-01-31", service="http://snap.test/"), mirror=None)
    words = [word for step in found.steps if step.kind == "mirror" for word in step.argv]
    assert place in words


def test_the_distros_own_service_is_asked_where_none_is_set() -> None:
    found = plan("debian:bookworm", AsOf(day="2024-01-31"))
    assert any("http://snapshot.debian.org/archive/debian/20240131T000000Z" in step.argv for step in found.steps)


def test_the_age_of_the_index_is_not_looked_at_and_little_is_asked_at_once() -> None:
    index = next(step for step in plan("debian:bookworm", AsOf(day="2024-01-31")).steps if step.kind == "index")
    assert {"Acquire::Check-Valid-Until=false", "Acquire::Queue-Mode=access", "Acquire::Retries=8"} <= set(index.argv)


@pytest.mark.parametrize("distro", ["alpine", "fedora", "gentoo", "kali", "linuxmint", "manjaro"])
def test_a_distro_without_such_a_service_says_so(distro: str) -> None:
    with pytest.raises(UsageError, match="has no packages as of 2024-01-31"):
        plan(distro, AsOf(day="2024-01-31"))


@pytest.mark.parametrize(
    ("distro", "day", "first"),
    [
        ("debian:bookworm", "2005-03-11", "2005-03-12"),
        ("ubuntu:noble", "2022-12-31", "2023-03-02"),
        ("arch", "0001-01-01", "2013-08-31"),
    ],
)
def test_a_day_before_the_service_began_is_refused_before_it_is_asked(distro: str, day: str, first: str) -> None:
    with pytest.raises(UsageError, match=f"begins on {first}") as caught:
        plan(distro, AsOf(day=day))
    assert advice_of(caught.value) == (f"--as-of {first} or later",)
    assert plan(distro, AsOf(day=first)).steps
    assert plan(distro, AsOf(day=day, service="http://snap.test")).steps


def test_sources_that_no_snapshot_stands_for_are_an_error_not_today() -> None:
    done = subprocess.run(
        ["sh", "-c", program("sandbox.distros", "uses_snapshot.sh"), "sh", "http://nowhere.test/x"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "no repository of this base" in done.stderr
