"""Sandboxes that stay: detached ones that run a service, kept ones that are entered again, and how each ends."""

from __future__ import annotations

import gzip
import io
import os
import re
import socket
import tarfile
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from tests.answers import answer
from tests.integration.engine_proxy import EXEC, RUN, EngineProxy
from tests.integration.running import ARCHIVE, LONG, Program, ended, wait_for, wait_for_text
from tests.integration.test_keeping import BY_HAND, add_by_hand, promoted
from tests.matrix import FULL, first
from tests.ports import free_port

from sandbox.core.tasks import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.integration.conftest import PackageMirror

    from sandbox.engine.docker.client import DockerEngine

DEBIAN = ("try", "--distro", "debian")


@pytest.fixture
def program(tmp_path: Path, engine_url: str, base: str) -> Iterator[Program]:
    assert base
    found = Program(folder=tmp_path, engine=engine_url, debian=ARCHIVE)
    yield found
    mine = [box["name"] for box in listed(found) if box["owner"] == "you"]
    names = [name for name in mine if name.startswith("living-")]
    if names:
        found.run("rm", *names)


def listed(program: Program, *options: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = answer("list", program.run("list", "-a", "--json", *options).stdout)
    return found


def box(program: Program, name: str) -> dict[str, Any] | None:
    return next((row for row in listed(program) if row["name"] == name), None)


def said(program: Program, *words: str) -> str:
    done = program.run(*words)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()


def answer_at(port: int) -> bytes:
    """Return what a web server on a port of this machine says; nothing where none does."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=LONG) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            return connection.recv(1000)
    except ConnectionError:
        return b""


def test_a_detached_command_runs_on_answers_logs_and_ends_by_name(program: Program) -> None:
    port = free_port()
    serve = "echo here >/srv/index.html; echo serving; exec busybox httpd -f -p 8000 -h /srv"
    command = ("sh", "-c", serve)
    options = ("--name", "living-web", "--detach", "--port", f"{port}:8000")
    done = program.run(*DEBIAN, "busybox", *options, "--", *command)
    assert (done.returncode, done.stdout) == (0, b"living-web\n"), done.stderr.decode()
    assert f"8000/tcp is 127.0.0.1:{port} on this host\n" in done.stderr.decode()
    wait_for(lambda: b"200 OK" in answer_at(port))  # the command runs; its server may not listen yet
    assert wait_until(lambda: "serving" in said(program, "logs", "living-web"), LONG)
    assert (box(program, "living-web") or {})["state"] == "running"
    assert said(program, "stop", "living-web") == "stopped living-web\n"
    assert (box(program, "living-web") or {})["state"] == "stopped"
    assert said(program, "enter", "living-web", "--", "echo", "again") == "again\n"
    assert (box(program, "living-web") or {})["state"] == "running"
    assert said(program, "rm", "living-web") == "removed living-web\n"
    assert box(program, "living-web") is None


def test_a_detached_package_runs_its_own_service_and_a_port_of_the_loopback_is_said_to_be_one(program: Program) -> None:
    done = program.run(*DEBIAN, "redis-server", "--name", "living-redis", "--detach", "--port", "6379")
    told = done.stderr.decode()
    assert done.returncode == 0, told
    assert "redis-server, as /lib/systemd/system/redis-server.service says" in told
    assert "only on 127.0.0.1 inside" in told
    assert said(program, "enter", "living-redis", "--", "redis-cli", "ping") == "PONG\n"
    assert said(program, "enter", "living-redis", "--", "stat", "-c", "%U", "/run/redis") == "redis\n"
    program.run("stop", "living-redis")
    said(program, "enter", "living-redis", "--", "true")
    ping = ("enter", "living-redis", "--", "redis-cli", "ping")
    assert wait_until(lambda: program.run(*ping).stdout == b"PONG\n", LONG, step=0.1)


def test_a_kept_one_stops_on_leaving_and_has_everything_when_it_is_entered_again(program: Program) -> None:
    done = program.run(*DEBIAN, "--name", "living-kept", "--keep", "--", "sh", "-c", "echo mine >/root/file")
    assert done.returncode == 0
    assert "kept    container living-kept" in done.stderr.decode()
    assert (box(program, "living-kept") or {})["state"] == "kept"
    program.run("clean")
    assert said(program, "enter", "living-kept", "--", "cat", "/root/file") == "mine\n"
    assert (box(program, "living-kept") or {})["state"] == "kept"


@pytest.mark.parametrize(
    ("option", "who"), first([("--user", "try 1000"), ("--user=1234:7", "try 1234")], several=True)
)
def test_one_that_was_kept_with_a_user_is_entered_as_that_one(program: Program, option: str, who: str) -> None:
    words = ("--name", "living-user", "--keep", option, "--", "sh", "-c", "echo mine >~/file; id -un")
    assert said(program, *DEBIAN, *words) == "try\n"
    for _ in range(2):
        line = "echo $(id -un) $(id -u); cat ~/file; ls /dev/sandbox | grep -c terminal-"
        assert said(program, "enter", "living-user", "--", "sh", "-c", line) == f"{who}\nmine\n1\n"
    assert said(program, "enter", "--user=games", "living-user", "--", "id", "-un") == "games\n"
    assert (box(program, "living-user") or {})["state"] == "kept"


def test_a_shell_of_enter_whose_connection_is_cut_is_followed_by_another_and_the_sandbox_stops_in_the_end(
    program: Program, tmp_path: Path, engine_url: str
) -> None:
    assert program.run(*DEBIAN, "--name", "living-cut", "--keep", "--", "true").returncode == 0
    (tmp_path / "proxy").mkdir()
    with EngineProxy(tmp_path / "proxy", engine_url) as proxy:
        terminal = replace(program, engine=proxy.url).terminal("enter", "living-cut")
        terminal.ready()
        assert terminal.ask("touch /here; sleep 600 &").startswith("[1]")
        proxy.drop(RUN, newest=True)  # the one that is idle: its watcher's carries a byte now and then
        said_then = " ".join(terminal.ready().split())
        assert "here is a new shell in the same sandbox" in said_then
        assert "sleep 600" in said_then
        assert terminal.ask("ls /here") == "/here"
        terminal.send(b"exit\r")
        assert (terminal.status(), terminal.current_attributes()) == (0, terminal.attributes)
    assert (box(program, "living-cut") or {})["state"] == "kept"


@FULL  # the row above is its kind: there one of the connections is cut
def test_enter_of_which_all_connections_are_cut_at_once_goes_on_in_the_same_sandbox(
    program: Program, tmp_path: Path, engine_url: str
) -> None:
    assert program.run(*DEBIAN, "--name", "living-all", "--keep", "--", "true").returncode == 0
    (tmp_path / "proxy").mkdir()
    with EngineProxy(tmp_path / "proxy", engine_url) as proxy:
        behind = replace(program, engine=proxy.url)
        terminal = behind.terminal("enter", "living-all")
        terminal.ready()
        assert terminal.ask("touch /tmp/here") == ""
        proxy.drop()
        assert "here is a new shell in the same sandbox" in " ".join(terminal.ready().split())
        assert terminal.ask("ls /tmp/here") == "/tmp/here"
        terminal.send(b"exit\r")
        assert (terminal.status(), terminal.current_attributes()) == (0, terminal.attributes)
        assert (box(program, "living-all") or {})["state"] == "kept"
        process = behind.start("enter", "living-all", "--", "sh", "-c", "echo here; sleep 600")
        wait_for_text(process, b"here\n")
        proxy.drop()
        status, _, said_then = ended(process)
    assert status == 125
    assert b"the connection to the engine was cut while the command ran" in said_then
    assert b"living-all   stopped, and kept" in said_then
    assert b"sandbox enter living-all" in said_then
    assert (box(program, "living-all") or {})["state"] == "kept"


def test_what_was_done_by_hand_in_a_kept_one_is_promoted_while_it_is_entered_stopped_and_gone(
    program: Program, package_mirror: PackageMirror
) -> None:
    program.run("try", "hello", "--distro", "debian", "--name", "living-hands", "--keep", "--", "true")
    terminal = program.terminal("enter", "living-hands")
    terminal.ready()
    add_by_hand(terminal, package_mirror)
    assert terminal.ask("echo 1 >/usr/local/bin/thing; echo done") == "done"
    changed = "/etc/apt/sources.list (changed)"
    extra = "packages that were only recommended: lab-extra"
    found = (["hello", "lab-tool"], [changed, "/usr/local/bin/thing", extra])
    assert promoted(program, "living-hands") == found
    terminal.send(b"exit\r")
    told = terminal.rest()
    assert re.search(r"by hand +lab-tool.*; sandbox promote living-hands writes an install script", told), told
    said(program, "enter", "living-hands", "--", "sh", "-c", "echo 1 >/etc/foo")
    found = (found[0], [changed, "/etc/foo", "/usr/local/bin/thing", extra])
    assert promoted(program, "living-hands") == found
    assert (box(program, "living-hands") or {})["state"] == "kept"
    said(program, "enter", "living-hands", "--", "apt-get", "-qq", "-y", "remove", "hello")
    said(program, "rm", "living-hands")
    assert promoted(program, "living-hands") == (found[0][1:], found[1])


def test_what_was_installed_in_a_detached_one_is_promoted_and_not_what_its_service_wrote(
    program: Program, package_mirror: PackageMirror
) -> None:
    words = ("sh", "-c", "mkdir -p /var/lib/own; while date >/var/lib/own/file; do sleep 1; done")
    program.run(*DEBIAN, "--name", "living-own", "--detach", "--", *words)
    install = BY_HAND.format(source=package_mirror.source)
    assert said(program, "enter", "living-own", "--", "sh", "-c", install) == "labtool 2.0\n"
    packages, left_out = promoted(program, "living-own")
    assert (packages, [path for path in left_out if "/var/lib" in path]) == (["lab-tool"], [])


def test_two_terminals_in_a_kept_one_do_not_end_each_other(program: Program) -> None:
    program.run(*DEBIAN, "--name", "living-two", "--keep", "--", "true")
    first = program.start("enter", "living-two", "--", "cat")
    assert wait_until(lambda: (box(program, "living-two") or {})["state"] == "running", LONG)
    assert said(program, "enter", "living-two", "--", "echo", "hi") == "hi\n"
    assert (box(program, "living-two") or {})["state"] == "running"
    out, _ = first.communicate(b"still here\n", timeout=LONG)
    assert out == b"still here\n"
    assert (box(program, "living-two") or {})["state"] == "kept"


def test_one_that_is_left_while_another_begins_stays_for_that_one(program: Program, tmp_path: Path) -> None:
    program.run(*DEBIAN, "--name", "living-met", "--keep", "--", "true")
    with EngineProxy(tmp_path, program.engine) as proxy:
        proxy.hold(EXEC)
        first = replace(program, engine=proxy.url).start("enter", "living-met", "--", "cat")
        wait_for(proxy.held.is_set)
        second = program.start("enter", "living-met", "--", "echo", "hi")
        wait_until(lambda: second.poll() is not None, 3)  # as fast as it likes
        proxy.release()
        assert ended(second)[:2] == (0, b"hi\n")
        assert first.communicate(b"still here\n", timeout=LONG)[0] == b"still here\n"
    assert (box(program, "living-met") or {})["state"] == "kept"


def test_one_that_was_half_made_ends_with_its_maker_and_is_swept(program: Program, client: Any) -> None:
    maker = program.start(*DEBIAN, "--name", "living-half", "--keep", "--setup", "sleep 600", "--", "true")
    assert wait_until(lambda: (box(program, "living-half") or {}).get("state") == "running", LONG)
    maker.kill()
    maker.communicate()
    over = lambda: client.containers.get("living-half").status != "running"  # noqa: E731 - a claim in a line
    assert wait_until(over, LONG)
    assert box(program, "living-half") is None


def test_its_time_is_up_when_it_was_said_to_be(program: Program) -> None:
    begun, seconds, done = 0.0, 0, None
    for seconds in (6, 60):  # a busy machine may need more than the first to make it
        begun = time.monotonic()
        done = program.run(*DEBIAN, "--name", "living-short", "--detach", "--ttl", f"{seconds}s")
        if done.returncode == 0:
            break
    assert done is not None
    assert b"until its time is up or you remove it" in done.stderr, done.stderr
    wait_for(lambda: box(program, "living-short") is None)
    assert time.monotonic() - begun > seconds


def test_a_time_that_is_up_too_early_is_said_to_be_that(program: Program) -> None:
    done = program.run(*DEBIAN, "-q", "--name", "living-short", "--keep", "--ttl", "2s", "--", "sleep", "600")
    assert (done.returncode, b"error: its time was up" in done.stderr) == (125, True), done.stderr


def test_files_go_in_and_come_out(program: Program) -> None:
    (program.work / "data").mkdir()
    (program.work / "data" / "one").write_text("1\n")
    program.run(
        *DEBIAN, "--name", "living-files", "--keep", "--", "sh", "-c", "ln -s /etc/passwd /srv/out; mkfifo /srv/p"
    )
    said(program, "cp", "data", "living-files:/srv/")
    assert said(program, "enter", "living-files", "--", "stat", "-c", "%U", "/srv/data/one") == "root\n"
    done = program.run("cp", "living-files:/srv", "back")
    assert (program.work / "back" / "data" / "one").read_text() == "1\n"
    assert not (program.work / "back" / "out").exists()
    assert done.stderr.decode().count("not copied") == 2
    for words in (("living-files:/none", "."), ("none", "living-files:/srv"), ("a", "b"), ("living-no:/a", ".")):
        assert program.run("cp", *words).returncode == 2
    done = program.run("cp", "living-files:/srv/p", "alone")
    assert (done.returncode, b"nothing was copied" in done.stderr) == (2, True)
    assert not (program.work / "alone").exists()


LINKS = """mkdir /srv/d; echo 1 >/srv/d/a; ln -s d /srv/folder; ln -s /srv/d/a /srv/file
echo 3 >/opt/three; ln -s ../../../../../opt/three /srv/up"""


def test_a_link_is_followed_in_the_sandbox_both_ways(program: Program) -> None:
    program.run(*DEBIAN, "--name", "living-links", "--keep", "--", "sh", "-c", LINKS)
    for path, text in (("file", "1\n"), ("up", "3\n")):
        said(program, "cp", f"living-links:/srv/{path}", ".")
        assert not (program.work / path).is_symlink()
        assert (program.work / path).read_text() == text
    said(program, "cp", "living-links:/srv/folder", "copy")
    assert (program.work / "copy" / "a").read_text() == "1\n"
    (program.work / "two").write_text("2\n")
    for path in ("/srv/folder", "/srv/file", "/bin"):
        said(program, "cp", "two", f"living-links:{path}")
    look = "cat /srv/d/two /srv/d/a /usr/bin/two; for l in /srv/folder /srv/file /bin; do readlink $l; done"
    assert said(program, "enter", "living-links", "--", "sh", "-c", look) == "2\n2\n2\nd\n/srv/d/a\nusr/bin\n"


def test_an_archive_goes_through_a_pipe_both_ways(program: Program) -> None:
    program.run(*DEBIAN, "--name", "living-piped", "--keep", "--", "sh", "-c", "mkdir /srv/d; echo 1 >/srv/d/one")
    out = program.run("cp", "living-piped:/srv/d", "-")
    with tarfile.open(fileobj=io.BytesIO(out.stdout)) as tar:
        assert (out.returncode, out.stderr, tar.getnames()) == (0, b"", ["d", "d/one"])
    done = program.run("cp", "-", "living-piped:/opt", stdin=gzip.compress(out.stdout))
    assert (done.returncode, done.stderr) == (0, b"copied   living-piped:/opt\n")
    assert said(program, "enter", "living-piped", "--", "cat", "/opt/d/one") == "1\n"
    assert list(program.work.iterdir()) == []


@pytest.mark.parametrize(
    ("stdin", "folder", "words"),
    [
        (b"hello\n" * 1000, "/opt", "standard input is not a tar archive"),
        (b"", "/opt", "standard input is empty"),
        (b"", "/none", "unpiped-living has no file or folder /none"),
        (b"", "/etc/passwd", "unpiped-living:/etc/passwd is a file"),
    ],
)
def test_what_can_not_be_unpacked_is_refused(unpiped: Program, stdin: bytes, folder: str, words: str) -> None:
    done = unpiped.run("cp", "-", f"unpiped-living:{folder}", stdin=stdin)
    assert done.returncode == 2
    assert words in done.stderr.decode()


@pytest.mark.parametrize("words", [("unpiped-living:/etc", "-"), ("-", "unpiped-living:/opt")])
def test_an_archive_is_for_no_terminal(unpiped: Program, words: tuple[str, str]) -> None:
    terminal = unpiped.terminal("cp", *words)
    told = terminal.rest()
    assert (terminal.status(), re.search(r"archive .*terminal", told) is not None) == (2, True), told


@pytest.fixture(scope="module")
def unpiped(tmp_path_factory: pytest.TempPathFactory, engine_url: str) -> Iterator[Program]:
    """Give the program with a kept sandbox `unpiped-living`, into which nothing comes."""
    found = Program(folder=tmp_path_factory.mktemp("unpiped"), engine=engine_url, debian=ARCHIVE)
    assert found.run(*DEBIAN, "-q", "--name", "unpiped-living", "--keep", "--", "true").returncode == 0
    yield found
    found.run("rm", "unpiped-living")


def test_names_complete_in_the_shell(program: Program, engine: DockerEngine) -> None:
    is_slow = engine.title.startswith("podman 4")  # it takes 0.3 to 1.4 s to say its version, and we wait 0.7 s
    assert program.run(*DEBIAN, "-q", "--name", "living-named", "--keep", "--", "true").returncode == 0
    for verb, completed in (("enter", "living-named"), ("logs", "living-named"), ("cp", "living-named:")):
        typed = {"_SANDBOX_LINE": f"sandbox {verb} living-na", "_SANDBOX_COMPLETE": "bash"}
        ask = partial(said, replace(program, environ=typed))
        # a busy engine is not waited for: what it would say comes with a later try
        found = ask() if is_slow else wait_for(ask)
        assert found.strip() in ({completed, ""} if is_slow else {completed})


def test_what_can_not_be_copied_is_said_and_nothing_is_replaced(program: Program) -> None:
    program.run(*DEBIAN, "-q", "--name", "living-not", "--keep", "--", "true")
    work = program.work
    (work / "folder").mkdir()
    (work / "file").write_text("")
    (work / "dangling").symlink_to("nowhere")
    os.mkfifo(work / "pipe")
    for source, target, words in (
        ("folder", "living-not:/etc/passwd", "living-not:/etc/passwd is a file, and folder is a folder"),
        ("file", "living-not:/etc/passwd/x", "living-not has no folder /etc/passwd"),
        ("file", "living-not:/none/x", "living-not has no folder /none"),
        ("pipe", "living-not:/srv", "pipe is neither a file nor a folder"),
        ("dangling", "living-not:/srv", "dangling is a link to nowhere, which does not exist"),
        ("living-not:/etc", "file", "file is a file, and /etc is a folder"),
        ("living-not:/etc/passwd", "/proc/none", "/proc/none can't be written: "),
        ("file", "living-not:/dev/shm/x", "the engine copies nothing to or from /dev"),
        ("living-not:/proc/version", "version", "the engine copies nothing to or from /proc"),
        ("file", "living-not:/etc/hosts", "the engine provides /etc/hosts of living-not"),
    ):
        done = program.run("cp", source, target)
        assert (done.returncode in (1, 2), words in done.stderr.decode()) == (True, True), done.stderr.decode()
        assert "Traceback" not in done.stderr.decode()
    assert said(program, "enter", "living-not", "--", "id", "-un") == "root\n"


def test_all_of_a_sandbox_comes_out(program: Program) -> None:
    program.run(*DEBIAN, "-q", "--name", "living-all", "--keep", "--", "sh", "-c", "echo mine >/root/file")
    done = program.run("cp", "living-all:", "all")
    assert done.returncode == 0, done.stderr
    assert (program.work / "all" / "root" / "file").read_text() == "mine\n"
    assert (program.work / "all" / "bin").is_symlink()


def test_stopping_twice_or_nothing_is_said(program: Program) -> None:
    program.run(*DEBIAN, "-q", "--name", "living-twice", "--keep", "--", "true")
    assert said(program, "stop", "living-twice") == "living-twice was already stopped\n"
    assert program.run("stop").stderr.startswith(b"error: stop needs a name, or --all\n")


@pytest.mark.parametrize("verb", first(["rm", "stop"]))
def test_one_that_is_ended_from_elsewhere_is_said_to_whoever_is_in_it(program: Program, verb: str) -> None:
    assert program.run(*DEBIAN, "-q", "--name", "living-used", "--keep", "--", "true").returncode == 0
    process = program.start("enter", "living-used", "--", "sh", "-c", "echo here; sleep 600")
    wait_for_text(process, b"here\n")
    said(program, verb, "living-used")
    status, _, err = ended(process)
    assert (status, b"living-used ended while it was in use" in err) == (125, True), err


@pytest.mark.parametrize("ports", first([("--port", "0:80"), ()]))
def test_a_command_that_ends_at_once_is_said_to_have_and_can_not_be_entered(
    program: Program, ports: tuple[str, ...]
) -> None:
    done = program.run(*DEBIAN, "--name", "living-ended", "--detach", *ports, "--", "no-such-command")
    said_then = done.stderr.decode()
    assert (done.returncode, "ran         no-such-command; it has ended with status 127" in said_then) == (0, True)
    assert "sandbox enter" not in said_then
    assert "not found" in said(program, "logs", "living-ended")
    done = program.run("enter", "living-ended", "--", "true")
    assert done.returncode == 125
    assert b"its main command ended" in done.stderr
    assert b"sandbox logs living-ended" in done.stderr


@FULL
def test_a_command_that_fails_late_for_want_of_a_processor_is_said_to_have_ended(program: Program) -> None:
    """It needs a quarter of the processor's time after which a start counts as over, and is given a tenth of one."""
    works = "i=0; while [ $((i += 1)) -lt 40000 ]; do :; done; exit 7"
    done = program.run(*DEBIAN, "--name", "living-late", "--detach", "--cpus", "0.1", "--", "bash", "-c", works)
    assert "; it has ended with status 7" in done.stderr.decode()


def test_one_that_was_removed_while_it_was_left_is_said_to_be_gone(program: Program, tmp_path: Path) -> None:
    assert program.run(*DEBIAN, "-q", "--name", "living-gone", "--keep", "--", "true").returncode == 0
    with EngineProxy(tmp_path, program.engine) as proxy:
        proxy.hold_answer(r"GET /v[0-9.]+/exec/")  # asked once what ran in it has ended
        terminal = replace(program, engine=proxy.url).terminal("enter", "living-gone", "--", "sh", "-c", "exit 4")
        wait_for(proxy.held.is_set)
        said(program, "rm", "living-gone")
        proxy.release()
        told = terminal.rest()
        assert (terminal.status(), "living-gone   gone" in told) == (4, True), told


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("enter", "living-none"), 2),
        (("stop", "living-none"), 2),
        (("rm", "living-none"), 2),
        (("rm",), 2),
        (("logs", "living-none"), 2),
        ((*DEBIAN, "--detach", "--keep"), 2),
        ((*DEBIAN, "--ttl", "2h"), 2),
        ((*DEBIAN, "--keep", "--ttl", "soon"), 2),
        ((*DEBIAN, "--keep", "--name", "Not A Name"), 2),
    ],
    ids=lambda words: " ".join(words) if isinstance(words, tuple) else str(words),
)
def test_what_can_not_be_is_said_in_a_line(program: Program, words: tuple[str, ...], status: int) -> None:
    done = program.run(*words)
    assert (done.returncode, done.stdout) == (status, b"")
    assert done.stderr.decode().startswith("error: ")
    assert "Traceback" not in done.stderr.decode()


def test_a_name_that_is_taken_is_refused_before_anything_starts(program: Program, client: Any) -> None:
    program.run(*DEBIAN, "--name", "living-one", "--keep", "--", "true")
    before = {row.id for row in client.containers.list(all=True, filters={"name": "living-one"})}
    done = program.run(*DEBIAN, "--name", "living-one", "--", "true")
    assert done.returncode == 125
    assert done.stderr.decode().splitlines()[1] == "error: there is already a container named living-one"
    assert {row.id for row in client.containers.list(all=True, filters={"name": "living-one"})} == before
