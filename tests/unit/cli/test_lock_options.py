"""What of a lock is resolved anew, by the names under which it was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.unit.advised import advice_of

from sandbox.cli.lock_options import LockConstraint, list_lock_path, lock_of_list
from sandbox.distros.load import load_rows
from sandbox.distros.lookup import find_target
from sandbox.errors import UsageError
from sandbox.specs.lockfile import SUFFIX, Lock, LockedPackage, LockedTarget, read_lock, render
from sandbox.specs.model import Spec

if TYPE_CHECKING:
    from pathlib import Path

DEBIAN = find_target("debian:bookworm", load_rows({}))
SPEC = Spec(packages=("libglu1", "jq"))


def package(name: str) -> LockedPackage:
    return LockedPackage(name=name, version="1", architecture="amd64", size=1, sha256="0" * 64)


LOCKED = LockedTarget(
    option="debian:bookworm",
    platform="linux/amd64",
    image="debian:bookworm",
    asked=SPEC.packages,
    packages=(package("jq"), package("libglu1-mesa"), package("libjq1")),
    base=("bash 5 amd64",),
    provided=("libglu1 libglu1-mesa",),
)


def kept(target: LockedTarget, *loose: str) -> list[str]:
    lock = Lock(source=f"web{SUFFIX}", tool="1", targets=(target,))
    found = LockConstraint(lock=lock, loose=loose).target(SPEC, DEBIAN)
    assert found is not None
    return [row.name for row in found.packages]


def test_a_virtual_name_stands_for_what_provides_it() -> None:
    assert kept(LOCKED, "libglu1") == ["jq", "libjq1"]
    assert kept(LOCKED, "jq") == ["libglu1-mesa", "libjq1"]


def test_a_lock_that_does_not_say_the_provider_is_to_be_made_anew() -> None:
    with pytest.raises(UsageError, match="libglu1 is a name that another package provides") as caught:
        kept(replace(LOCKED, provided=()), "libglu1")
    assert advice_of(caught.value)[0].startswith("sandbox lock ./web.yaml")
    with pytest.raises(UsageError, match="htop is not in the lock"):
        kept(LOCKED, "htop")


def test_the_providers_are_in_the_file() -> None:
    text = render(Lock(source=f"web{SUFFIX}", tool="1", targets=(LOCKED,)))
    assert read_lock(text.encode(), source=f"web{SUFFIX}").targets[0].provided == LOCKED.provided
    assert "provided" not in render(Lock(source=f"web{SUFFIX}", tool="1", targets=(replace(LOCKED, provided=()),)))


def test_the_lock_of_a_list_lies_beside_it_under_its_whole_name(tmp_path: Path) -> None:
    assert list_lock_path("apt.txt", tmp_path) == (tmp_path / "apt.txt.lock.yaml", "apt.txt")
    assert list_lock_path("names:x/apt.txt", tmp_path) == (tmp_path / "x" / "apt.txt.lock.yaml", "names:apt.txt")
    with pytest.raises(UsageError, match="can't be locked"):
        list_lock_path("-", tmp_path)
    with pytest.raises(UsageError) as caught:
        lock_of_list("x/apt.txt", tmp_path)
    assert advice_of(caught.value) == ("sandbox lock --from x/apt.txt", f"ls {tmp_path}")
