"""Whatever ends a session, nothing of it runs on, and nothing of it stays."""

from __future__ import annotations

import signal
import time
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.engine_proxy import ATTACH, CREATE, PULL, REMOVE, RUN, START, EngineProxy
from tests.integration.running import (
    ARCHIVE,
    Program,
    ended,
    owned,
    running,
    wait_for,
    wait_for_text,
    without_limits_warning,
)
from tests.matrix import first, rows

from sandbox.engine import labels
from sandbox.engine.discover import find_engine
from sandbox.engine.protocol import ContainerSpec, ExecSpec
from sandbox.lifecycle.lifetimes import pid1_argv
from sandbox.lifecycle.owner import current_owner
from sandbox.lifecycle.session import Session
from sandbox.specs.model import Limits

if TYPE_CHECKING:
    import subprocess

    from sandbox.engine.docker.client import DockerEngine

DEBIAN = ("try", "--distro", "debian")
SHELL = (*DEBIAN, "-q", "--", "sh", "-c", "echo here; exec sleep 600")
KILL = signal.SIGKILL
SIGINT, SIGTERM, SIGHUP = ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def in_shell(program: Program) -> subprocess.Popen[bytes]:
    process = program.start(*SHELL)
    wait_for_text(process, b"here\n")
    return process


def end(process: subprocess.Popen[bytes], *numbers: signal.Signals) -> tuple[int, str]:
    """Send signals; return the status and standard error."""
    for number in numbers:
        process.send_signal(number)
    status, _, err = ended(process)
    return status, without_limits_warning(err.decode())


def test_a_kill_in_the_shell_leaves_nothing_running(program: Program, client: Any) -> None:
    process = in_shell(program)
    assert running(client, process.pid)
    end(process, KILL)
    wait_for(lambda: not owned(client, process.pid))


def test_a_kill_while_it_pulls_leaves_nothing(program: Program, proxy: EngineProxy, client: Any) -> None:
    proxy.hold(PULL)
    process = replace(program, engine=proxy.url).start("try", "hello", "--distro", "ubuntu:jammy")
    wait_for(proxy.held.is_set)
    end(process, KILL)
    assert not owned(client, process.pid)
    assert program.run("clean", "--images").stdout == b"nothing to remove\n"


def test_a_kill_while_apt_installs_leaves_nothing_running(program: Program, client: Any) -> None:
    process = replace(program, debian=ARCHIVE).start("try", "hello", "--distro", "debian")
    wait_for_text(process, b"package index", stream="stderr")
    end(process, KILL)
    wait_for(lambda: not owned(client, process.pid))


def test_a_kill_in_a_setup_step_leaves_nothing_running(program: Program, client: Any) -> None:
    process = program.start(*DEBIAN, "--setup", "echo in the step; sleep 600", "-v")
    wait_for_text(process, b"    in the step", stream="stderr")
    end(process, KILL)
    wait_for(lambda: not owned(client, process.pid))


def test_a_kill_while_cleaning_up_leaves_nothing_running(program: Program, proxy: EngineProxy, client: Any) -> None:
    proxy.hold(REMOVE)
    process = replace(program, engine=proxy.url).start(*DEBIAN, "-q", "--", "true")
    wait_for(proxy.held.is_set)
    assert running(client, process.pid)
    end(process, KILL)
    wait_for(lambda: not owned(client, process.pid))


@pytest.mark.parametrize("moment", first([START, ATTACH]), ids=["before-start", "before-attach"])
def test_one_killed_between_create_and_start_is_swept_by_the_next_command(
    moment: str, program: Program, proxy: EngineProxy, client: Any
) -> None:
    proxy.hold(moment)
    process = replace(program, engine=proxy.url).start(*SHELL)
    wait_for(proxy.held.is_set)
    end(process, KILL)
    (left,) = owned(client, process.pid)
    assert left["State"] == "created"
    done = program.run("clean")
    assert (done.returncode, not owned(client, process.pid)) == (0, True), done.stderr
    assert left["Names"][0].lstrip("/") in done.stdout.decode()


