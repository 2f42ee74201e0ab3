"""A trial as its user has it: what is there meanwhile, what is said, which status comes, and that nothing stays."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from tests.unit.advised import advice_of
from tests.unit.fakes import FakeEngine, FakeReporter
from tests.unit.fakes.debian import BASE, INSTALL, SURVEY, Deb, Debian, debian_engine, recorded
from tests.unit.fakes.host import host_in, request_for

from sandbox.commands.try_ import try_packages
from sandbox.core.signals import Guard
from sandbox.engine import labels
from sandbox.engine.protocol import Container, Ending
from sandbox.errors import (
    Advice,
    CheckFailed,
    Conflict,
    Denied,
    EngineError,
    Interrupted,
    NoEngine,
    PullFailed,
    RemovalFailed,
    SandboxDied,
    SandboxError,
    StepFailed,
    UnknownPackage,
    UsageError,
)
from sandbox.lifecycle.journal import Journal
from sandbox.lifecycle.lifetimes import HANDED_OVER, TIME_UP
from sandbox.lifecycle.scratch import SCRATCH
from sandbox.managers.apt import driver as apt
from sandbox.provision.image import stopped_container_spec
from sandbox.provision.plan import Terms
from sandbox.specs.model import Copy, Port, RunCheck
from sandbox.specs.privileges import Trust

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.fakes.inside import Inside

    from sandbox.lifecycle.lifetimes import Life
    from sandbox.promote.on_exit import ExitCapture
    from sandbox.provision.request import TryRequest, TryResult

COMMAND = ("echo", "hi")


class Trial:
    """A try of packages, with what came of it; `given` are fields of the request or its spec."""

    def __init__(self, folder: Path, debian: Debian | None = None, engine: FakeEngine | None = None) -> None:
        self.debian = debian or Debian()
        self.engine = engine or debian_engine(self.debian)
        self.host = host_in(folder)
        self.reporter, self.guard = FakeReporter(), Guard()
        self.left: ExitCapture | None = None

    def run(self, *packages: str, **given: Any) -> TryResult:
        given.setdefault("command", COMMAND)
        return self.run_request(request_for(*packages, **given))

    def run_request(self, request: TryRequest, offer: Callable[[ExitCapture], Path | None] | None = None) -> TryResult:
        return try_packages(
            request,
            self.host,
            engine=self.engine,
            reporter=self.reporter,
            guard=self.guard,
            offer=offer or self.offer,
        )

    def offer(self, left: ExitCapture) -> None:
        self.left = left

    def fail(self, *packages: str, expected: type[BaseException] = SandboxError, **given: Any) -> Any:
        """Return the error that ends it; whatever it is, nothing is left, and a further signal would wait."""
        with pytest.raises(expected) as caught:
            self.run(*packages, **given)
        assert self.engine.containers_known == []
        assert self.guard.cleaning
        return caught.value


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(tmp_path)


def dies(trial: Trial, **given: Any) -> Callable[[Inside], None]:
    return lambda box: trial.engine.kill(box.ident, **given)


def test_the_status_is_the_commands_and_nothing_stays(trial: Trial, capfd: pytest.CaptureFixture[str]) -> None:
    trial.debian.own["echo hi"] = (7, b"out\n", b"wrong\n")
    result = trial.run("htop")
    assert (result.status, result.base_reference, result.recorded) == (7, "debian:bookworm", True)
    assert (trial.engine.containers_known, result.removal.left, result.removal.failures) == ([], (), ())
    assert capfd.readouterr() == ("out\n", "wrong\n")


def test_the_journal_has_what_was_asked_for_with_the_versions_that_came(trial: Trial) -> None:
    trial.run("htop", "jq")
    [record] = trial.host.journal.records()
    assert [(row.name, row.version) for row in record.packages] == [("htop", "3.2.2-2"), ("jq", "1.6-2")]
    assert (record.distro, record.release, record.lost) == ("debian", "bookworm", False)


@pytest.mark.parametrize(("life", "is_unsynced"), [("session", True), ("kept", False)])
def test_what_dpkg_waits_for_is_in_memory_in_a_sandbox_that_goes_alone(
    trial: Trial, life: Life, *, is_unsynced: bool
) -> None:
    trial.run("htop", life=life)
    (spec,) = trial.engine.created
    assert set(spec.tmpfs) == {SCRATCH, *apt.unsynced_folders * is_unsynced}


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ("2.6-unknown-two.txt", UnknownPackage, "has none of nope1, nope2"),
        ("2.6-postinst.txt", StepFailed, "script"),
        ("2.6-disk-full.txt", StepFailed, "disk"),
        ("2.6-no-name-server.txt", StepFailed, "network"),
    ],
)
def test_a_step_that_fails_is_said_with_its_cause_and_nothing_stays(
    trial: Trial, said: str, kind: type[StepFailed], words: str
) -> None:
    trial.debian.fails["install"] = (100, recorded(said))
    error = trial.fail("htop", expected=kind)
    assert error.exit_code == 4
    assert words in f"{error.brief} {error.cause}"
    assert trial.host.journal.records() == ()


@pytest.mark.parametrize("life", ["session", "kept"])
def test_what_came_is_seen_by_the_command_of_the_install(trial: Trial, life: Life) -> None:
    trial.run("htop", life=life)
    alone = [line for line in trial.debian.asked if line.startswith(f"/bin/sh -c {SURVEY}")]
    assert len(alone) == 1  # of the base
    assert [" install " in line for line in trial.debian.asked if INSTALL in line] == [True]


@pytest.mark.parametrize("method", ["create", "attach", "start"])
def test_a_sandbox_that_can_not_be_born_leaves_nothing(trial: Trial, method: str) -> None:
    trial.engine.failing[method] = [Denied("the engine does not allow it")]
    assert trial.fail("htop", expected=Denied).brief == "the engine does not allow it"


def test_a_base_that_can_not_be_pulled_creates_nothing(trial: Trial) -> None:
    trial.engine.images_known.clear()
    trial.engine.failing["pull"] = [PullFailed("no network")]
    error = trial.fail("htop", expected=PullFailed)
    assert Advice.sandbox("base", "build", "debian:bookworm") in error.hints
    assert trial.engine.created == []


def test_a_base_that_goes_just_before_the_start_is_pulled_again(trial: Trial) -> None:
    image = trial.engine.images_known[0]

    def lose(name: str) -> None:
        if name == "create" and trial.engine.calls.count("create") == 0:
            trial.engine.images_known.remove(image)
        FakeEngine.call(trial.engine, name)

    trial.engine.call = lose  # type: ignore[method-assign]
    with pytest.raises(SandboxError):
        trial.run("htop")
    assert trial.engine.calls.count("pull") == 1
    assert trial.engine.containers_known == []


def test_a_name_that_is_taken_is_refused_before_anything_is_done(trial: Trial) -> None:
    other = trial.engine.create(stopped_container_spec(BASE, "mine", {}))
    with pytest.raises(UsageError, match="already a container named mine"):
        trial.run("htop", name="mine")
    assert [row.id for row in trial.engine.containers_known] == [other]
    assert "pull" not in trial.engine.calls


def test_a_name_that_is_taken_meanwhile_is_refused_and_the_other_one_stays(trial: Trial) -> None:
    trial.engine.failing["create"] = [Conflict("taken")]
    trial.fail("htop", name="mine", expected=UsageError)


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        ({"status": 137, "signals": (9,)}, "another client of the engine stopped or removed it"),
        ({"status": 0}, "lost the connection to the engine"),
        ({"status": 143}, "a process in the sandbox killed its processes"),
    ],
)
@pytest.mark.parametrize("moment", ["install", "echo hi"])
def test_a_sandbox_that_dies_under_it_is_said_with_the_reason(
    trial: Trial, moment: str, ending: dict[str, Any], words: str
) -> None:
    trial.debian.on[moment] = dies(trial, **ending)
    error = trial.fail("htop", expected=SandboxDied)
    assert words in error.brief
    assert ("removed", "") not in trial.reporter.told


def test_where_the_sandbox_died_with_what_was_added_by_hand_that_is_said(trial: Trial) -> None:
    trial.debian.on["echo hi"] = dies(trial)
    trial.fail("htop", promote=trial.host.state_folder / "out.sh", expected=SandboxDied)
    assert any("what you added by hand is lost" in text for text in trial.reporter.warnings)


def test_an_engine_that_is_lost_is_said_with_the_command_that_finishes_it(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.lifecycle.session.RETURN_LIMIT", 0.01)
    gone = NoEngine("the engine went away")
    trial.engine.failing.update(open=[gone], remove=[gone], containers=[gone] * 20)
    with pytest.raises(NoEngine):
        trial.run("htop")
    name = trial.engine.created[0].name
    assert any(f"{name} could not be removed" in text for text in trial.reporter.warnings)


def test_a_removal_that_fails_is_a_warning_and_says_what_is_left(trial: Trial) -> None:
    trial.engine.failing["remove"] = [EngineError("device or resource busy")]
    result = trial.run("htop")
    [failure] = result.removal.failures
    assert isinstance(failure, RemovalFailed)
    assert [row.name for row in result.removal.left] == [trial.engine.created[0].name]
    assert result.status == 0


@pytest.mark.parametrize("moment", ["create", "open"])
def test_a_signal_ends_it_with_its_own_status_and_nothing_stays(trial: Trial, moment: str) -> None:
    trial.engine.failing[moment] = [Interrupted(15)]
    assert trial.fail("htop", expected=Interrupted).status == 143
    trial.guard.handle(15, None)  # a second one changes nothing


def test_an_engine_that_answers_nothing_any_more_does_not_hold_a_signal_up(
    trial: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.commands.try_.LEAVE_PATIENCE", 0.1)
    is_over = threading.Event()

    def come(_box: Inside) -> None:
        monkeypatch.setattr(trial.engine, "stamp", lambda *_: is_over.wait(60) and None)
        raise Interrupted(15)

    trial.debian.on["echo hi"] = come
    assert trial.fail("htop", expected=Interrupted).status == 143
    is_over.set()
    assert any("the engine did not answer" in text for text in trial.reporter.warnings)


def test_a_signal_that_came_before_the_hand_over_ends_it_there(trial: Trial) -> None:
    def come(_box: Inside) -> None:
        trial.guard.signum = 2

    trial.debian.on["install"] = come
    assert trial.fail("htop", expected=Interrupted).status == 130
    assert not any("echo" in line for line in trial.debian.asked)


def test_a_journal_that_can_not_be_written_is_said_once_and_ends_nothing(tmp_path: Path) -> None:
    trial = Trial(tmp_path)
    (tmp_path / "file").write_text("")
    trial.host = host_in(tmp_path, journal=Journal(tmp_path / "file" / "journal.jsonl"))
    result = trial.run("htop", promote=tmp_path / "out.sh")
    assert (result.status, result.recorded) == (0, False)
    [warning] = trial.reporter.warnings
    assert "journal" in warning


def test_what_was_installed_by_hand_is_in_the_record(trial: Trial) -> None:
    trial.run("htop", command=("apt-get", "install", "jq"), promote=trial.host.state_folder / "out.sh")
    assert trial.left is not None
    found = [(row.name, row.origin) for row in trial.left.whole().packages]
    assert found == [("htop", "asked"), ("jq", "by-hand")]
    assert trial.host.journal.records()[0].packages == trial.left.whole().packages


def test_what_promote_offers_is_written_and_a_failing_offer_leaves_nothing(trial: Trial) -> None:
    place = trial.host.state_folder / "out.sh"
    assert trial.run_request(request_for("htop", command=COMMAND), lambda _: place).promoted == place

    def refuse(_left: ExitCapture) -> Path:
        raise SandboxError("the disk is full")

    with pytest.raises(SandboxError, match="disk is full"):
        trial.run_request(request_for("htop", command=COMMAND), refuse)
    assert trial.engine.containers_known == []
    assert trial.reporter.told[-1][0].strip() == "removed"


def test_a_promote_that_was_typed_inside_is_asked_for(trial: Trial) -> None:
    trial.engine.said = b"promote\n"
    trial.run("htop")
    assert trial.left is not None
    assert trial.left.marked


def test_one_that_is_kept_stops_and_stays(trial: Trial) -> None:
    begun = time.time()
    result = trial.run("htop", life="kept", lifetime=600)
    [row] = trial.engine.containers_known
    assert (row.state, [found.name for found in result.removal.kept]) == ("exited", [row.name])
    assert result.removal.expires is not None
    assert result.removal.expires >= begun + 600
    assert trial.engine.read_file(row.id, HANDED_OVER, limit=9) == b""


def test_one_that_was_to_stay_but_failed_before_is_gone(trial: Trial) -> None:
    trial.debian.fails["install"] = (100, recorded("2.6-unmet.txt"))
    trial.fail("htop", life="kept", expected=StepFailed)


def test_one_that_is_detached_runs_its_service_and_says_what_answers(trial: Trial) -> None:
    trial.debian.listens = (80,)
    result = trial.run("nginx", life="detached", command=(), ports=(Port(container=80, published=8080),))
    [row] = trial.engine.containers_known
    assert (row.state, result.status) == ("running", 0)
    content = trial.engine.read_file(row.id, HANDED_OVER, limit=10_000)
    assert content is not None
    assert b"/usr/sbin/nginx" in content
    assert any("127.0.0.1:8080" in text for _, text in trial.reporter.told)


def test_one_that_is_detached_and_ends_at_once_says_so(trial: Trial) -> None:
    trial.debian.own[HANDED_OVER] = (127, b"", b"no such command\n")
    trial.run("htop", life="detached", command=("nope",))
    [row] = trial.engine.containers_known
    assert row.state == "exited"
    assert any("ended" in text for _, text in trial.reporter.told)


def test_where_its_time_was_up_that_is_what_is_said(trial: Trial) -> None:
    trial.engine.ended_so = Ending(status=TIME_UP)
    trial.debian.on["echo hi"] = dies(trial)
    with pytest.raises(SandboxDied, match="its time was up"):
        trial.run("htop", life="kept", lifetime=-1)


def test_a_check_that_fails_is_told_and_the_command_runs_all_the_same(trial: Trial) -> None:
    trial.debian.fails["htop --check"] = (1, b"no\n")
    result = trial.run("htop", checks=(RunCheck(run="htop --check"),))
    assert isinstance(result.failed, CheckFailed)
    assert result.status == 0
    assert any("echo hi" in line for line in trial.debian.asked)


def test_offline_has_no_network_when_the_command_runs(trial: Trial) -> None:
    trial.debian.interfaces = ("lo", "eth0")
    connected: list[bool] = []
    trial.debian.on["echo hi"] = lambda box: connected.append(box.is_connected)
    trial.run("htop", network="offline")
    assert connected == [False]


@pytest.mark.parametrize("failure", ["the engine refuses", "an interface stays"])
def test_a_network_that_can_not_be_cut_ends_it_before_the_command(trial: Trial, failure: str) -> None:
    if failure == "the engine refuses":
        trial.engine.failing["disconnect"] = [EngineError(failure)]
    else:
        trial.debian.own["/proc/net/dev"] = (0, b"lo: 0 0\neth0: 0 0\n", b"")
    trial.fail("htop", network="offline", expected=EngineError)
    assert not any("echo hi" in line for line in trial.debian.asked)


def test_a_cached_state_is_there_the_next_time_without_a_step(tmp_path: Path) -> None:
    first = Trial(tmp_path)
    first.run("htop", terms=Terms(cached=True))
    saved = [row for row in first.engine.images_known if row.tags[0].startswith("sandbox-cache/")]
    assert len(saved) == 2
    first.engine.images_known[:] = [
        replace(row, created=time.time()) if row in saved else row for row in first.engine.images_known
    ]
    first.debian.asked.clear()
    result = first.run("htop", terms=Terms(cached=True))
    assert result.status == 0
    assert not any("apt-get" in line for line in first.debian.asked)
    assert [row.name for row in first.host.journal.records()[0].packages] == ["htop"]


def test_a_cache_that_can_not_be_written_costs_a_warning(trial: Trial) -> None:
    full = EngineError("could not save", details=[("it said", "no space left on device")])
    trial.engine.failing["commit"] = [full, full]
    assert trial.run("htop", terms=Terms(cached=True)).status == 0
    assert [text.partition(":")[0] for text in trial.reporter.warnings] == ["the cache could not save it"] * 2
    assert ("title", "not saved") in trial.reporter.told


@pytest.mark.parametrize("problem", [None, Conflict("in use"), EngineError("busy")])
def test_without_a_trace_what_was_pulled_goes_too(trial: Trial, problem: EngineError | None) -> None:
    trial.engine.images_known.clear()
    trial.engine.failing["remove_image"] = [problem] if problem else []
    trial.host = host_in(trial.host.state_folder, no_trace=True)
    result = trial.run(no_trace=True)
    assert result.base_removed == (problem is None)
    assert len(trial.engine.images_known) == (problem is not None)
    assert bool(trial.reporter.warnings) == (type(problem) is EngineError)


def test_a_command_killed_for_memory_is_told_what_it_takes(trial: Trial) -> None:
    trial.debian.own["cat /dev/sandbox/kills"] = (0, b"oom_kill 0\noom_kill 1\n", b"")
    trial.debian.own["echo hi"] = (137, b"", b"")
    assert trial.run("htop").status == 137
    assert any("memory" in text for text in trial.reporter.warnings)


@pytest.mark.parametrize(("answer", "is_there"), [((0, b"try\n", b""), True), ((1, b"", b""), False)])
def test_another_user_is_made_or_the_command_does_not_run(trial: Trial, answer: Any, is_there: bool) -> None:
    trial.debian.own["/home/$user"] = answer
    if is_there:
        assert trial.run("htop", trust=Trust(as_user=True)).status == 0
        assert trial.engine.ran[-1].user == "try" or any(spec.user == "try" for spec in trial.engine.ran)
    else:
        trial.fail("htop", trust=Trust(as_user=True), expected=EngineError)


def test_files_of_this_host_are_copied_in(trial: Trial, tmp_path: Path) -> None:
    (tmp_path / "own").write_text("mine\n")
    copies = (
        Copy(source=str(tmp_path / "own"), target="/etc"),
        Copy(source=str(tmp_path / "own"), target="/etc/other"),
    )
    trial.run("htop", copies=copies, life="kept")
    [row] = trial.engine.containers_known
    assert [trial.engine.read_file(row.id, f"/etc/{name}", limit=9) for name in ("own", "other")] == [b"mine\n"] * 2


def test_a_copy_into_no_folder_says_how_it_is_made(trial: Trial, tmp_path: Path) -> None:
    (tmp_path / "own").touch()
    error = trial.fail("htop", copies=(Copy(source=str(tmp_path / "own"), target="/no/such"),), expected=UsageError)
    assert error.brief == "the sandbox has no folder /no"
    assert "--setup 'mkdir -p /no'" in advice_of(error)[0]


def test_what_a_dead_session_left_goes_meanwhile(trial: Trial) -> None:
    dead = replace(trial.host.owner, started=trial.host.owner.started + 1)
    found = labels.session_labels(dead, session="s", name="n", version="1", kind="session")
    left = Container(id="i", name="n", state="exited", image="x", labels=found, created=0.0)
    trial.engine.containers_known.append(left)
    assert [one.name for one in trial.run("htop").swept] == ["n"]
    assert trial.engine.containers_known == []


def test_one_that_is_detached_with_nothing_to_run_waits(trial: Trial) -> None:
    trial.run("htop", life="detached", command=())
    [row] = trial.engine.containers_known
    assert (row.state, trial.engine.read_file(row.id, HANDED_OVER, limit=9)) == ("running", b"")


def test_the_service_of_what_came_along_runs_where_the_packages_have_none(trial: Trial) -> None:
    trial.debian.archive = {**trial.debian.archive, "web": Deb("1", needs=("nginx",))}
    trial.run("web", life="detached", command=())
    content = trial.engine.read_file(trial.engine.containers_known[0].id, HANDED_OVER, limit=10_000)
    assert content is not None
    assert b"/usr/sbin/nginx" in content


def test_a_service_that_dies_while_its_port_is_waited_for_is_told(trial: Trial) -> None:
    trial.debian.on["/proc/net/tcp"] = dies(trial, status=1)
    trial.run("nginx", life="detached", command=(), ports=(Port(container=80, published=8080),))
    assert trial.engine.containers_known[0].state == "exited"
    assert any("ended" in text for _, text in trial.reporter.told)


def test_a_base_that_is_here_for_another_platform_is_pulled_for_the_one_asked_for(trial: Trial) -> None:
    trial.debian.own[" -c :"] = (0, b"", b"")
    trial.run(platform="linux/arm64")
    assert trial.engine.calls.count("pull") == 1
    assert trial.engine.created[0].platform == "linux/arm64"


def with_words(trial: Trial, **words: str) -> None:
    """Give the base what its Dockerfile could have said."""
    trial.engine.images_known[:] = [replace(row, **words) for row in trial.engine.images_known]


def starts_in(trial: Trial) -> list[str]:
    return [spec.workdir for spec in trial.engine.ran if "hi" in spec.argv]


def test_a_command_starts_where_the_users_image_says(trial: Trial) -> None:
    with_words(trial, workdir="/etc")
    trial.run("htop", image="debian:bookworm")
    assert starts_in(trial) == ["/etc"]
    assert {spec.workdir for spec in trial.engine.ran if "hi" not in spec.argv} == {""}
    assert trial.engine.created[-1].labels[labels.FOLDER] == "/etc"


def test_a_base_of_a_distro_says_nothing_of_where(trial: Trial) -> None:
    with_words(trial, workdir="/etc")
    trial.run("htop")
    assert starts_in(trial) == [""]


@pytest.mark.parametrize(("status", "folder"), [(0, "/missing"), (1, "")])
def test_the_folder_of_an_image_is_made_where_it_is_missing(trial: Trial, status: int, folder: str) -> None:
    trial.debian.own["mkdir -p -- /missing"] = (status, b"", b"")
    with_words(trial, workdir="/missing")
    trial.run("htop", image="debian:bookworm")
    assert starts_in(trial) == [folder]


def test_the_user_of_an_image_is_said_where_root_takes_its_place(trial: Trial) -> None:
    with_words(trial, user="web:web")
    trial.run("htop", image="debian:bookworm")
    assert ("  user", "root, though the image says USER web:web") in trial.reporter.told
    trial.reporter.told.clear()
    with_words(trial, user="0:0")
    trial.run("htop", image="debian:bookworm")
    assert not [row for row in trial.reporter.told if row[0] == "  user"]


def test_what_is_detached_starts_where_the_users_image_says(trial: Trial) -> None:
    with_words(trial, workdir="/etc")
    trial.run("htop", image="debian:bookworm", life="detached", command=("sleep", "9"))
    content = trial.engine.read_file(trial.engine.containers_known[0].id, HANDED_OVER, limit=10_000)
    assert content is not None
    assert content.endswith(b"cd -- /etc\nexec sleep 9\n")


@pytest.mark.parametrize("network", ["none", "host", "offline", "default"])
def test_without_a_network_of_its_own_a_sandbox_knows_its_name(trial: Trial, network: Any) -> None:
    trial.run("htop", network=network, name="otter")
    assert trial.engine.created[-1].hosts == ({} if network == "default" else {"otter": "127.0.0.1"})


@pytest.mark.parametrize(("network", "is_said"), [("default", True), ("offline", True), ("host", False)])
def test_a_proxy_that_no_install_can_reach_is_said_before_it(trial: Trial, network: Any, is_said: bool) -> None:
    trial.host = host_in(trial.host.state_folder, environ={"http_proxy": "http://127.0.0.1:3128"})
    trial.run("htop", network=network)
    said = [index for index, row in enumerate(trial.reporter.told) if row[0] == "warn" and "loopback" in row[1]]
    assert bool(said) == is_said
    assert all(("install", "htop") in trial.reporter.told[index:] for index in said)
    trial.reporter.told.clear()
    trial.run(network=network)
    assert not any("loopback" in text for _, text in trial.reporter.told)
