"""What is said of services that were started in a sandbox."""

from __future__ import annotations

import os
import subprocess
import threading
from typing import TYPE_CHECKING, cast

import pytest
from tests.unit.fakes import FakeExec, FakeReporter
from tests.unit.fakes.streams import ArrivingConnection
from tests.unit.snapshots import member, tree

from sandbox.container.processes import Process, Running
from sandbox.container.services import Service
from sandbox.core.programs import program
from sandbox.inspect import service_trial
from sandbox.inspect.file_changes import diff
from sandbox.inspect.findings import ServiceStart
from sandbox.inspect.service_trial import ended_early_note, services_of

if TYPE_CHECKING:
    from pathlib import Path

    from sandbox.container.box import Box
    from sandbox.engine.protocol import Argv, ExecSpec


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        ("", ""),
        ("once", ""),  # it does what it is there for, and ends
        ("a once", "a ended at once in the sandbox, so inspect could not see which ports it may open."),
        ("a b", "a and b ended at once in the sandbox, so inspect could not see which ports they may open."),
    ],
)
def test_a_service_that_ended_here_is_named_since_its_ports_are_not_known(ended: str, said: str) -> None:
    services = [Service(name=name, path=f"/{name}", script="", lasts=name != "once") for name in ("a", "b", "once")]
    started = [ServiceStart(name=one.name, path=one.path, runs=one.name not in ended.split()) for one in services]
    assert ended_early_note(services, started) == said


@pytest.mark.parametrize(("other", "lasts"), [("x.timer", False), ("x.path", False), ("xy.timer", True)])
def test_a_service_that_a_timer_or_a_path_starts_ends_as_it_should(other: str, lasts: bool) -> None:
    folder = "/usr/lib/systemd/system"
    first, second = tree({}), tree({f"{folder}/x.service": b"[Service]\nExecStart=/x\n", f"{folder}/{other}": b""})
    found = services_of(second, diff(first, second), {f"{folder}/x.service"}, wanted=())
    assert [(one.name, one.lasts) for one in found] == [("x", lasts)]


@pytest.mark.parametrize(("target", "names"), [("", []), ("multi-user.target", ["x"])])
def test_a_service_that_a_socket_alone_starts_is_not_started_without_what_that_gives_it(
    target: str, names: list[str]
) -> None:
    folder, link = "/usr/lib/systemd/system", f"/etc/systemd/system/{target}.wants/x.service"
    files = {f"{folder}/x.service": b"[Service]\nExecStart=/x\n", f"{folder}/x.socket": b"[Socket]\nListenStream=7\n"}
    first, second = tree({}), tree({**files, **({link: member(link, link="x")} if target else {})})
    found = services_of(second, diff(first, second), {f"{folder}/x.service"}, wanted=())
    assert [one.name for one in found] == names


@pytest.mark.parametrize(("to", "names"), [("", ["inetd", "openbsd-inetd"]), ("inetd.service", ["inetd"])])
def test_an_init_script_whose_name_is_an_alias_of_a_unit_is_not_started_beside_it(to: str, names: list[str]) -> None:
    """As of openbsd-inetd 0.20221205: systemd looks at no script of the name of a unit, an alias or a mask."""
    unit, script = "/usr/lib/systemd/system/inetd.service", "/etc/init.d/openbsd-inetd"
    alias = "/usr/lib/systemd/system/openbsd-inetd.service"
    files = {unit: b"[Service]\nExecStart=/usr/sbin/inetd\n", script: b"#!/bin/sh\n"}
    first, second = tree({}), tree({**files, **({alias: member(alias, link=to)} if to else {})})
    found = services_of(second, diff(first, second), {unit, script}, wanted=())
    assert [one.name for one in found] == names


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives folders away")
def test_folders_of_run_are_made_as_packages_say(tmp_path: Path) -> None:
    conf, made = tmp_path / "tmpfiles.d", tmp_path / "run"
    conf.mkdir()
    made.mkdir()
    lines = (
        "# a comment",
        f"d {made}/haproxy 2775 daemon - -",
        f"D! {made}/plain - - -",
        f"d {made}/x/../../out 0755 root root -",
        "d /elsewhere 0755 root root -",
        f"f {made}/file 0644 root root - words",
        f"d {made}/last :0700",
    )
    (conf / "a.conf").write_text("\n".join(lines))
    script = (
        program("sandbox.inspect", "boot_folders.sh")
        .replace("/usr/lib/tmpfiles.d", str(conf))
        .replace(":/run/*", f":{made}/*")
    )
    subprocess.run(["sh", "-c", script], check=True)
    found = {path.name: (path.stat().st_mode & 0o7777, path.owner()) for path in made.iterdir()}
    assert found == {"haproxy": (0o2775, "daemon"), "plain": (0o755, "root"), "last": (0o700, "root")}
    assert not (tmp_path / "out").exists()


class Slow:
    """A box of a busy engine: what it opens begins later, listens as long as it runs, and ends when it is killed."""

    def __init__(self) -> None:
        self.stream = ArrivingConnection()
        self._runs = False

    def begin(self) -> None:
        self._runs = True
        self.stream.engine.sendall(b"x")

    def open(self, _: ExecSpec) -> FakeExec:
        threading.Timer(0.2, self.begin).start()
        return FakeExec(stream=self.stream)

    def read(self, argv: Argv, *, limit: int, seconds: float, ahead: object) -> tuple[int, bytes]:
        del argv, limit, seconds, ahead
        row = "\0PName:\tx\nState:\tS\nPid:\t{}\nPPid:\t0\nUid:\t0\t0\t0\t0\n\0Cx"
        port = "   0: 0100007F:18EB 00000000:0000 0A 0\n"
        more = (row.format(9), port) if self._runs else ("", "")
        return 0, f"{row.format(1)}{more[0]}\0Ntcp\n  sl local_address\n{more[1]}\0Ndev\n".encode()

    def exec(self, _: Argv, *, seconds: float | None = None) -> None:
        del seconds
        self._runs = False


def test_a_service_that_a_busy_engine_begins_late_has_not_ended_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service_trial, "SETTLED", 0.01)
    before = Running(processes=(Process(pid=1, parent=0, uid=0, words="x"),))
    service = Service(name="x", path="/x", script="exec x\n")
    ((start, now),) = service_trial.start_each(cast("Box", Slow()), [service], reporter=FakeReporter(), before=before)
    assert (start.runs, {port.number for port in now.ports}) == (True, {6379})
