"""The base of a plan: what is there first, then each source in its order, then what else can be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.unit.advised import advice_of
from tests.unit.fakes import FakeEngine, FakeReporter
from tests.unit.fakes.host import host_in

from sandbox.distros.lookup import find_target
from sandbox.engine.protocol import Image, PullProgress
from sandbox.errors import PullFailed
from sandbox.lifecycle import pulled_images
from sandbox.managers.registry import manager_of
from sandbox.provision.base_image import base_for, progress_reporter
from sandbox.provision.plan import Plan, Terms, plan_for, pull_sources
from sandbox.specs.model import Spec

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.distros.model import Target

TARGET = find_target("debian:bookworm")
REGISTRIES = ("one.example/library", "two.example")


def plan(target: Target = TARGET) -> Plan:
    return plan_for(Spec(), target, manager_of("apt"), Terms(registries=REGISTRIES))


def base(engine: FakeEngine, folder: Path, found: Plan | None = None) -> tuple[str, Image]:
    return base_for(found or plan(), engine, host_in(folder), FakeReporter())


def test_a_registry_is_asked_when_the_default_one_fails_and_what_came_is_noted(tmp_path: Path) -> None:
    engine = FakeEngine(failing={"pull": [PullFailed("no tag"), PullFailed("no network")]})
    ours = host_in(tmp_path)
    reference, image = base_for(plan(), engine, ours, FakeReporter())
    assert (reference, ours.pulls) == ("two.example/debian:bookworm", ["two.example/debian:bookworm"])
    assert pulled_images.records(tmp_path, engine.url) == {reference: image.id}


def test_what_another_registry_gave_is_there_the_next_time(tmp_path: Path) -> None:
    there = Image(id="i", tags=("two.example/debian:bookworm",))
    assert base(FakeEngine(images_known=[there]), tmp_path) == (there.tags[0], there)


def test_the_first_failure_is_told_with_the_others_and_the_ways_out(tmp_path: Path) -> None:
    engine = FakeEngine(failing={"pull": [PullFailed("first"), PullFailed("second"), PullFailed("third")]})
    with pytest.raises(PullFailed, match="first") as caught:
        base(engine, tmp_path)
    assert caught.value.details == (
        ("one.example/library/debian:bookworm", "second"),
        ("two.example/debian:bookworm", "third"),
    )
    assert "sandbox base build debian:bookworm" in advice_of(caught.value)
    assert pulled_images.records(tmp_path, engine.url) == {}


def test_a_distro_without_an_image_says_what_to_do_and_pulls_nothing(tmp_path: Path) -> None:
    bare = replace(TARGET, distro=replace(TARGET.distro, name="bare", image="", bootstrap=None))
    engine = FakeEngine()
    with pytest.raises(PullFailed, match="the engine's default registry has no image for bare bookworm") as caught:
        base(engine, tmp_path, plan(bare))
    assert advice_of(caught.value) == (
        "sandbox try --distro bare:bookworm --image REFERENCE",
        "sandbox base import ROOTFS.tar.xz --as bare:bookworm",
    )
    assert "pull" not in engine.calls


def test_a_distro_without_an_image_is_tried_on_the_one_that_was_imported(tmp_path: Path) -> None:
    bare = replace(TARGET, distro=replace(TARGET.distro, name="bare", image=""))
    there = Image(id="i", tags=("sandbox-base/bare:bookworm",))
    assert base(FakeEngine(images_known=[there]), tmp_path, plan(bare))[0] == "sandbox-base/bare:bookworm"


@pytest.mark.parametrize("image", ["localhost/x:1", "other.example/x", "host:5000/x", "[::1]:5000/x"])
def test_an_image_that_names_its_registry_has_no_other_source(image: str) -> None:
    assert pull_sources(image, REGISTRIES) == (image,)


def test_a_name_with_a_folder_is_asked_of_the_registries_too() -> None:
    assert pull_sources("opensuse/leap:16.0", ("r.example",)) == ("opensuse/leap:16.0", "r.example/opensuse/leap:16.0")
    assert pull_sources("debian:12", ()) == ("debian:12",)
    assert pull_sources("", REGISTRIES) == ()


@pytest.mark.parametrize(("done", "total"), [(0, 100), (0, 0), (10, 0)])
def test_no_time_left_is_told_while_a_pulls_rate_or_size_is_unknown(done: int, total: int) -> None:
    reporter = FakeReporter()
    progress = PullProgress(done=done, total=total, layers=1, layers_done=0, status="Downloading")
    progress_reporter(reporter)(progress)
    assert not [text for _, text in reporter.told if "left" in text]
    assert reporter.told