@pytest.mark.parametrize("moment", [CREATE, START], ids=["create", "start"])
def test_one_killed_before_the_answer_came_does_not_run_on(
    moment: str, program: Program, proxy: EngineProxy, client: Any
) -> None:
    proxy.hold_answer(moment)
    process = replace(program, engine=proxy.url).start(*SHELL)
    wait_for(proxy.held.is_set)
    end(process, KILL)
    wait_for(lambda: not running(client, process.pid))
    # a session that is left waits 5 s for its sweep of a busy engine, and no longer
    wait_for(lambda: not program.run(*DEBIAN, "-q", "--", "true").returncode and not owned(client, process.pid))


def test_kills_at_any_moment_of_the_start_leave_nothing_running(program: Program, client: Any) -> None:
    pids = []
    for delay in (0.2, 0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7, 0.9):
        process = program.start(*SHELL)
        time.sleep(delay)
        end(process, KILL)
        pids.append(process.pid)
    wait_for(lambda: not running(client, *pids))
    # a busy engine may yet make a container whose client is dead, and that a first `clean` could not see
    wait_for(lambda: program.run("clean").returncode == 0 and not [row for pid in pids for row in owned(client, pid)])


EXEC = r"POST /v[0-9.]+/exec/"
MOMENTS = {"create": CREATE, "start": START, "exec": EXEC}
"""What is asked of the engine as the signal comes."""
ONE_EACH = ((SIGTERM, "create"), (SIGINT, "start"), (SIGHUP, "exec"))
"""Each signal once, and each moment once."""


@pytest.mark.parametrize(
    ("number", "moment"), rows(product(ENDING, MOMENTS), lambda row: row in ONE_EACH, several=True)
)
def test_a_signal_while_the_engine_works_cleans_up(
    moment: str, number: signal.Signals, program: Program, proxy: EngineProxy, client: Any
) -> None:
    proxy.hold(MOMENTS[moment])
    process = replace(program, engine=proxy.url).start(*SHELL)
    wait_for(proxy.held.is_set)
    process.send_signal(number)
    proxy.release()
    status, said = end(process)
    assert (status, said, owned(client, process.pid)) == (128 + number, "", [])


@pytest.mark.parametrize("number", first(ENDING))
def test_a_signal_in_a_setup_step_cleans_up(number: signal.Signals, program: Program, client: Any) -> None:
    process = program.start(*DEBIAN, "--setup", "echo in the step; sleep 600", "-v")
    wait_for_text(process, b"    in the step", stream="stderr")
    status, said = end(process, number)
    assert (status, owned(client, process.pid)) == (128 + number, [])
    assert "Traceback" not in said


def test_a_signal_while_apt_installs_cleans_up(program: Program, client: Any) -> None:
    process = replace(program, debian=ARCHIVE).start("try", "hello", "--distro", "debian")
    wait_for_text(process, b"package index", stream="stderr")
    status, said = end(process, signal.SIGTERM)
    assert (status, owned(client, process.pid)) == (143, [])
    assert "Traceback" not in said


IN_THE_SHELL = (sorted(ENDING), (SIGTERM,) * 3, *((number,) for number in ENDING))
"""Several in the order of their numbers: signals that wait together, on a busy machine, are taken in that order."""


@pytest.mark.parametrize("numbers", first(IN_THE_SHELL, 2), ids=lambda row: "-".join(number.name for number in row))
def test_signals_in_the_shell_clean_up_with_the_status_of_the_first(
    numbers: tuple[signal.Signals, ...], program: Program, client: Any
) -> None:
    process = in_shell(program)
    status, said = end(process, *numbers)
    assert (status, said, owned(client, process.pid)) == (128 + numbers[0], "", [])


def test_signals_while_cleaning_up_are_ignored(program: Program, proxy: EngineProxy, client: Any) -> None:
    proxy.hold(REMOVE)
    process = replace(program, engine=proxy.url).start(*DEBIAN, "-q", "--", "true")
    wait_for(proxy.held.is_set)
    for number in (*ENDING, *ENDING):
        process.send_signal(number)
        time.sleep(0.02)
    proxy.release()
    assert (end(process), owned(client, process.pid)) == ((0, ""), [])


