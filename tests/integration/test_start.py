"""A try and an inspection begin their container before the program is loaded; what is kept for that changes nothing."""

from __future__ import annotations

import json
import signal
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.integration.engine_proxy import ATTACH, CREATE, FIND, INFO, START, EngineProxy
from tests.integration.running import Program, ended, owned, running, wait_for, without_limits_warning
from tests.matrix import first

from sandbox.cli.start import text_of
from sandbox.engine.begun import UNKNOWN

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

WORDS = ("try", "--distro", "debian", "-q", "--")


@pytest.fixture
def program(tmp_path: Path, proxy: EngineProxy, base: str) -> Program:
    """The program behind the proxy, which has run the command line once, and kept how its container is begun."""
    assert base
    found = Program(folder=tmp_path, engine=proxy.url)
    done = found.run(*WORDS, "true")
    assert (done.returncode, without_limits_warning(done.stderr.decode())) == (0, "")
    assert kept(found).stat().st_mode & 0o777 == 0o600
    return found


def kept(program: Program) -> Path:
    (path,) = (program.folder / "cache" / "sandbox" / "start").iterdir()
    return path


def forget_engine(program: Program) -> None:
    """Let what is kept be of an engine that says another thing of itself, so that this one is asked who it is."""
    for path in (program.folder / "cache" / "sandbox" / "start").glob("[0-9a-z]*"):
        change(path, '{"speaker": "Api', '{"speaker": "another; Api')


def change(path: Path, old: str, new: str) -> None:
    """Let a kept file hold something else, as if that had been kept."""
    first, *lines = path.read_text().split("\n")
    path.write_text(text_of(first.partition(" ")[0], [line.replace(old, new) for line in lines]))


def begin(program: Program, proxy: EngineProxy, *command: str) -> subprocess.Popen[bytes]:
    """Start the program, which learns of no engine until `proxy.release()`."""
    forget_engine(program)
    return held(program, proxy, *command)


def held(program: Program, proxy: EngineProxy, *command: str) -> subprocess.Popen[bytes]:
    """Start the program as it is, and wait until it asks which engine it is."""
    proxy.hold(FIND)
    process = program.start(*WORDS, *command)
    wait_for(proxy.held.is_set)
    return process


def test_the_container_runs_before_the_engine_has_said_who_it_is(
    program: Program, proxy: EngineProxy, client: Any
) -> None:
    process = begin(program, proxy, "sh", "-c", "hostname; grep -c . /etc/hostname")
    wait_for(lambda: running(client, process.pid))
    (before,) = owned(client, process.pid)
    proxy.release()
    status, out, err = ended(process)
    assert (status, without_limits_warning(err.decode())) == (0, "")
    assert out.decode() == f"{before['Names'][0].lstrip('/')}\n1\n"
    assert not owned(client, process.pid)


def test_an_engine_that_gave_all_limits_is_not_asked_for_them_again(
    program: Program, proxy: EngineProxy, client: Any
) -> None:
    about = client.info()
    has_limits = all(about[flag] for flag in ("MemoryLimit", "CpuCfsQuota", "PidsLimit"))
    lines = kept(program).read_text().splitlines()
    assert (lines[-2] != UNKNOWN) == has_limits
    proxy.hold(INFO)
    process = program.start(*WORDS, "true")
    if not has_limits:
        wait_for(proxy.held.is_set)
        proxy.release()
    status, _, err = ended(process)  # though whoever asks gets no answer
    assert (status, without_limits_warning(err.decode())) == (0, "")


def test_an_engine_that_names_itself_as_before_is_not_asked_who_it_is(program: Program, proxy: EngineProxy) -> None:
    path = kept(program)
    about = json.loads(path.read_text().splitlines()[-3])
    is_known = about["speaker"] != UNKNOWN  # of Docker, which says it with each answer
    proxy.hold(FIND)
    process = program.start(*WORDS, "true")
    if not is_known:
        wait_for(proxy.held.is_set)
        proxy.release()
    status, _, err = ended(process)
    assert (status, without_limits_warning(err.decode())) == (0, "")
    if is_known:
        assert json.loads(path.read_text().splitlines()[-3]) == about
        forget_engine(program)
        process = program.start(*WORDS, "true")
        wait_for(proxy.held.is_set)
        proxy.release()
        assert ended(process)[0] == 0
        assert json.loads(path.read_text().splitlines()[-3]) == about


@pytest.mark.parametrize("number", first([signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1], 2))
def test_a_signal_before_the_program_is_loaded_leaves_nothing(
    number: signal.Signals, program: Program, proxy: EngineProxy, client: Any
) -> None:
    process = begin(program, proxy, "true")
    wait_for(lambda: running(client, process.pid))
    process.send_signal(number)
    status, _, err = ended(process)
    assert (status, without_limits_warning(err.decode())) == (128 + number, "")
    assert not owned(client, process.pid)


