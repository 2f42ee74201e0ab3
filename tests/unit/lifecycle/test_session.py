"""A session: its container is born with labels, and undone whatever happens."""

from __future__ import annotations

import os
import signal
import threading
import time
from typing import TYPE_CHECKING, cast

import pytest
from msgspec.structs import replace
from tests.patience import LONG
from tests.unit.advised import advice_of
from tests.unit.fakes import OWNER, FakeConnection, FakeEngine

from sandbox.core.tasks import Background, wait_until
from sandbox.engine import labels
from sandbox.engine.begun import Begun
from sandbox.engine.head_start import Creation, HeadStart
from sandbox.engine.protocol import Container, ContainerSpec, Image
from sandbox.errors import Conflict, Denied, EngineError, EngineTimeout, RemovalFailed, SandboxError, UsageError
from sandbox.lifecycle.cleanup import Sweep, orphaned_containers, orphaned_images, sweep
from sandbox.lifecycle.lifetimes import HANDED_OVER, pid1_argv
from sandbox.lifecycle.owner import current_owner
from sandbox.lifecycle.session import BUILD_ROUNDS, NAME_TRIES, QUIET_ROUNDS, Session
from sandbox.specs.model import Limits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from sandbox.engine.labels import Owner
    from sandbox.engine.protocol import State
    from sandbox.lifecycle.lifetimes import Life
    from sandbox.lifecycle.removal import EngineObject


def make(name: str, found: Mapping[str, str]) -> ContainerSpec:
    life = cast("Life", found[labels.KIND])
    return ContainerSpec(
        name=name,
        image="base",
        argv=pid1_argv(life, None),
        labels=found,
        hostname=name,
        limits=Limits(),
        auto_remove=life == "session",
    )


def started(engine: FakeEngine, name: str | None = None) -> Session:
    session = Session(engine, OWNER, version="1", name=name)
    session.start(make)
    return session


def test_the_container_has_its_name_and_labels_when_it_is_created_and_is_attached_before_it_starts() -> None:
    engine = FakeEngine()
    session = started(engine, "brave-otter")
    assert session.container == "id-of-brave-otter"
    assert engine.calls == ["create", "attach", "start"]
    assert engine.created[0].labels == session.labels()
    assert session.labels()[labels.SESSION] == session.id
    assert session.labels()[labels.OWNER] == "4711:99:4026531836"


def test_leaving_removes_it_and_asks_the_engine_what_is_left() -> None:
    engine = FakeEngine()
    session = started(engine, "brave-otter")
    removal = session.finish()
    assert (named(removal.removed), named(removal.left), removal.failures) == (("container brave-otter",), (), ())
    assert engine.containers_known == []
    assert engine.lifelines[0].closed


def test_which_images_are_left_is_asked_once_and_beside_the_shell_where_none_was_built() -> None:
    engine = FakeEngine()
    session = started(engine)
    session.ask_ahead()
    assert wait_until(lambda: "images" in engine.calls, LONG)
    assert not session.finish().failures
    assert engine.calls.count("images") == 1


def test_a_sweep_and_the_proof_that_begin_together_share_the_list_of_images(tmp_path: Path) -> None:
    engine = FakeEngine()
    session, work = started(engine), Sweep(engine, US, tmp_path)
    left = Image(id="sha256:left", labels=session.labels(), created=0.0)
    engine.images_known += [left, replace(built(DEAD), id="sha256:dead")]
    session.ask_ahead(work.begin())
    assert [found.id for found in work.result()] == ["sha256:dead"]
    assert [found.id for found in session.finish().left] == ["sha256:left"]
    assert engine.calls.count("images") == 1
    assert work.begin() is None


