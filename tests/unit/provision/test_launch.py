"""A launched sandbox is ended with its session whatever is raised, in whichever phase; nothing of it is left."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

import pytest
from msgspec.structs import replace
from tests.patience import LONG
from tests.unit.fakes import FakeEngine, FakeReporter
from tests.unit.fakes.host import host_in

from sandbox.core.signals import Guard
from sandbox.core.tasks import wait_until
from sandbox.distros.lookup import find_target
from sandbox.distros.model import Companion
from sandbox.engine.protocol import ContainerSpec, Image
from sandbox.errors import EngineError, Interrupted, SandboxDied, StepFailed, UsageError
from sandbox.lifecycle import disk_guard
from sandbox.managers.registry import manager_of
from sandbox.provision.launch import launched
from sandbox.provision.plan import Terms, plan_for
from sandbox.provision.request import request_for
from sandbox.specs.model import Port, Spec
from sandbox.specs.privileges import DROPPED

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from pathlib import Path

    from sandbox.engine.protocol import PullProgress
    from sandbox.lifecycle.session import Session
    from sandbox.provision.image import ResolvedImage
    from sandbox.provision.launch import Launch
    from sandbox.provision.plan import Plan

BASE: Final = Image(id="sha256:base", tags=("debian:bookworm",), platform="linux/amd64")
BESIDE: Final = Image(id="sha256:beside", tags=("companion:1",))
RAISED: Final = (EngineError("refused"), Interrupted(15), ValueError("a bug"), SandboxDied("it ended"))


def a_plan(*, ports: tuple[Port, ...] = ()) -> Plan:
    """Return the plan of a distro that has a companion, so that there is a helper container to leave behind, too."""
    target = find_target("debian:bookworm")
    companions = (Companion(image="companion:1", path="/tree"),)
    target = replace(target, distro=replace(target.distro, companions=companions))
    return plan_for(Spec(packages=("htop",), ports=ports), target, manager_of("apt"), Terms())


class Place:
    """An engine with both images, and what launches a sandbox on it."""

    def __init__(self, folder: Path, engine: FakeEngine | None = None) -> None:
        self.engine = engine or FakeEngine()
        self.engine.images_known += [BASE, BESIDE]
        self.host = host_in(folder)
        self.session: Session = self.host.session(self.engine)
        self.reporter = FakeReporter()
        self.guard = Guard()

    def launched(
        self, plan: Plan | None = None, adapt: Callable[[ResolvedImage], ResolvedImage] = lambda found: found
    ) -> AbstractContextManager[Launch]:
        return launched(
            request_for(plan or a_plan()),
            self.host,
            session=self.session,
            reporter=self.reporter,
            guard=self.guard,
            adapt=adapt,
        )

    @property
    def is_clean(self) -> bool:
        """Whether its session is over and the engine has nothing of it."""
        assert self.engine.containers_known == []
        return all(lifeline.closed for lifeline in self.engine.lifelines)


def test_the_block_has_a_running_sandbox_and_what_it_was_made_of_and_it_goes_behind_it(tmp_path: Path) -> None:
    place = Place(tmp_path)
    with place.launched() as launch:
        assert launch.box.exec(("true",)).status == 0
        assert [row.name for row in place.engine.containers_known] == [place.session.name]
        assert (launch.image, launch.plan.target.option) == (BASE, "debian:bookworm")
        assert place.engine.created[-1].cap_drop == DROPPED
    assert place.is_clean
    assert [item.name for item in place.session.finish().removed] == [place.session.name]


@pytest.mark.parametrize("raised", RAISED, ids=lambda error: type(error).__name__)
def test_what_the_block_raises_is_raised_once_the_sandbox_is_gone(tmp_path: Path, raised: BaseException) -> None:
    place = Place(tmp_path)
    with pytest.raises(type(raised)), place.launched():
        raise raised
    assert place.is_clean


PHASES: Final = {"image": 0, "image again": 1, "create": 0, "create again": 1, "attach": 0, "start": 0}
"""Each call of the way to a running sandbox: its base, its companion, and both containers."""


@pytest.mark.parametrize("raised", RAISED, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("phase", PHASES)
def test_what_a_phase_raises_leaves_nothing(tmp_path: Path, phase: str, raised: BaseException) -> None:
    method, nth = phase.partition(" ")[0], PHASES[phase]

    class Failing(FakeEngine):
        def call(self, name: str) -> None:
            super().call(name)
            if name == method and self.calls.count(name) == nth + 1:
                raise raised

    place = Place(tmp_path, Failing())
    with pytest.raises(type(raised)), place.launched():
        pytest.fail("it was not launched")
    assert place.is_clean


def test_a_helper_that_can_not_be_removed_at_once_goes_with_the_session(tmp_path: Path) -> None:
    place = Place(tmp_path)
    place.engine.failing["remove"] = [EngineError("busy")]
    with place.launched():
        assert len(place.engine.containers_known) == 2
    assert place.is_clean


def test_a_request_that_is_refused_makes_nothing(tmp_path: Path) -> None:
    def refuse(_found: ResolvedImage) -> ResolvedImage:
        message = "no"
        raise UsageError(message)

    place = Place(tmp_path)
    with pytest.raises(UsageError), place.launched(adapt=refuse):
        pytest.fail("it was not launched")
    assert place.engine.created == []


def test_what_the_request_was_adapted_to_is_what_runs(tmp_path: Path) -> None:
    saved = Image(id="sha256:saved", tags=("sandbox-cache/plan:1",))
    port = Port(published=8080, container=80)

    def adapt(found: ResolvedImage) -> ResolvedImage:
        spec = replace(found.plan.spec, ports=())
        return replace(found, start=saved, plan=replace(found.plan, spec=spec))

    place = Place(tmp_path)
    place.engine.images_known.append(saved)
    with place.launched(a_plan(ports=(port,)), adapt) as launch:
        made = place.engine.created[-1]
        assert (made.image, made.ports, launch.image) == ("sha256:saved", (), BASE)


def test_a_base_that_goes_right_before_is_pulled_once_more(tmp_path: Path) -> None:
    class Gone(FakeEngine):
        def create(self, spec: ContainerSpec) -> str:
            if spec.image == BASE.id and "pull" not in self.calls:
                self.images_known = [BESIDE]
            return super().create(spec)

        def pull(
            self, reference: str, on_progress: Callable[[PullProgress], None], *, platform: str | None = None
        ) -> Image:
            super().pull(reference, on_progress, platform=platform)
            self.images_known = [BASE, BESIDE]
            return BASE

    place = Place(tmp_path, Gone())
    with place.launched():
        assert place.engine.calls.count("pull") == 1
    assert place.is_clean


def test_a_removal_that_fails_is_a_warning_and_the_first_error_stays(tmp_path: Path) -> None:
    def fail(place: Place) -> None:
        place.engine.failing["remove"] = [EngineError("busy"), EngineError("busy")]
        raise StepFailed("no such package")

    place = Place(tmp_path)
    with pytest.raises(StepFailed), place.launched():
        fail(place)
    assert [text for label, text in place.reporter.told if label == "warn"] == [
        f"{place.session.name} could not be removed: busy"
    ]


def test_no_signal_is_raised_while_it_goes_and_the_next_sandbox_can_be_interrupted(tmp_path: Path) -> None:
    place, seen = Place(tmp_path), list[bool]()

    class Watching(FakeEngine):
        def remove(self, ident: str) -> bool:
            seen.append(place.guard.cleaning)
            return super().remove(ident)

    place = Place(tmp_path, Watching())
    with place.launched():
        seen.clear()
    assert seen == [True]
    assert not place.guard.cleaning


def test_one_that_another_thread_has_closed_is_not_begun_any_more(tmp_path: Path) -> None:
    place = Place(tmp_path)

    def close(found: ResolvedImage) -> ResolvedImage:
        thread = threading.Thread(target=place.session.finish)
        thread.start()
        thread.join()
        return found

    with pytest.raises(EngineError, match="is being removed"), place.launched(adapt=close):
        pytest.fail("it was launched")
    assert place.engine.created == []
    assert place.is_clean


def test_one_that_was_ended_for_the_hosts_disk_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk_guard, "PERIOD", 0.0)
    monkeypatch.setattr(disk_guard, "free_space", lambda _: (0, 1))

    def die(launch: Launch) -> None:
        assert wait_until(lambda: launch.disk.reason is not None, LONG)
        raise SandboxDied("the sandbox ended while it was in use")

    place = Place(tmp_path, FakeEngine(root=str(tmp_path)))
    with pytest.raises(StepFailed, match="the disk is almost full") as caught, place.launched() as launch:
        die(launch)
    assert caught.value.cause == "disk"
    assert place.is_clean
