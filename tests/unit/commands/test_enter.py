"""A command in a sandbox that is there: its status, what the sandbox does since, and what is said where it died."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace
from tests.unit.fakes import FakeConnection, FakeExec, FakeReporter
from tests.unit.fakes.debian import Debian, debian_engine
from tests.unit.fakes.host import host_in, request_for

from sandbox.commands.enter import Exit, enter
from sandbox.commands.try_ import try_packages
from sandbox.container.attach import OVER
from sandbox.core.signals import Guard
from sandbox.engine.labels import FOLDER
from sandbox.errors import Advice, Conflict, EngineError, Interrupted, NoEngine, NotFound, SandboxDied
from sandbox.lifecycle.listing import find_sandbox
from sandbox.specs.privileges import Trust

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.fakes import FakeEngine

    from sandbox.lifecycle.lifetimes import Life


ROOT = Trust()


class Kept:
    """A sandbox that stays, with htop in it, as `try` left it."""

    def __init__(self, folder: Path, life: Life = "kept", trust: Trust = ROOT) -> None:
        self.debian = Debian()
        self.debian.own["/home/$user"] = (0, b"try\n", b"")  # what adds a user says its name
        self.engine: FakeEngine = debian_engine(self.debian)
        self.host, self.guard = host_in(folder), Guard()
        request = request_for("htop", command=("sleep", "1"), life=life, name="mine", trust=trust)
        try_packages(
            request, self.host, engine=self.engine, reporter=FakeReporter(), guard=Guard(), offer=lambda _: None
        )
        self.engine.ran.clear()

    def enter(self, *command: str, **given: Any) -> Exit:
        found = find_sandbox(self.engine, self.host.owner, "mine")
        return enter(self.engine, self.host, found, command=command, terminal=False, guard=self.guard, **given)

    @property
    def state(self) -> str:
        row = self.engine.container("mine")
        return row.state if row else "gone"


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path)


@pytest.fixture
def detached(tmp_path: Path) -> Kept:
    return Kept(tmp_path, "detached")


def test_a_command_in_a_stopped_one_starts_it_and_stops_it_again(kept: Kept, capfd: pytest.CaptureFixture[str]) -> None:
    kept.debian.own["ls /"] = (3, b"bin\n", b"wrong\n")
    left = kept.enter("ls", "/")
    assert (left.status, left.state, kept.state) == (3, "stopped", "exited")
    assert capfd.readouterr() == ("bin\n", "wrong\n")


@pytest.mark.parametrize(
    ("trust", "said", "user"),
    [
        (Trust(), "", ""),
        (Trust(as_user=True), "new", "try"),
        (Trust(as_user=True, user=("1234", "7")), "1234:7", "try"),
        (Trust(as_user=True, user=("1000", "1000"), is_caller=True), "host", "try" if os.getuid() else ""),
        (Trust(as_user=True, user=("0",)), "0", ""),
    ],
)
def test_one_is_entered_as_the_user_that_it_was_kept_with(tmp_path: Path, trust: Trust, said: str, user: str) -> None:
    kept = Kept(tmp_path, trust=trust)
    assert find_sandbox(kept.engine, kept.host.owner, "mine").user == said
    kept.enter("ls", "/")
    assert [spec.user for spec in kept.engine.ran if spec.argv[-2:] == ("ls", "/")] == [user]


def test_one_that_somebody_else_is_in_runs_on(kept: Kept) -> None:
    kept.engine.start("mine")
    kept.engine.inside(kept.engine.containers_known[0].id).execs.append(
        FakeExec(FakeConnection(), ident="another", is_running=True)
    )
    assert kept.enter("true").state == "runs on"


def test_one_that_is_detached_runs_on(detached: Kept) -> None:
    assert detached.enter("true").state == "runs on"


def test_what_was_installed_by_a_command_is_in_the_journal(kept: Kept) -> None:
    left = kept.enter("apt-get", "install", "jq")
    assert left.record is not None
    assert [(row.name, row.origin) for row in left.record.packages] == [("htop", "asked"), ("jq", "by-hand")]
    assert kept.host.journal.records()[0] == left.record


def test_where_nothing_came_the_record_is_as_it_was(kept: Kept) -> None:
    before = kept.host.journal.records()
    assert kept.enter("true").record == before[0]
    assert kept.host.journal.records() == before


@pytest.mark.parametrize("life", ["kept", "detached"])
def test_one_that_dies_under_a_command_is_said_with_its_name_and_where_its_output_is(
    tmp_path: Path, life: Life
) -> None:
    box = Kept(tmp_path, life)
    box.debian.on["ls /"] = lambda inside: box.engine.kill(inside.ident, status=143, signals=(15,))
    with pytest.raises(SandboxDied) as caught:
        box.enter("ls", "/")
    assert "mine ended while it was in use: another client" in caught.value.brief
    assert Advice.sandbox("list", "-a") in caught.value.hints
    assert (Advice.sandbox("logs", "mine") in caught.value.hints) == (life == "detached")


def test_one_that_ends_as_soon_as_it_is_started_is_said_to_have_died(detached: Kept) -> None:
    detached.engine.failing["open"] = [Conflict("container mine is not running")]
    detached.engine.kill("mine", status=1)
    detached.engine.failing["start"] = []
    detached.debian.own["/.sandbox-start"] = (1, b"", b"")
    with pytest.raises(SandboxDied, match="its main command ended with status 1"):
        detached.enter("true")


def test_an_engine_that_refuses_in_a_running_one_is_said_as_it_is(kept: Kept) -> None:
    kept.engine.failing["open"] = [EngineError("no more memory for that")]
    with pytest.raises(EngineError, match="no more memory"):
        kept.enter("true")


def test_one_that_is_removed_while_it_is_used_is_gone(kept: Kept) -> None:
    kept.engine.failing["stop"] = [NotFound("no such container")]
    assert kept.enter("true").status == 0


def test_an_engine_that_is_lost_at_the_end_costs_the_look_back_and_is_said(detached: Kept) -> None:
    detached.engine.failing["container"] = [NoEngine("the engine went away")] * 2
    with pytest.raises(NoEngine):
        detached.enter("true")


def test_a_signal_before_it_opens_runs_nothing(kept: Kept) -> None:
    kept.guard.signum = 15
    with pytest.raises(Interrupted):
        kept.enter("true")
    assert (kept.engine.ran, kept.state) == ([], "exited")


def test_a_signal_meanwhile_stops_a_kept_one_and_lets_its_watch_end_the_command(kept: Kept) -> None:
    def come(_inside: object) -> None:
        kept.guard.handle(15, None)

    kept.debian.on["ls /"] = come
    with pytest.raises(Interrupted):
        kept.enter("ls", "/")
    watch = kept.engine.execs[-2].stream
    assert (watch.sent, watch.write_closed, kept.state) == (OVER, True, "exited")


def test_a_distro_that_is_not_known_any_more_has_a_plain_shell(tmp_path: Path) -> None:
    box = Kept(tmp_path)
    rows = box.engine.containers_known
    labels = {key: "gone:1" if value == "debian:bookworm" else value for key, value in rows[0].labels.items()}
    rows[0] = type(rows[0])(
        **{**{name: getattr(rows[0], name) for name in rows[0].__struct_fields__}, "labels": labels}
    )
    box.enter()
    assert box.engine.ran[1].argv[-3:] == ("--shells", "bash", "sh")


def test_a_shell_starts_where_the_first_one_did(kept: Kept) -> None:
    engine = kept.engine
    engine.containers_known[:] = [
        replace(row, labels={**row.labels, FOLDER: "/etc"}) for row in engine.containers_known
    ]
    kept.enter("true")
    assert [spec.workdir for spec in engine.ran if "true" in spec.argv] == ["/etc"]