def test_which_images_are_left_is_asked_again_where_there_was_no_answer_or_one_was_built(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sandbox.lifecycle.session.BUILD_PAUSE", 0)
    engine = FakeEngine(failing={"images": [EngineError("busy")]})
    session = started(engine)
    session.ask_ahead()
    assert wait_until(lambda: "images" in engine.calls, LONG)
    assert not session.finish().failures
    engine = FakeEngine(failing={"remove_image": [Conflict("in use")] * 100})
    session = started(engine)
    session.ask_ahead()

    def build(_reference: str, found: Mapping[str, str]) -> Image:
        engine.images_known.append(Image(id="sha256:1", labels=found, created=0.0))
        return engine.images_known[0]

    session.build(build)
    assert [found.kind for found in session.finish().left] == ["image"]


@pytest.mark.parametrize("life", ["session", "kept"])
def test_what_goes_is_off_its_networks_before_it_goes_and_what_stays_is_not(life: Life) -> None:
    engine = FakeEngine(failing={"disconnect": [EngineError("no network here")]})
    session = Session(engine, OWNER, version="1", life=life)
    session.start(make)
    assert session.container
    session.begin_end()
    assert wait_until(lambda: "disconnect" in engine.calls, LONG) if life == "session" else engine.calls[-1] == "start"
    assert not session.finish().failures


@pytest.mark.parametrize("method", ["create", "attach", "start"])
@pytest.mark.parametrize("error", [EngineError("no"), EngineTimeout("late"), Denied("no"), ValueError("a bug")])
def test_a_failed_birth_leaves_nothing_and_is_raised_where_the_container_is_wanted(
    method: str, error: Exception
) -> None:
    engine = FakeEngine(failing={method: [error]})
    session = started(engine)
    with pytest.raises(type(error)):
        _ = session.container
    removal = session.finish()
    assert engine.containers_known == []
    assert (named(removal.left), removal.failures) == ((), ())


def test_a_creation_whose_answer_was_lost_is_found_by_its_label_and_removed() -> None:
    class Lossy(FakeEngine):
        def create(self, spec: ContainerSpec) -> str:
            super().create(spec)
            raise EngineTimeout("no answer")

    engine = Lossy()
    session = started(engine)
    removal = session.finish()
    assert engine.containers_known == []
    assert (named(removal.removed), named(removal.left)) == ((f"container {session.name}",), ())


def test_a_random_name_that_is_taken_gives_way_to_another() -> None:
    engine = FakeEngine(failing={"create": [Conflict("taken"), Conflict("taken")]})
    session = started(engine)
    first = session.name
    assert session.container == f"id-of-{session.name}"
    assert session.labels()[labels.NAME] == session.name == engine.created[0].name
    assert engine.calls.count("create") == 3
    assert first


def test_a_name_of_ones_own_that_is_taken_is_refused_before_anything_is_done_for_it() -> None:
    taken = Container(id="i", name="mine", state="exited", image="x", labels={}, created=0.0)
    engine = FakeEngine(containers_known=[taken, replace(taken, id="mineral", name="other")])
    with pytest.raises(UsageError, match="already a container named mine"):
        Session(engine, OWNER, version="1", name="mine").check_name()
    engine.containers_known.pop(0)
    Session(engine, OWNER, version="1", name="mine").check_name()
    assert engine.created == []


@pytest.mark.parametrize("is_sandbox", [True, False])
def test_a_name_that_a_sandbox_has_is_answered_with_how_to_enter_and_to_remove_it(*, is_sandbox: bool) -> None:
    found = {labels.SESSION: "s"} if is_sandbox else {}
    taken = Container(id="i", name="mine", state="exited", image="x", labels=found, created=0.0)
    with pytest.raises(UsageError) as caught:
        Session(FakeEngine(containers_known=[taken]), OWNER, version="1", name="mine").check_name()
    ours = ("sandbox enter mine", "sandbox rm mine") if is_sandbox else ()
    assert advice_of(caught.value) == ("the same command with --name ANOTHER", *ours)


def test_names_that_are_always_taken_end_in_an_error() -> None:
    engine = FakeEngine(failing={"create": [Conflict("taken")] * NAME_TRIES})
    session = started(engine)
    with pytest.raises(EngineError, match="all in use"):
        _ = session.container
    assert session.finish().left == ()


def test_a_chosen_name_that_is_taken_is_a_usage_error_and_the_other_container_stays() -> None:
    other = Container(id="other", name="mine", state="running", image="x", labels={}, created=0.0)
    engine = FakeEngine(containers_known=[other])
    session = started(engine, "mine")
    with pytest.raises(UsageError, match="already a container named mine"):
        _ = session.container
    removal = session.finish()
    assert engine.containers_known == [other]
    assert (named(removal.removed), named(removal.left)) == ((), ())


def test_closing_twice_removes_once() -> None:
    engine = FakeEngine()
    session = started(engine)
    assert session.close() is session.close()
    assert session.finish() is session.finish()
    assert engine.calls.count("remove") == 1


def test_a_session_that_never_began_has_nothing_to_remove() -> None:
    engine = FakeEngine()
    session = Session(engine, OWNER, version="1")
    with pytest.raises(EngineError, match="no container"):
        _ = session.container
    removal = session.finish()
    assert (named(removal.removed), named(removal.left), removal.failures) == ((), (), ())
    assert "remove" not in engine.calls


def test_a_container_that_went_by_itself_is_no_failure() -> None:
    engine = FakeEngine()
    session = started(engine)
    engine.remove(session.container)
    removal = session.finish()
    assert (named(removal.removed), named(removal.left), removal.failures) == ((), (), ())


@pytest.mark.parametrize("client", [("docker",), ("podman", "--url", "unix:///x.sock"), ("ssh", "build1", "docker")])
def test_a_failed_removal_is_told_with_the_command_that_finishes_it_by_hand(client: tuple[str, ...]) -> None:
    engine = FakeEngine(client=client, failing={"remove": [EngineError("device busy", details=[("it said", "busy")])]})
    session = started(engine, "brave-otter")
    removal = session.finish()
    [failure] = removal.failures
    assert isinstance(failure, RemovalFailed)
    assert "brave-otter" in failure.brief
    assert failure.details == (("it said", "busy"),)
    assert advice_of(failure) == (f"{' '.join(client)} rm -f brave-otter",)
    assert named(removal.left) == ("container brave-otter",)


def test_an_engine_that_is_restarted_while_it_removes_is_asked_again() -> None:
    engine = FakeEngine(failing={"remove": [EngineError("cut")], "containers": [EngineError("refused")] * 3})
    session = started(engine, "brave-otter")
    removal = session.finish()
    assert (named(removal.removed), named(removal.left), removal.failures) == (("container brave-otter",), (), ())


@pytest.mark.parametrize("answer", [EngineTimeout("no answer"), Denied("not allowed")])
def test_an_engine_that_hangs_or_refuses_while_it_removes_is_not_waited_for(answer: EngineError) -> None:
    engine = FakeEngine(failing={"remove": [EngineError("cut")], "containers": [answer] * 2})
    session = started(engine, "brave-otter")
    removal = session.finish()
    assert (named(removal.left), removal.is_known) == (("container brave-otter",), False)
    assert engine.calls.count("remove") == 1


def test_a_failed_removal_does_not_hide_the_first_error() -> None:
    engine = FakeEngine(failing={"start": [Denied("the first")], "remove": [EngineError("the second")]})
    session = started(engine)

    def use() -> None:
        try:
            _ = session.container
        finally:
            assert session.finish().failures

    with pytest.raises(Denied, match="the first"):
        use()


def test_an_engine_that_goes_away_while_cleaning_up_is_told_and_never_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sandbox.lifecycle.session.RETURN_LIMIT", 0.01)
    gone: list[BaseException] = [EngineError("gone")]
    engine = FakeEngine(failing={"remove": [*gone], "containers": gone * 20})
    session = started(engine)
    removal = session.finish()
    assert named(removal.left) == (f"container {session.name}",)
    assert len(removal.failures) == 2


def test_nothing_is_left_only_where_the_engine_says_so() -> None:
    silent = started(FakeEngine(failing={"containers": [EngineError("gone")]}), "brave-otter").finish()
    assert (named(silent.removed), named(silent.left)) == (("container brave-otter",), ())
    assert (silent.is_known, len(silent.failures)) == (False, 1)
    assert started(FakeEngine()).finish().is_known


def test_cleaning_up_has_a_limit_and_says_what_to_type() -> None:
    release = threading.Event()

    class Stuck(FakeEngine):
        def remove(self, ident: str) -> bool:
            release.wait(60)
            return super().remove(ident)

    session = started(Stuck(), "brave-otter")
    removal = session.finish(limit=0.02)
    again = Background(session.finish)  # whoever began it asks, too, and does not wait as long once more
    assert again.wait(30)
    release.set()
    assert named(again.result().left) == named(removal.left) == ("container brave-otter",)
    assert advice_of(removal.failures[0]) == ("docker rm -f brave-otter",)


def test_a_close_while_the_engine_creates_waits_for_it_and_never_starts_it() -> None:
    creating, release = threading.Event(), threading.Event()

    class Slow(FakeEngine):
        def create(self, spec: ContainerSpec) -> str:
            creating.set()
            release.wait(60)
            return super().create(spec)

    engine = Slow()
    session = started(engine)
    assert creating.wait(LONG)
    task = session.close()
    release.set()
    assert task.result().left == ()
    assert engine.containers_known == []
    assert "start" not in engine.calls


def test_what_pid_1_wrote_can_be_read() -> None:
    session = started(FakeEngine(said=b"promote\n"))
    assert session.container
    assert session.pid1_output() == "promote\n"
    assert session.pid1_output() == ""
    assert Session(FakeEngine(), OWNER, version="1").pid1_output() == ""


def test_a_task_gives_its_result_or_its_error() -> None:
    def fail() -> int:
        raise Denied("no")

    assert Background(lambda: 7).result() == 7
    with pytest.raises(Denied):
        Background(fail).result()


US = current_owner()


def left(owner: Owner, state: State = "exited", kind: str = "session") -> Container:
    found = {**labels.session_labels(owner, session="s", name="n", version="1"), labels.KIND: kind}
    return Container(id="i", name="n", state=state, image="x", labels=found, created=0.0)


def named(found: Iterable[EngineObject]) -> tuple[str, ...]:
    return tuple(f"{one.kind} {one.name}" for one in found)


def swept(engine: FakeEngine) -> tuple[str, ...]:
    return named(sweep(engine, US))


DEAD = replace(US, started=US.started + 1)


@pytest.mark.parametrize("state", ["created", "exited", "dead"])
def test_what_a_dead_session_left_is_swept(state: State) -> None:
    engine = FakeEngine(containers_known=[left(DEAD, state)])
    assert orphaned_containers(engine, US) == (("i", "n"),)
    assert swept(engine) == ("container n",)
    assert engine.containers_known == []


def test_a_sandbox_that_boots_is_never_begun_ahead_of_a_command_line_that_may_not_ask_for_its_power() -> None:
    class Starting(FakeEngine):
        def head_start(self, spec: ContainerSpec) -> HeadStart | None:
            return HeadStart("unix:///x", "/x", Creation("", spec.image), "")

    def begun(more: Mapping[str, str]) -> HeadStart | None:
        session = Session(Starting(), US, version="1")
        session.start(lambda name, found: make(name, {**found, **more}))
        assert session.container
        found = session.head_start(None)
        session.finish()
        return found

    assert begun({}) is not None
    assert begun({labels.INIT: labels.POWER}) is None


def test_a_boot_runs_on_without_its_owner_only_where_root_in_it_did_away_with_its_end_so_it_is_swept() -> None:
    def booted(owner: Owner) -> Container:
        found = left(owner, "running")
        return replace(found, labels={**found.labels, labels.INIT: labels.PLAIN})

    assert swept(FakeEngine(containers_known=[booted(DEAD)])) == ("container n",)
    assert swept(FakeEngine(containers_known=[booted(US)])) == ()


SPARED = {
    "a running one": left(DEAD, "running"),
    "one being removed": left(DEAD, "removing"),
    "another host's": left(replace(DEAD, host="other")),
    "another user's": left(replace(DEAD, uid=US.uid + 1)),
    "one in another pid namespace": left(replace(DEAD, pid_namespace="1")),
    "a live owner's": left(US),
    "a kept one": left(DEAD, kind="kept"),
    "another program's": replace(left(DEAD), labels={}),
    "one with damaged labels": replace(left(DEAD), labels={**left(DEAD).labels, labels.OWNER: "x:y"}),
}


@pytest.mark.parametrize("found", SPARED.values(), ids=SPARED)
def test_a_sweep_spares(found: Container) -> None:
    engine = FakeEngine(containers_known=[found], files={HANDED_OVER: b""})
    assert sweep(engine, US) == ()
    assert engine.containers_known == [found]


@pytest.mark.parametrize(
    "found",
    [
        left(DEAD, kind="kept"),
        left(DEAD, kind="detached"),
        replace(left(US, "running", kind="kept"), labels={**left(US, kind="kept").labels, labels.EXPIRES: "1"}),
    ],
    ids=["a kept one that was never handed over", "a detached one likewise", "one whose time is up"],
)
def test_a_sweep_takes_of_those_that_stay(found: Container) -> None:
    assert swept(FakeEngine(containers_known=[found])) == (f"container {found.name}",)


@pytest.mark.parametrize(("life", "stops"), [("kept", 1), ("detached", 0)])
def test_what_was_handed_over_is_left_behind(life: Life, stops: int) -> None:
    engine = FakeEngine()
    session = Session(engine, US, version="1", name="box", life=life, expires=99)
    session.start(make)
    session.detach_lifetime("exec true\n")
    removal = session.finish()
    assert (named(removal.kept), named(removal.removed), removal.failures) == (("container box",), (), ())
    assert engine.read_file("box", HANDED_OVER, limit=99) == b"exec true\n"
    assert engine.calls.count("stop") == stops
    assert "remove" not in engine.calls
    assert engine.containers_known[0].labels[labels.EXPIRES] == "99"


def test_one_that_was_to_stay_but_was_not_handed_over_is_removed() -> None:
    engine = FakeEngine()
    session = Session(engine, US, version="1", name="box", life="kept")
    session.start(make)
    assert named(session.finish().removed) == ("container box",)
    assert engine.containers_known == []


@pytest.mark.parametrize("error", [EngineError("busy"), Conflict("removal already in progress")])
def test_a_sweep_that_meets_another_goes_on(error: SandboxError) -> None:
    rows = [replace(left(DEAD), id=name, name=name) for name in ("first", "second")]
    engine = FakeEngine(containers_known=rows, failing={"remove": [error]})
    assert swept(engine) == ("container second",)


def built(owner: Owner, session: str = "s") -> Image:
    return Image(id="sha256:1", labels=labels.session_labels(owner, session=session, name="n", version="1"))


def test_an_image_of_a_dead_session_is_swept() -> None:
    engine = FakeEngine(images_known=[built(DEAD)], containers_known=[left(DEAD)])
    assert orphaned_images(engine, US) == (("sha256:1", "1"),)
    assert swept(engine) == ("container n", "image 1")
    assert engine.images_known == []


def test_an_image_that_a_sandbox_was_made_of_stays_as_long_as_that_one() -> None:
    kept = left(DEAD, kind="kept")
    engine = FakeEngine(images_known=[built(DEAD)], containers_known=[kept], files={HANDED_OVER: b""})
    assert sweep(engine, US) == ()
    engine.containers_known = []
    assert swept(engine) == ("image 1",)


@pytest.mark.parametrize("owner", [US, replace(DEAD, host="other"), replace(DEAD, uid=US.uid + 1)])
def test_a_sweep_spares_images_of_others_and_of_the_living(owner: Owner) -> None:
    engine = FakeEngine(images_known=[built(owner), replace(built(DEAD, session=""), id="sha256:cached")])
    assert sweep(engine, US) == ()
    assert len(engine.images_known) == 2


def test_what_was_said_on_a_lifeline_that_is_closed_is_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(_self: object, _flag: bool, /) -> None:
        raise OSError(9, "Bad file descriptor")

    monkeypatch.setattr(FakeConnection, "setblocking", closed)
    assert started(FakeEngine(said=b"promote\n")).pid1_output() == ""


def test_a_sweep_asks_an_engine_for_its_images_once() -> None:
    engine = FakeEngine(images_known=[built(DEAD)])
    assert sweep(engine, US)
    assert engine.calls.count("images") == 1


def test_a_nameless_image_of_our_cache_is_left_over_once_it_is_surely_saved() -> None:
    ours = {labels.KIND: "cache", labels.HOST: US.host, labels.USER: str(US.uid)}
    rows = [
        Image(id="sha256:1", labels=ours, created=1.0),
        Image(id="sha256:2", labels=ours, created=1.0, tags=("sandbox-cache/index:a",)),
        Image(id="sha256:3", labels=ours, created=time.time()),
        Image(id="sha256:4", labels={**ours, labels.USER: "4242"}, created=1.0),
    ]
    assert orphaned_images(FakeEngine(images_known=rows), US) == (("sha256:1", "1"),)


def test_a_nameless_image_of_our_cache_goes_at_once_where_who_saved_it_has_died() -> None:
    def saved(ident: str, saver: Owner, *tags: str) -> Image:
        found = labels.saved_labels("cache", saver, version="1", extra={})
        return Image(id=f"sha256:{ident}", labels=found, created=time.time(), tags=tags)

    rows = [
        saved("1", DEAD),
        saved("2", US),
        saved("3", DEAD, "sandbox-cache/index:a"),
        saved("4", replace(DEAD, uid=1)),
    ]
    engine = FakeEngine(images_known=rows)
    assert swept(engine) == ("image 1",)
    assert [row.id for row in engine.images_known] == ["sha256:2", "sha256:3", "sha256:4"]


def test_a_container_beside_it_that_a_signal_cut_short_goes_too() -> None:
    begun, release = threading.Event(), threading.Event()

    class Slow(FakeEngine):
        def create(self, spec: ContainerSpec) -> str:
            begun.set()
            release.wait(10)
            return super().create(spec)

    engine = Slow()
    session = Session(engine, OWNER, version="1")
    asking = Background(lambda: session.create_helper(make))
    assert begun.wait(10)
    removal = session.close()
    assert not removal.wait(0.1)
    release.set()
    assert (removal.result().left, engine.containers_known) == ((), [])
    assert asking.wait(10)
    with pytest.raises(EngineError, match="is being removed"):
        session.create_helper(make)


def test_a_sweep_beside_other_work_that_the_engine_refuses_took_nothing(tmp_path: Path) -> None:
    engine = FakeEngine(failing={"containers": [EngineError("gone")], "images": [EngineError("gone")]})
    assert Sweep(engine, US, tmp_path).result() == ()


def test_after_a_build_that_was_cut_off_the_engine_is_asked_until_it_was_quiet_and_no_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sandbox.lifecycle.session.BUILD_PAUSE", 0)

    def cut_off(_reference: str, _labels: Mapping[str, str]) -> Image:
        raise KeyboardInterrupt

    engine = FakeEngine()
    session = Session(engine, OWNER, version="1")
    with pytest.raises(KeyboardInterrupt):
        session.build(cut_off)
    assert session.finish().left == ()
    assert QUIET_ROUNDS < engine.calls.count("containers") < BUILD_ROUNDS


def test_images_that_the_engine_still_uses_for_a_build_that_was_cut_off_are_a_failure_with_the_next_step(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sandbox.lifecycle.session.BUILD_PAUSE", 0)

    class Busy(FakeEngine):
        def remove_image(self, reference: str) -> bool:
            raise Conflict(f"{reference} is in use")

    engine = Busy()
    session = Session(engine, OWNER, version="1")

    def cut_off(_reference: str, found: Mapping[str, str]) -> Image:
        engine.images_known.append(Image(id="sha256:1", labels=found, created=0.0))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        session.build(cut_off)
    removal = session.finish()
    assert [found.kind for found in removal.left] == ["image"]
    (failure,) = removal.failures
    assert failure.brief.endswith("the engine is busy with the build")
    assert advice_of(failure) == ("sandbox clean, once that has ended",)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")  # of Python 3.12, with threads
def test_a_forked_child_removes_nothing_of_its_parents() -> None:
    engine = FakeEngine()
    session = started(engine)
    assert session.container
    pid = os.fork()
    if not pid:
        removal = session.finish()
        os._exit(bool(removal.removed or removal.left or "remove" in engine.calls))
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert session.finish().removed


def test_a_session_takes_no_signal_handler() -> None:
    seen: list[bool] = []

    def handler(_number: int, _frame: object) -> None: ...

    class Watching(FakeEngine):
        def create(self, spec: ContainerSpec) -> str:
            seen.append(signal.getsignal(signal.SIGTERM) is handler)
            return super().create(spec)

    before = signal.signal(signal.SIGTERM, handler)
    try:
        session = started(Watching())
        assert session.container
        session.create_helper(make)
        session.finish()
    finally:
        signal.signal(signal.SIGTERM, before)
    assert seen == [True, True]


def test_a_container_that_was_begun_ahead_and_answered_for_too_late_goes_with_the_session() -> None:
    engine = FakeEngine()
    session = started(engine, "brave-otter")
    late = Container(
        id="late", name="late-otter", state="created", image="base", labels=session.labels(), created=time.time()
    )
    engine.containers_known.append(late)
    removal = session.finish()
    assert (named(removal.left), removal.failures, engine.containers_known) == ((), (), [])


def test_a_container_that_was_begun_ahead_and_is_not_what_is_wanted_is_removed() -> None:
    class Ahead(Begun):
        is_removed = False

        def abandon(self) -> None:
            self.is_removed = True

    plan = HeadStart("unix:///x", "/x", Creation("/containers/create?name=x", "{}"), "")
    begun = Ahead(plan, name="brave-otter", session="s1")
    session = Session(FakeEngine(), OWNER, version="1", begun=begun)
    session.start(make)
    assert session.container == "id-of-brave-otter"
    assert begun.is_removed


@pytest.mark.parametrize("goes", [True, False])
def test_only_a_container_that_its_engine_removes_at_its_end_is_removed_by_that(goes: bool) -> None:
    def made(name: str, found: Mapping[str, str]) -> ContainerSpec:
        return replace(make(name, found), auto_remove=goes)

    engine = FakeEngine()
    session = Session(engine, OWNER, version="1")
    session.start(made)
    assert session.container
    assert session.close().result().left == ()
    assert ("remove_by_end" in engine.calls) is goes
