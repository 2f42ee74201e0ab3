"""Who made something in AWS is read from its name."""

from __future__ import annotations

import re

import pytest
from msgspec.structs import replace
from tests.unit.fakes.engine import FakeEngine

from sandbox.engine.protocol import Image
from sandbox.lifecycle.owner import current_owner, owner_is_dead
from sandbox.trials.fargate.images import Push, needed_pushes, push_tag
from sandbox.trials.fargate.leftovers import dead_names
from sandbox.trials.fargate.names import owner_in, owner_prefix, session_name, session_of

OURS = current_owner()
NAME = session_name(OURS, "0123456789abcdef")


def test_a_name_can_be_startedby_a_family_a_tag_and_the_start_of_a_log_stream() -> None:
    assert re.fullmatch(r"[A-Za-z0-9/_-]{1,128}", NAME)  # RunTask, startedBy
    assert re.fullmatch(r"[A-Za-z0-9_.-]{1,128}", f"{NAME}-0123456789ab")  # a tag of an image
    longest = session_name(replace(OURS, uid=4_294_967_294, pid=4_194_304, started=10**12), "0123456789abcdef")
    assert len(longest) <= 128 - len("-0123456789ab-kept")


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


def test_the_digest_that_a_push_gave_an_image_goes_with_its_dead_session_and_one_of_the_user_does_not() -> None:
    dead = session_name(replace(OURS, started=OURS.started + 1), "a" * 16)
    image = Image(id=f"sha256:{'b' * 64}", digests=("base@sha256:1",))
    tag = f"here:5000/sandbox:{push_tag(dead, image, 'here:5000/sandbox')}"
    after = replace(image, tags=("base:1", tag), digests=("base@sha256:1", "here:5000/sandbox@sha256:2"))
    assert dead_names(FakeEngine(images_known=[after]), OURS) == ("here:5000/sandbox@sha256:2", tag)
    theirs = f"here:5000/sandbox:{push_tag(dead, after, 'here:5000/sandbox')}"
    again = replace(after, tags=("base:1", theirs))
    assert dead_names(FakeEngine(images_known=[again]), OURS) == (theirs,)
    assert session_of(theirs.rpartition(":")[2]) == dead
    assert len(theirs.rpartition(":")[2]) <= 128


def test_the_name_that_an_image_had_for_a_push_goes_with_its_dead_session_and_no_other_name_does() -> None:
    gone, push = replace(OURS, started=OURS.started + 1), f"{'a' * 16}-{'b' * 12}"
    sessions = (gone, OURS, replace(gone, host="f" * 16))
    names = [f"here:5000/sandbox:{session_name(owner, push[:16])}{push[16:]}" for owner in sessions]
    engine = FakeEngine(images_known=[Image(id="1", tags=("debian:12", *names))])
    assert dead_names(engine, OURS) == (names[0],)


def test_only_what_no_registry_gives_has_to_be_pushed_and_an_image_of_two_names_once() -> None:
    public = Image(id="1", digests=("debian@sha256:1",))
    here = Image(id="2", size=7)
    images = (("debian:12", public), ("base:1", here), ("base:2", here))
    found = needed_pushes(images, repository="bases", region="eu-west-1")
    assert found == {"2": Push(reference="base:2", size=7, repository="bases", region="eu-west-1")}
