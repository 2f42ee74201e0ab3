"""The container that a request asks for."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from tests.unit.fakes import FakeEngine

from sandbox.container.box import Box
from sandbox.engine.protocol import EngineInfo, Image
from sandbox.errors import EngineError
from sandbox.provision.container import ROOT_USER, own_name, user_of
from sandbox.specs.privileges import Trust


def test_a_name_that_an_image_was_saved_with_is_none_of_a_sandbox_of_it() -> None:
    podman = Image(id="sha256:1", env=("PATH=/bin", "HOSTNAME=first", "container=podman"))
    assert own_name(podman, "second") == {"HOSTNAME": "second"}
    assert own_name(Image(id="sha256:1", env=("PATH=/bin", "MY_HOSTNAME=x")), "second") == {}


def engine_of(**about: bool) -> FakeEngine:
    class Described(FakeEngine):
        def about(self) -> EngineInfo:
            return replace(super().about(), **about)

    return Described()


CALLER = Trust(as_user=True, user=("1234", "7"), is_caller=True)


def test_the_caller_is_who_has_its_numbers_or_root_where_the_engine_is_the_callers() -> None:
    assert user_of(CALLER, Box(engine_of(), "c")) == ("1234", "7")
    assert user_of(CALLER, Box(engine_of(rootless=True), "c")) == ROOT_USER
    with pytest.raises(EngineError, match="userns-remap"):
        user_of(CALLER, Box(engine_of(maps_users=True), "c"))


def test_a_number_or_a_name_is_meant_as_it_is_and_zero_is_root() -> None:
    box = Box(engine_of(rootless=True), "c")
    assert user_of(Trust(as_user=True, user=("5",)), box) == ("5",)
    assert user_of(Trust(as_user=True, user=("0", "5")), box) == ("0", "5")
    assert user_of(Trust(as_user=True, user=("root", "0")), box) == ROOT_USER
    assert user_of(Trust(as_user=True, user=("root",)), box) == ROOT_USER
    assert user_of(Trust(as_user=True, user=("www-data", "adm")), box) == ("www-data", "adm")
    assert user_of(Trust(as_user=True), box) == ()
