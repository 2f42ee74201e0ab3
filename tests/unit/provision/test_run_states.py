"""The states of a run of tests: found again by that run alone, of exactly one plan, and gone with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from msgspec.structs import replace
from tests.unit.fakes import OWNER, FakeEngine, FakeReporter
from tests.unit.fakes.host import host_in
from tests.unit.provision.test_cache import BASE, PROVISIONED, plan

from sandbox.container.box import Box
from sandbox.engine import labels
from sandbox.errors import EngineError
from sandbox.lifecycle.cleanup import orphaned_images
from sandbox.lifecycle.owner import current_owner
from sandbox.provision.image import ResolvedImage
from sandbox.provision.launch import Launch
from sandbox.provision.run_states import StateImages

if TYPE_CHECKING:
    from pathlib import Path

FOUND = ResolvedImage(reference="debian:bookworm", image=BASE, plan=plan("htop"))
STATES = StateImages(name="run1", owner=OWNER, version="1")


def keep(engine: FakeEngine, folder: Path, states: StateImages = STATES) -> FakeReporter:
    reporter = FakeReporter()
    launch = Launch(
        box=Box(engine, "c"),
        found=FOUND,
        session=cast("Any", None),
        context=host_in(folder),
        reporter=reporter,
        disk=cast("Any", None),
    )
    states.keep(launch, PROVISIONED)
    return reporter


def test_a_state_is_found_again_as_it_was_kept(tmp_path: Path) -> None:
    engine = FakeEngine()
    assert STATES.adapt(engine, FOUND) == FOUND
    keep(engine, tmp_path)
    found = STATES.adapt(engine, FOUND)
    assert found.state == PROVISIONED
    assert found.start is not None
    assert found.start.id in [image.id for image in engine.images_known]
    assert found.image == BASE


def test_another_plan_and_another_run_have_another_state(tmp_path: Path) -> None:
    engine = FakeEngine()
    keep(engine, tmp_path)
    other = replace(FOUND, plan=plan("jq"))
    assert STATES.adapt(engine, other) == other
    assert replace(STATES, name="run2").adapt(engine, FOUND) == FOUND


def test_they_go_with_the_run_and_no_other_goes(tmp_path: Path) -> None:
    engine = FakeEngine()
    other = replace(STATES, name="run2")
    keep(engine, tmp_path)
    keep(engine, tmp_path, other)
    STATES.remove(engine)
    assert STATES.adapt(engine, FOUND) == FOUND
    assert other.adapt(engine, FOUND).state == PROVISIONED


def test_a_sweep_removes_those_of_a_dead_run_alone(tmp_path: Path) -> None:
    engine, own = FakeEngine(), current_owner()
    keep(engine, tmp_path, replace(STATES, owner=own))
    assert orphaned_images(engine, own) == ()
    dead = FakeEngine()
    keep(dead, tmp_path, replace(STATES, owner=replace(own, started=own.started + 1)))
    assert len(orphaned_images(dead, own)) == 1


def test_a_state_has_no_label_of_the_sandbox_that_it_is_of(tmp_path: Path) -> None:
    engine = FakeEngine()
    keep(engine, tmp_path)
    (image,) = engine.images_known
    assert (image.labels[labels.SESSION], image.labels[labels.PACKAGES], image.labels[labels.NAME]) == ("run1", "", "")


def test_one_that_can_not_be_kept_is_a_warning(tmp_path: Path) -> None:
    engine = FakeEngine(failing={"commit": [EngineError("no space")]})
    assert ("warn", "no space") in keep(engine, tmp_path).told
