"""Who made something in AWS is read from its name."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace
from tests.unit.fakes.engine import FakeEngine

from sandbox.engine.protocol import Image
from sandbox.lifecycle.owner import current_owner, owner_is_dead
from sandbox.trials.fargate.leftovers import dead_names
from sandbox.trials.fargate.names import owner_in, owner_prefix, session_name, session_of

OURS = current_owner()
NAME = session_name(OURS, "0123456789abcdef")


def test_a_name_can_be_startedby_a_family_a_tag_and_the_start_of_a_log_stream() -> None:
    assert re.fullmatch(r"[A-Za-z0-9/_-]{1,128}", NAME)  # RunTask, startedBy
    assert re.fullmatch(r"[A-Za-z0-9_.-]{1,128}", f"{NAME}-0123456789ab")  # a tag of an image
    longest = session_name(replace(OURS, uid=4_294_967_294, pid=4_194_304, started=10**12), "0123456789abcdef")
    assert len(longest) <= 128 - len("-0123456789ab")


@pytest.mark.parametrize("rest", ["", "-12", "/cell/0123", "-0123456789ab"])
def test_the_session_and_its_owner_are_in_each_name(rest: str) -> None:
    name = f"{NAME}{rest}"
    assert session_of(name) == NAME
    assert name.startswith(owner_prefix(OURS))
    assert not owner_is_dead(OURS, owner_in(name, OURS))


def test_a_process_that_is_gone_is_dead_and_one_of_another_host_or_user_is_nobodys_business() -> None:
    gone = session_name(replace(OURS, started=OURS.started + 1), "0" * 16)
    assert owner_is_dead(OURS, owner_in(gone, OURS))
    assert owner_is_dead(OURS, owner_in(session_name(replace(OURS, boot="another"), "0" * 16), OURS))
    for other in (replace(OURS, host="0" * 16), replace(OURS, uid=OURS.uid + 1), replace(OURS, pid_namespace="1")):
        assert not owner_is_dead(OURS, owner_in(session_name(other, "0" * 16), OURS))


@pytest.mark.parametrize("name", ["", "mine", "sandbox-web", "sandbox-0123456789abcdef-0-x"])
def test_what_is_not_ours_has_no_owner(name: str) -> None:
    assert (session_of(name), owner_in(name, OURS)) == ("", {})
    assert not owner_is_dead(OURS, owner_in(name, OURS))


def test_the_name_that_an_image_had_for_a_push_goes_with_its_dead_session_and_no_other_name_does() -> None:
    gone, push = replace(OURS, started=OURS.started + 1), f"{'a' * 16}-{'b' * 12}"
    sessions = (gone, OURS, replace(gone, host="f" * 16))
    names = [f"here:5000/sandbox:{session_name(owner, push[:16])}{push[16:]}" for owner in sessions]
    engine = FakeEngine(images_known=[Image(id="1", tags=("debian:12", *names))])
    assert dead_names(engine, OURS) == (names[0],)
