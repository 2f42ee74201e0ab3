"""What a trial starts from: a distro's image, any image and its distro, one that is built, and companions."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace
from tests.unit.advised import advice_of
from tests.unit.fakes import OWNER, FakeEngine, FakeReporter
from tests.unit.fakes.host import host_in

from sandbox.container.box import Box
from sandbox.distros.lookup import find_target
from sandbox.distros.model import Companion
from sandbox.distros.registry import DISTROS
from sandbox.engine import labels
from sandbox.engine.protocol import ExecSpec, Image
from sandbox.errors import CheckFailed, Conflict, EngineError, Interrupted, PullFailed, StepFailed, UsageError
from sandbox.lifecycle import pulled_images
from sandbox.lifecycle.lifetimes import pid1_argv
from sandbox.lifecycle.session import Session
from sandbox.managers.registry import manager_of
from sandbox.provision.bundle import Bundle, Manifest
from sandbox.provision.context import Context
from sandbox.provision.image import (
    ResolvedImage,
    check_platform,
    create_companion_volumes,
    remove_pulled_images,
    resolve_image,
    stopped_container_spec,
)
from sandbox.provision.plan import Terms, plan_for
from sandbox.provision.request import TryRequest
from sandbox.specs.lockfile import LockedTarget
from sandbox.specs.model import Spec

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.distros.model import Target
    from sandbox.provision.plan import Plan

TRIXIE = b"ID=debian\nVERSION_CODENAME=trixie\n"
THERE = Image(id="sha256:" + "ab" * 32, tags=("mine:latest",), platform="linux/amd64")


def planned(spec: Spec, target: Target) -> Plan:
    return plan_for(spec, target, manager_of("apt"), Terms(cached=True))


def request(spec: Spec, target: Target | None = None) -> TryRequest:
    make = partial(planned, spec)
    return TryRequest(spec=spec, planned=make, plan=make(target) if target else None, rows=DISTROS)


def found(engine: FakeEngine, asked: TryRequest, ours: Path | Context, session: Session | None = None) -> ResolvedImage:
    own = session or Session(engine, OWNER, version="1")
    known = ours if isinstance(ours, Context) else host_in(ours)
    return resolve_image(asked, own, engine=engine, host=known, reporter=FakeReporter())


@pytest.mark.parametrize("name", ["mine", "mine:latest", "ab" * 6, "sha256:" + "ab" * 32])
def test_an_image_that_is_there_says_which_distro_it_is(tmp_path: Path, name: str) -> None:
    engine = FakeEngine(images_known=[replace(THERE, tags=(*THERE.tags, "ab" * 6, "mine"))])
    engine.files["/usr/lib/os-release"] = TRIXIE
    result = found(engine, request(Spec(image=name, packages=("htop",))), tmp_path)
    assert result.plan.target.option == "debian:trixie"
    assert result.plan.steps
    assert result.reference == name
    assert "pull" not in engine.calls
    assert engine.containers_known == []
    assert "start" not in engine.calls
    assert engine.created[0].labels[labels.KIND] == "session"
    assert engine.created[0].network == "none"


def test_an_image_that_is_not_there_is_pulled_and_noted(tmp_path: Path) -> None:
    engine = FakeEngine(files={"/etc/os-release": TRIXIE})
    ours = host_in(tmp_path)
    assert found(engine, request(Spec(image="mine:1")), ours).reference == "mine:1"
    assert ours.pulls == ["mine:1"]
    assert list(pulled_images.records(tmp_path, engine.url)) == ["mine:1"]


@pytest.mark.parametrize("error", [UsageError("no distro"), Interrupted(), EngineError("gone")])
def test_what_was_pulled_is_known_whatever_comes_after_it(tmp_path: Path, error: BaseException) -> None:
    engine, ours = FakeEngine(failing={"create": [error]}), host_in(tmp_path)
    with pytest.raises(type(error)):
        found(engine, request(Spec(image="mine:1")), ours)
    assert remove_pulled_images(engine, ours, FakeReporter()) == ("mine:1",)
    assert engine.images_known == []
    assert pulled_images.records(tmp_path, engine.url) == {}


def test_a_pull_that_was_cut_off_is_known_and_one_that_failed_is_not(tmp_path: Path) -> None:
    for error, known in ((Interrupted(), ["mine:1"]), (PullFailed("no tag"), [])):
        ours = host_in(tmp_path)
        with pytest.raises(type(error)):
            found(FakeEngine(failing={"pull": [error]}), request(Spec(image="mine:1")), ours)
        assert ours.pulls == known


def test_what_was_pulled_stays_in_use_and_an_engine_that_refuses_is_told(tmp_path: Path) -> None:
    for error, told in ((Conflict("in use"), 0), (EngineError("no space"), 1)):
        engine, ours, reporter = FakeEngine(failing={"remove_image": [error]}), host_in(tmp_path), FakeReporter()
        ours.pulls.append("mine:1")
        assert remove_pulled_images(engine, ours, reporter) == ()
        assert len(reporter.told) == told


def test_a_named_distro_is_not_looked_for(tmp_path: Path) -> None:
    engine = FakeEngine(images_known=[THERE])
    result = found(engine, request(Spec(image="mine"), find_target("debian:sid")), tmp_path)
    assert result.plan.target.option == "debian:sid"
    assert engine.created == []


@pytest.mark.parametrize("text", [None, b"", b"ID=plan9\nPRETTY_NAME='Plan \x1b[31m9'\n"])
def test_an_unknown_distro_is_told_and_its_container_is_gone(tmp_path: Path, text: bytes | None) -> None:
    engine = FakeEngine(images_known=[THERE], files={} if text is None else {"/etc/os-release": text})
    with pytest.raises(UsageError, match="mine:latest is unknown") as caught:
        found(engine, request(Spec(image="mine:latest")), tmp_path)
    assert engine.containers_known == []
    assert "\x1b" not in str(caught.value.details)


def test_a_container_of_the_way_that_could_not_be_dropped_goes_with_the_session(tmp_path: Path) -> None:
    engine = FakeEngine(
        images_known=[THERE], files={"/etc/os-release": TRIXIE}, failing={"remove": [EngineError("busy")]}
    )
    session = Session(engine, OWNER, version="1")
    assert found(engine, request(Spec(image="mine:latest")), tmp_path, session).plan.target.option == "debian:trixie"
    removal = session.finish()
    assert engine.containers_known == []
    assert (removal.left, removal.failures) == ((), ())


def test_a_dockerfile_is_built_with_the_sessions_labels_and_goes_with_it(tmp_path: Path) -> None:
    engine = FakeEngine(files={"/etc/os-release": TRIXIE})
    session = Session(engine, OWNER, version="1")
    result = found(engine, request(Spec(dockerfile="/x/Dockerfile")), tmp_path, session)
    assert result.image.labels == session.labels()
    assert not result.plan.cached
    removal = session.finish()
    assert [found.kind for found in removal.removed] == ["build"]
    assert engine.images_known == []


@pytest.mark.parametrize("failing", [[], [StepFailed("a step")]])
def test_what_a_build_leaves_in_the_cache_is_noted_and_no_trace_leaves_none(
    tmp_path: Path, failing: list[BaseException]
) -> None:
    engine = FakeEngine(files={"/etc/os-release": TRIXIE}, buildkit={"old": 7}, failing={"build": failing})
    for ours, noted in (
        (host_in(tmp_path), [84_000_000]),
        (replace(host_in(tmp_path), no_trace=True, build_caches=[]), []),
    ):
        with suppress(StepFailed):
            found(engine, request(Spec(dockerfile="/x/Dockerfile")), ours)
        assert ours.build_caches == noted
        assert engine.build_requests[-1].keeps_cache == bool(noted)


@pytest.mark.parametrize("error", [StepFailed("a step"), PullFailed("no start"), Interrupted()])
def test_a_build_that_fails_or_is_cut_off_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    engine = FakeEngine(failing={"build": [error]})
    session = Session(engine, OWNER, version="1")
    with pytest.raises(type(error)):
        found(engine, request(Spec(dockerfile="/x/Dockerfile")), tmp_path, session)
    assert session.finish().left == ()
    assert engine.images_known == []


def test_a_companion_is_made_sure_of_and_dropped_once_the_sandbox_has_its_volume(tmp_path: Path) -> None:
    target = find_target("debian")
    row = replace(target.distro, companions=(Companion(image="tree:1", path="/tree"),))
    engine, reporter = FakeEngine(), FakeReporter()
    session = Session(engine, OWNER, version="1", life="kept")
    plan = planned(Spec(), replace(target, distro=row))
    idents = create_companion_volumes(plan, session, engine=engine, host=host_in(tmp_path), reporter=reporter)
    assert [row.id for row in engine.containers_known] == list(idents)
    assert engine.created[0].labels[labels.KIND] == "session"
    assert ("companion", "/tree from tree:1") in reporter.told
    session.remove_helper(idents[0])
    assert engine.containers_known == []


def born(engine: FakeEngine) -> Box:
    session = Session(engine, OWNER, version="1")
    session.start(lambda *given: replace(stopped_container_spec(THERE, *given), argv=pid1_argv("session", None)))
    return Box(engine, session.container)


@pytest.mark.parametrize("status", [126, None])
def test_an_image_of_another_platform_that_does_not_run_is_told_with_what_it_takes(status: int | None) -> None:
    def refuse(_: ExecSpec) -> tuple[int | None, bytes, bytes]:
        if status is not None:  # the first process is a program of the image, too
            engine.kill(engine.containers_known[0].id, status=status)
        return status, b"", b""

    engine = FakeEngine(commands=refuse)
    with pytest.raises(EngineError, match="is linux/amd64 and could not run an image for linux/arm64/v8") as caught:
        check_platform(replace(THERE, platform="linux/arm64/v8"), born(engine))
    assert "binfmt" in advice_of(caught.value)[0]
    assert "--platform linux/amd64" in advice_of(caught.value)[1]


def test_an_image_of_another_platform_that_runs_is_fine() -> None:
    assert check_platform(replace(THERE, platform="linux/arm64"), born(FakeEngine())) == ()


@pytest.mark.parametrize(("its", "machine", "emulated"), [("arm64", "aarch64", True), ("386", "x86_64", False)])
def test_an_image_whose_kernel_is_another_machines_is_said_to_be_emulated(
    its: str, machine: str, emulated: bool
) -> None:
    engine = FakeEngine(commands=lambda _: (0, f"{machine}\n".encode(), b""), machine="x86_64")
    rows = check_platform(replace(THERE, platform=f"linux/{its}"), born(engine))
    assert [text.partition(":")[0] for _, text in rows] == ["linux/arm64, emulated on linux/amd64"] * emulated


@pytest.mark.parametrize("platform", ["linux/amd64", "linux/amd64/v2", ""])
def test_an_image_of_the_engines_own_platform_is_not_asked(platform: str) -> None:
    engine = FakeEngine()
    check_platform(replace(THERE, platform=platform), born(engine))
    assert engine.ran == []


def test_an_image_of_another_platform_is_pulled_again(tmp_path: Path) -> None:
    engine = FakeEngine(images_known=[replace(THERE, tags=("debian:bookworm",))], files={"/etc/os-release": TRIXIE})
    target = find_target("debian:bookworm")
    found(engine, request(Spec(platform="linux/amd64"), target), tmp_path)
    assert "pull" not in engine.calls
    ours = host_in(tmp_path)
    result = found(engine, request(Spec(platform="linux/arm64"), target), ours)
    assert (engine.calls.count("pull"), result.image.platform) == (1, "linux/arm64")
    assert ours.pulls == []  # the name was somebody's: what has it now is not ours to remove


def test_an_image_that_a_build_still_holds_is_asked_for_again(tmp_path: Path) -> None:
    engine = FakeEngine(failing={"build": [Interrupted()], "remove_image": [Conflict("in use"), Conflict("in use")]})
    session = Session(engine, OWNER, version="1")
    with pytest.raises(Interrupted):
        found(engine, request(Spec(dockerfile="/x/Dockerfile")), tmp_path, session)
    removal = session.finish()
    assert (removal.left, removal.failures) == ((), ())


def test_a_lock_of_another_kind_of_machine_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    engine = FakeEngine(images_known=[replace(THERE, tags=("debian:bookworm",))])
    asked = request(Spec(packages=("jq",)), find_target("debian:bookworm"))
    assert asked.plan is not None
    theirs = LockedTarget(option="debian:bookworm", platform="linux/arm64/v8", image="x", words=("./web.yaml",))
    with pytest.raises(
        CheckFailed, match=r"the lock of \./web\.yaml is for linux/arm64/v8, but this machine is linux/amd64"
    ):
        found(engine, replace(asked, plan=replace(asked.plan, lock=theirs)), tmp_path)
    assert engine.created == []
    ours = replace(theirs, platform="linux/amd64/v2")
    assert found(engine, replace(asked, plan=replace(asked.plan, lock=ours)), tmp_path).plan.lock == ours


def test_a_bundle_of_another_kind_of_machine_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    engine = FakeEngine()
    manifest = Manifest(
        format=1, tool="1", target="debian:bookworm", platform="linux/riscv64", path="/bin", unpacked=0, members={}
    )
    bundle = Bundle(file=tmp_path / "web.sandbox", manifest=manifest, offsets={})
    asked = replace(request(Spec(packages=("jq",)), find_target("debian:bookworm")), bundle=bundle)
    with pytest.raises(CheckFailed, match=r"web\.sandbox is for linux/riscv64, but this machine is linux/amd64"):
        found(engine, asked, tmp_path)
    assert engine.calls == []