def test_a_kill_before_the_program_is_loaded_leaves_nothing_running(
    program: Program, proxy: EngineProxy, client: Any
) -> None:
    process = begin(program, proxy, "true")
    wait_for(lambda: running(client, process.pid))
    process.kill()
    ended(process)
    wait_for(lambda: not owned(client, process.pid))


@pytest.mark.parametrize("moment", first([CREATE, ATTACH, START]), ids=["create", "attach", "start"])
def test_a_kill_while_it_is_begun_is_swept_by_the_next_command(
    moment: str, program: Program, proxy: EngineProxy, client: Any
) -> None:
    proxy.hold(moment)
    process = program.start(*WORDS, "true")
    wait_for(proxy.held.is_set)
    process.kill()
    ended(process)
    assert not running(client, process.pid)
    proxy.release()
    assert program.run("clean").returncode == 0
    assert not owned(client, process.pid)


def test_a_container_that_would_be_another_one_now_is_replaced(
    program: Program, proxy: EngineProxy, client: Any
) -> None:
    before = kept(program).read_text()
    image = json.loads(before.splitlines()[-1])["Image"]
    copy = client.images.get(image)
    other = client.containers.create(image, "true", labels={"org.sandbox-try.test": "start"})
    try:
        changed = other.commit("sandbox-test/start", "latest")
    finally:
        other.remove()
    try:
        rows = program.folder / "config" / "sandbox" / "distros.yaml"
        rows.parent.mkdir(parents=True, exist_ok=True)
        rows.write_text("debian: {image: 'sandbox-test/start'}\n")
        process = begin(program, proxy, "echo", "here")
        wait_for(lambda: running(client, process.pid))
        (begun,) = owned(client, process.pid)
        proxy.release()
        status, out, err = ended(process)
        assert (status, out, without_limits_warning(err.decode())) == (0, b"here\n", "")
        assert begun["ImageID"] == copy.id != changed.id
        assert json.loads(kept(program).read_text().splitlines()[-1])["Image"] == changed.id
        assert not owned(client, process.pid)
    finally:
        client.images.remove("sandbox-test/start")


def test_an_image_that_is_gone_is_no_failure(program: Program) -> None:
    path = kept(program)
    image = json.loads(path.read_text().splitlines()[-1])["Image"]
    change(path, image, "sha256:" + "0" * 64)
    done = program.run(*WORDS, "echo", "here")
    assert (done.returncode, done.stdout) == (0, b"here\n")


@pytest.mark.parametrize("doing", ["open-to-all", "of-a-link", "cut", "empty", "changed"])
def test_a_kept_file_that_is_not_ours_alone_is_not_used(
    doing: str, program: Program, proxy: EngineProxy, client: Any
) -> None:
    forget_engine(program)
    path = kept(program)
    match doing:
        case "open-to-all":
            path.chmod(0o644)
        case "of-a-link":
            path.rename(path.with_name("moved"))
            path.symlink_to("moved")
        case "cut":
            path.write_text(path.read_text()[:300])
        case "changed":
            path.write_text(path.read_text().replace('"version": {', '"version": {"Components": 3, '))
        case _:
            path.write_text("")
    process = held(program, proxy, "echo", "here")
    assert not owned(client, process.pid)
    proxy.release()
    assert ended(process)[:2] == (0, b"here\n")


def test_an_engine_that_refuses_is_asked_the_ordinary_way(program: Program, client: Any) -> None:
    path = kept(program)
    nowhere = replace(program, engine=f"unix://{program.folder / 'nowhere.sock'}").run(*WORDS, "true")
    assert nowhere.returncode == 125
    change(path, "/attach?", "/nothing?")
    process = program.start(*WORDS, "echo", "here")
    assert ended(process)[:2] == (0, b"here\n")
    assert not owned(client, process.pid)


def test_an_ordinary_try_loads_no_sdk_from_its_start_to_its_end(program: Program) -> None:
    done = program.run(*WORDS, "true", PYTHONPROFILEIMPORTTIME="1")
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.decode().splitlines()}
    assert (done.returncode, "sandbox.engine.direct" in loaded) == (0, True)
    assert loaded & {"docker", "requests", "urllib3"} == set()


@pytest.mark.full
def test_an_inspection_begins_its_container_as_early_and_finds_the_same(
    tmp_path: Path, proxy: EngineProxy, base: str, client: Any
) -> None:
    assert base
    program = Program(folder=tmp_path, engine=proxy.url)
    words = ("inspect", "hello", "--distro", "debian", "--json", "-q")
    first_time = json.loads(program.run(*words).stdout)
    proxy.hold(FIND)
    forget_engine(program)
    process = program.start(*words)
    wait_for(proxy.held.is_set)
    wait_for(lambda: running(client, process.pid))
    proxy.release()
    status, out, _ = ended(process)
    again = json.loads(out)
    assert (status, again["packages"], again["footprint"]["files"]) == (0, ["hello"], first_time["footprint"]["files"])
    assert not owned(client, process.pid)