def test_an_ignored_hangup_stays_ignored(program: Program) -> None:
    process = replace(program, around=("nohup",)).start(*DEBIAN, "-q", "--", "sh", "-c", "echo here; read x; echo $x")
    wait_for_text(process, b"here\n")
    process.send_signal(signal.SIGHUP)
    assert process.stdin is not None
    process.stdin.write(b"still here\n")
    status, out, _ = ended(process)
    assert (status, out) == (0, b"still here\n")


def test_a_live_session_is_never_swept(program: Program, proxy: EngineProxy, client: Any) -> None:
    proxy.hold(START)
    unborn = replace(program, engine=proxy.url).start(*SHELL)
    alive = in_shell(program)
    wait_for(proxy.held.is_set)
    assert program.run("clean").returncode == 0
    assert [row["State"] for row in (*owned(client, unborn.pid), *owned(client, alive.pid))] == ["created", "running"]
    proxy.release()
    wait_for_text(unborn, b"here\n")
    assert [end(process, signal.SIGTERM)[0] for process in (alive, unborn)] == [143, 143]


@pytest.mark.parametrize(
    "stranger", first([{labels.HOST: "another-host"}, {labels.USER: "4242"}]), ids=["host", "user"]
)
def test_what_belongs_to_others_is_not_ours_to_sweep(
    stranger: dict[str, str], program: Program, proxy: EngineProxy, base: str, client: Any
) -> None:
    proxy.hold(START)
    process = replace(program, engine=proxy.url).start(*SHELL)
    wait_for(proxy.held.is_set)
    end(process, KILL)
    (ours,) = owned(client, process.pid)
    theirs = client.containers.create(base, labels={**ours["Labels"], **stranger})
    try:
        assert program.run("clean").returncode == 0
        assert [row["Id"] for row in owned(client, process.pid)] == [theirs.id]
    finally:
        theirs.remove(force=True)


def reason_on(engine: DockerEngine, reason: str, status: int | str = "") -> str:
    """Return why a sandbox ended as the program says it: Podman notes no signals, and so not who sent one."""
    if engine.title.startswith("podman"):
        reason = f"it was stopped, removed or killed (exit status {status}"
    return f"the sandbox ended while it was in use: {reason}"


def test_stopping_the_container_needs_no_kill_and_is_said(program: Program, client: Any, engine: DockerEngine) -> None:
    process = in_shell(program)
    (row,) = owned(client, process.pid)
    client.api.stop(row["Id"], timeout=60)  # then it would be a SIGKILL
    status, said = end(process)
    reason = reason_on(engine, "another client of the engine stopped or removed it (SIGTERM)", 143)
    assert (status, reason in said) == (125, True), said


def test_a_removal_by_somebody_else_is_said_as_one(program: Program, client: Any, engine: DockerEngine) -> None:
    process = in_shell(program)
    (row,) = owned(client, process.pid)
    client.api.remove_container(row["Id"], force=True)
    status, said = end(process)
    reason = reason_on(engine, "another client of the engine stopped or removed it (SIGKILL)")
    assert (status, reason in said) == (125, True), said


@pytest.mark.parametrize(("kill", "number"), [("kill -TERM 1", 143), ("kill -KILL -1", 137)])
def test_a_kill_from_inside_is_said_as_one(kill: str, number: int, program: Program, engine: DockerEngine) -> None:
    done = program.run("try", "--distro", "debian", "-q", "--", "sh", "-c", f"{kill}; sleep 60")
    reason = reason_on(engine, f"a process in the sandbox killed its processes (exit status {number})", number)
    assert (done.returncode, reason in done.stderr.decode()) == (125, True), done.stderr


def test_a_connection_that_is_cut_is_said_as_one_and_leaves_nothing(
    tmp_path: Path, engine_url: str, base: str, client: Any
) -> None:
    assert base
    with EngineProxy(tmp_path, engine_url) as proxy:
        process = in_shell(Program(folder=tmp_path, engine=proxy.url))
        proxy.drop()
        status, said = end(process)
    assert (status, "lost the connection to the engine" in said) == (125, True), said
    assert not owned(client, process.pid)


