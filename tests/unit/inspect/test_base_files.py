"""Which folders of a sandbox no look has to read."""

from __future__ import annotations

import pytest

from sandbox.distros.lookup import find_target
from sandbox.inspect.base_files import folders_apart
from sandbox.inspect.file_changes import PathPrefixes
from sandbox.managers.registry import NAMES, ManagerName, data_of, manager_of
from sandbox.managers.state_paths import state_paths
from sandbox.provision.plan import Plan, Terms, plan_for
from sandbox.specs.model import Mount, Spec

LISTS = "/var/lib/apt/lists"


def plan(spec: Spec) -> Plan:
    return plan_for(spec, find_target("debian:bookworm"), manager_of("apt"), Terms())


def mounted(target: str) -> Spec:
    return Spec(packages=("htop",), mounts=(Mount(source="/srv", target=target),))


def test_the_folders_of_an_index_lie_apart() -> None:
    assert folders_apart(plan(Spec(packages=("htop",)))) == (LISTS, "/var/cache/apt")


@pytest.mark.parametrize("name", NAMES)
def test_only_folders_that_never_count_lie_apart(name: ManagerName) -> None:
    books = PathPrefixes(state_paths(name))
    assert all(folder in books for folder in data_of(name).index_folders)


def test_none_lies_apart_where_a_command_of_the_users_may_remove_it() -> None:
    assert folders_apart(plan(Spec(packages=("htop",), before=("rm -r /var/lib/apt/lists",)))) == ()


@pytest.mark.parametrize("target", [LISTS, f"{LISTS}/", "/var/lib/apt", "/var/lib", f"{LISTS}/partial"])
def test_none_lies_apart_where_the_user_mounts_something(target: str) -> None:
    assert folders_apart(plan(mounted(target))) == ("/var/cache/apt",)


def test_a_mount_beside_it_changes_nothing() -> None:
    assert folders_apart(plan(mounted("/var/lib/apt/lists-of-mine"))) == (LISTS, "/var/cache/apt")
