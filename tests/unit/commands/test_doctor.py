"""doctor: everything in force here in lines of ok, warning and problem, each with what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from msgspec.structs import replace
from tests.unit.fakes import FakeEngine

from sandbox.commands.doctor import Diagnosis, doctor, writable
from sandbox.distros.registry import DISTROS
from sandbox.engine import labels
from sandbox.engine.protocol import Container, EngineInfo, Image
from sandbox.engine.swarm import SwarmObject
from sandbox.errors import Advice, Denied, EngineTimeout, NoEngine, SandboxError
from sandbox.lifecycle.journal import Journal
from sandbox.lifecycle.owner import current_owner
from sandbox.provision.context import Context
from sandbox.report.advice import advice_text
from sandbox.specs.settings import KEYS, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

US = current_owner()
KINDS: Final = ("service", "config")


def host_in(folder: Path, environ: Mapping[str, str] | None = None, settings: Settings | None = None) -> Context:
    return Context(
        environ=environ or {},
        owner=US,
        settings=settings or Settings(),
        journal=Journal(folder / "state/journal.jsonl"),
        state_folder=folder / "state",
        version="1",
    )


def about(found: tuple[Diagnosis, ...], name: str) -> list[Diagnosis]:
    return [row for row in found if row.about == name]


def test_an_engine_is_described_with_its_bases(tmp_path: Path) -> None:
    engine = FakeEngine(images_known=[Image(id="1", tags=("debian:bookworm", "other:1")), Image(id="2")])
    found = doctor(lambda: engine, host_in(tmp_path), DISTROS, terminal=False)
    [line, *_] = about(found, "engine")
    assert line.text == "docker 28.2.2 (API 1.44) at unix:///fake.sock"
    assert about(found, "bases") == [Diagnosis(level="ok", about="bases", text="debian:bookworm")]
    assert about(found, "leftovers")[0].text == "none"


def test_what_a_dead_client_left_on_a_swarm_is_counted_too(tmp_path: Path) -> None:
    left = labels.session_labels(replace(US, started=US.started + 1), session="s", name="x", version="1", kind="job")
    rows = [SwarmObject(kind=kind, id=kind, name=f"{kind}-1", labels=left) for kind in KINDS]
    [line] = about(doctor(lambda: FakeEngine(on_swarm=rows), host_in(tmp_path), DISTROS, terminal=False), "leftovers")
    assert line.text == "1 service (service-1) and 1 config (config-1) of sessions that died"


def test_what_a_dead_session_left_is_a_warning_with_the_command(tmp_path: Path) -> None:
    left = labels.session_labels(replace(US, started=US.started + 1), session="s", name="otter", version="1")
    row = Container(id="c", name="otter", state="exited", image="x", labels=left, created=0)
    found = doctor(lambda: FakeEngine(containers_known=[row]), host_in(tmp_path), DISTROS, terminal=False)
    [line] = about(found, "leftovers")
    assert (line.level, line.next) == ("warning", Advice.sandbox("clean"))
    assert "otter" in line.text


def test_an_image_that_a_dead_session_built_is_left_over_too(tmp_path: Path) -> None:
    left = labels.session_labels(replace(US, started=US.started + 1), session="s", name="otter", version="1")
    built = Image(id="sha256:1", tags=("sandbox-session/s:latest",), labels=left)
    found = doctor(lambda: FakeEngine(images_known=[built]), host_in(tmp_path), DISTROS, terminal=False)
    [line] = about(found, "leftovers")
    assert (line.level, line.text) == ("warning", "1 image (sandbox-session/s:latest) of sessions that died")


def test_what_is_another_way_with_an_engine_is_said(tmp_path: Path) -> None:
    engine = FakeEngine()
    engine.about = lambda: EngineInfo(name="podman", version="4.3", api="1.41", url="u", differs=("it is red",))  # type: ignore[method-assign]
    found = doctor(lambda: engine, host_in(tmp_path), DISTROS, terminal=False)
    assert about(found, "differs") == [Diagnosis(level="ok", about="differs", text="it is red")]


@pytest.mark.parametrize(
    "error",
    [
        NoEngine("none answers", details=[("tried", "unix:///x")], hints=[Advice.program("sudo", "start")]),
        EngineTimeout("too late"),
        Denied("not for you", details=[("it said", "no")]),
    ],
)
def test_an_engine_that_does_not_answer_is_a_problem_and_the_rest_is_still_shown(
    tmp_path: Path, error: SandboxError
) -> None:
    def connect() -> FakeEngine:
        raise error

    found = doctor(connect, host_in(tmp_path), DISTROS, terminal=False)
    assert (found[0].level, found[0].about) == ("problem", "engine")
    assert error.brief in found[0].text
    assert about(found, "terminal")


def test_an_engine_that_fails_while_it_is_asked_is_a_problem_too(tmp_path: Path) -> None:
    engine = FakeEngine(failing={"about": [EngineTimeout("late")]})
    assert doctor(lambda: engine, host_in(tmp_path), DISTROS, terminal=False)[0].level == "problem"


def programs_in(folder: Path, **texts: bytes) -> str:
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        path = folder / name.replace("_", "-")
        path.write_bytes(text)
        path.chmod(0o755)
    return str(folder)


OURS: Final = b"#!/usr/bin/python3\nfrom sandbox.cli.main import main\nmain()\n"
OTHER: Final = b"#!/bin/sh\n# sandbox: builds ebuilds\n"


@pytest.mark.parametrize(
    ("first", "second", "level", "said"),
    [
        ({"sandbox": OURS}, {"sandbox": OTHER}, "ok", "sandbox is "),
        ({"sandbox": b"PK" + bytes(200_000) + b"lib/sandbox/cli/main.py"}, {}, "ok", "sandbox is "),
        ({"sandbox": OTHER}, {"sandbox": OURS, "sandbox_try": OURS}, "warning", "sandbox-try in place of sandbox"),
        ({"sandbox": OTHER}, {}, "warning", "first on PATH"),
    ],
)
def test_another_program_of_the_name_is_a_warning_that_names_the_second_one(
    tmp_path: Path, first: dict[str, bytes], second: dict[str, bytes], level: str, said: str
) -> None:
    path = f"{programs_in(tmp_path / 'a', **first)}:{programs_in(tmp_path / 'b', **second)}"
    found = doctor(FakeEngine, host_in(tmp_path, {"PATH": path}), DISTROS, terminal=False)
    (line,) = about(found, "command")
    assert line.level == level
    assert str(tmp_path / "a/sandbox") in line.text
    assert said in line.text or (line.next is not None and said in advice_text(line.next))


def test_no_program_of_the_name_on_the_path_is_nothing_to_say(tmp_path: Path) -> None:
    assert about(doctor(FakeEngine, host_in(tmp_path), DISTROS, terminal=False), "command") == []


def test_a_proxy_on_the_hosts_loopback_is_a_warning(tmp_path: Path) -> None:
    host = host_in(tmp_path, {"https_proxy": "http://127.0.0.1:3128"})
    levels = [row.level for row in about(doctor(FakeEngine, host, DISTROS, terminal=False), "proxy")]
    assert levels == ["ok", "warning"]


def test_a_password_in_a_proxys_url_is_not_shown(tmp_path: Path) -> None:
    host = host_in(tmp_path, {"https_proxy": "http://me:secret@proxy.example:3128"})
    found = doctor(FakeEngine, host, DISTROS, terminal=False)
    assert not [row for row in found if "secret" in row.text]
    assert "proxy.example:3128" in about(found, "proxy")[0].text


def test_a_ca_that_can_not_be_read_is_a_problem(tmp_path: Path) -> None:
    host = host_in(tmp_path, settings=Settings(ca="/nonexistent.pem"))
    assert about(doctor(FakeEngine, host, DISTROS, terminal=False), "CA")[0].level == "problem"


@pytest.mark.parametrize(("term", "level"), [("xterm", "ok"), ("dumb", "warning"), ("", "warning")])
def test_a_terminal_that_can_do_nothing_is_a_warning(tmp_path: Path, term: str, level: str) -> None:
    found = doctor(FakeEngine, host_in(tmp_path, {"TERM": term}), DISTROS, terminal=True)
    assert about(found, "terminal")[0].level == level


def test_every_setting_is_shown_with_where_it_is_from(tmp_path: Path) -> None:
    mirrors = {"debian": "http://me:secret@deb.example/debian", "alpine": "http://apk.example"}
    settings = Settings(cache=True, mirrors=mirrors, origins={"cache": "SANDBOX_CACHE", "mirrors": "SANDBOX_MIRRORS"})
    found = doctor(FakeEngine, host_in(tmp_path, settings=settings), DISTROS, terminal=False)
    shown = [row.text for row in about(found, "setting")]
    assert [text.partition(" ")[0] for text in shown] == list(KEYS)
    urls = "mirrors is debian=http://***@deb.example/debian, alpine=http://apk.example (SANDBOX_MIRRORS)"
    assert {urls, "fargate.task_role is not set (default)"} <= {*shown}
    assert {"cache is on (SANDBOX_CACHE)", "distro is not set (default)", "cache_size is 5.0 GB (default)"} <= {*shown}


def test_what_is_not_well_says_what_to_type(tmp_path: Path) -> None:
    host = host_in(tmp_path, {"https_proxy": "http://localhost:1", "TERM": ""}, Settings(ca="/nonexistent.pem"))
    found = doctor(FakeEngine, host, DISTROS, terminal=True)
    assert len([row for row in found if row.level != "ok"]) >= 3
    assert [row for row in found if row.level != "ok" and not row.next] == []


def test_a_folder_that_is_not_there_yet_is_as_writable_as_the_one_above(tmp_path: Path) -> None:
    assert writable(tmp_path / "a/b/c")
    (tmp_path / "file").write_text("")
    assert not writable(tmp_path / "file/x")