def test_a_command_whose_connection_is_cut_ends_with_the_reason_and_leaves_nothing(
    tmp_path: Path, engine_url: str, base: str, client: Any
) -> None:
    assert base
    with EngineProxy(tmp_path, engine_url) as proxy:
        process = in_shell(Program(folder=tmp_path, engine=proxy.url))
        proxy.drop(RUN)
        status, said = end(process)
    assert (status, "the connection to the engine was cut while the command ran" in said) == (125, True), said
    assert not owned(client, process.pid)


def test_a_lifeline_is_not_idle_where_what_is_ends_idle_connections(tmp_path: Path, engine_url: str, base: str) -> None:
    with (
        EngineProxy(tmp_path, engine_url, idle=1) as proxy,
        find_engine({}, chosen=(proxy.url, "--engine")) as engine,
    ):
        session = Session(engine, current_owner(), version="test", pulse=0.1)
        session.start(
            lambda name, own: ContainerSpec(
                name=name,
                image=base,
                argv=pid1_argv("session", None),
                labels=own,
                hostname=name,
                limits=Limits(),
                network="none",
            )
        )
        try:
            for _ in range(2):
                idle = engine.open(session.container, ExecSpec(argv=("sleep", "600"), stdin=True))
                proxy.cut_idle()
                assert idle.stream.recv(1) == b""
                idle.stream.close()
            assert proxy.idled >= 2
            found = engine.container(session.container)
            assert found is not None
            assert found.state == "running"
        finally:
            assert session.finish().left == ()


def test_pid_1_reaps_orphans(program: Program) -> None:
    # a zombie keeps its name: none has it any more once all have ended and been reaped, however long that takes
    there = "grep -ls '^Name:.timeout' /proc/[0-9]*/status"
    lines = (
        ": >/tmp/begun; for n in 1 2 3; do (timeout 99 sh -c 'echo >>/tmp/begun' &); done",
        'until [ "$(wc -l </tmp/begun)" = 3 ]; do sleep 0.1; done',
        f'until ! {there} >/dev/null || [ "$((n += 1))" = 300 ]; do sleep 0.1; done',
        f"{there}; ls -d /proc/1",
    )
    done = program.run(*DEBIAN, "-q", "--", "sh", "-c", "; ".join(lines))
    assert done.stdout == b"/proc/1\n"


def test_a_session_without_packages_changes_nothing_in_its_container(
    program: Program, engine: DockerEngine, client: Any
) -> None:
    process = in_shell(program)
    (row,) = owned(client, process.pid)
    changed = [change["Path"] for change in client.api.diff(row["Id"]) or ()]
    assert [
        path for path in changed if not (path == "/etc" and engine.about().name == "podman")
    ] == []  # it has its own hosts file there
    end(process, signal.SIGTERM)


def test_an_engine_that_goes_away_is_said_and_the_container_ends(
    program: Program, proxy: EngineProxy, client: Any
) -> None:
    terminal = replace(program, engine=proxy.url).terminal(*DEBIAN)
    terminal.ready()
    proxy.cut()
    said = terminal.rest()
    assert (terminal.status(), terminal.current_attributes()) == (3, terminal.attributes), said
    assert "lost the connection to the engine" in said, said
    assert "Traceback" not in said
    wait_for(lambda: not owned(client, terminal.child.pid))


def test_a_socket_that_is_removed_is_said_and_the_container_ends(
    program: Program, proxy: EngineProxy, client: Any
) -> None:
    process = replace(program, engine=proxy.url).start(*DEBIAN, "-q", "--", "sh", "-c", "echo here; read x; exit 3")
    wait_for_text(process, b"here\n")
    Path(proxy.url.removeprefix("unix://")).unlink()
    assert process.stdin is not None
    process.stdin.write(b"go\n")
    status, _, said = ended(process)
    assert (status, b"lost the connection to the engine" in said, b"Traceback" in said) == (125, True, False), said
    wait_for(lambda: not owned(client, process.pid))
