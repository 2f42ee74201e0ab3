"""The library on a real engine: what its boxes can do, and that nothing of them outlives who made them."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.integration.running import ARCHIVE, LONG, Program, owned, running, wait_for, wait_for_text
from tests.patience import cut_short

from sandbox import (
    CommandFailed,
    NoEngine,
    Sandbox,
    SandboxDied,
    TooLong,
    UnknownPackage,
    UsageError,
)
from sandbox.engine import labels
from sandbox.lifecycle.owner import current_owner

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MUCH: Final = 8_000_000


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory, engine_url: str) -> Program:
    return Program(folder=tmp_path_factory.mktemp("api"), engine=engine_url, debian=ARCHIVE)


@pytest.fixture(scope="module")
def _settings(program: Program) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in os.environ:
            if name not in program.env({}):
                patch.delenv(name)
        for name, value in program.env({}).items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def box(_settings: None) -> Iterator[Sandbox]:
    with Sandbox("debian:bookworm", packages=["hello"], env={"FROM_BOX": "yes"}) as found:
        yield found


def test_a_command_ends_with_its_output_and_status(box: Sandbox) -> None:
    done = box.run("hello")
    assert (done.args, done.returncode, done.stdout, done.stderr) == (("hello",), 0, "Hello, world!\n", "")
    done = box.run("sh", "-c", "echo out; echo err >&2; exit 129")
    assert (done.returncode, done.stdout, done.stderr) == (129, "out\n", "err\n")
    assert box.run("sh", "-c", "kill -TERM $$").returncode == 128 + signal.SIGTERM
    missing = box.run("no-such-command")
    assert (missing.returncode, missing.stderr) == (127, "sandbox: no command no-such-command in this distro\n")
    with pytest.raises(CommandFailed, match="false in the sandbox ended with status 1"):
        box.run("false", check=True)


def test_words_variables_folder_and_user_are_the_commands_own(box: Sandbox) -> None:
    assert box.run("printf", "<%s>", "a b", "", "$HOME", "é\n").stdout == "<a b><><$HOME><é\n>"
    shown = box.run(
        "sh", "-c", 'echo "$FROM_BOX $MINE $(pwd) $(id -un)"', env={"MINE": "a b"}, cwd="/tmp", user="nobody"
    )
    assert shown.stdout == "yes a b /tmp nobody\n"
    assert box.run("id", "-u", user=4711).stdout == "4711\n"
    with pytest.raises(UsageError, match="there is no user nosuch in the sandbox"):
        box.run("true", user="nosuch")
    with pytest.raises(UsageError, match="there is no folder /no/such in the sandbox"):
        box.run("true", cwd="/no/such")


def test_input_and_output_of_any_size_cross_each_other(box: Sandbox) -> None:
    assert box.run("cat").stdout == ""
    assert box.run("cat", input="é\r\n").stdout == "é\r\n"
    every = bytes(range(256))
    assert box.run("cat", input=every, text=False).stdout == every
    assert box.run("cat", input=b"\xff").stdout == "\ufffd"
    assert box.run("tee", "/dev/stderr", input=b"0123456789abcdef" * (MUCH // 16), text=False).stderr[-1:] == b"f"
    assert box.run("head", "-c1", input=b"x" * MUCH, text=False).stdout == b"x"


def test_a_command_whose_time_is_over_is_killed_with_all_that_it_began(box: Sandbox) -> None:
    script = "echo begun; echo err >&2; timeout 3000 sleep 3001 & (sleep 3002 &); sleep 3003"

    def attempt(limit: float) -> TooLong:
        said = f"sh in the sandbox was still running after {limit:g} s, so it was killed"
        with pytest.raises(TooLong, match=re.escape(said)) as late:
            box.run("sh", "-c", script, timeout=limit)
        return late.value

    late = cut_short(attempt, lambda late: late.stderr)
    assert (late.stdout, late.stderr) == ("begun\n", "err\n")
    wait_for(lambda: "sleep" not in box.run("sh", "-c", "cat /proc/[0-9]*/comm").stdout)


def test_an_interrupt_kills_the_command_and_leaves_the_box(box: Sandbox) -> None:
    main = threading.main_thread().ident
    assert main is not None

    def interrupt() -> None:
        wait_for(lambda: box.run("test", "-e", "/tmp/waits").returncode == 0)
        signal.pthread_kill(main, signal.SIGINT)  # as the kernel hands Ctrl-C to the main thread

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        box.run("sh", "-c", "touch /tmp/waits; sleep 3004")
    thread.join()
    wait_for(lambda: "sleep" not in box.run("sh", "-c", "cat /proc/[0-9]*/comm").stdout)


def test_threads_share_a_box(box: Sandbox) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda number: box.run("sh", "-c", f"echo {number}; cat", input="x").stdout, range(24)))
    assert found == [f"{number}\nx" for number in range(24)]


def test_files_go_in_and_out(box: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a").write_text("content")
    box.copy_in(tmp_path / "in", "/srv")
    assert box.run("cat", "/srv/in/a").stdout == "content"
    assert box.copy_out("/srv/in/a", tmp_path) == tmp_path / "a"
    assert (tmp_path / "a").read_text() == "content"
    with pytest.raises(UsageError, match="has no file or folder /srv/nope"):
        box.copy_out("/srv/nope", tmp_path)
    with pytest.raises(UsageError, match="/no/such does not exist"):
        box.copy_in("/no/such", "/srv")


def test_what_is_in_it_can_be_kept_and_measured(box: Sandbox) -> None:
    box.run("apt-get", "install", "-y", "bc", check=True)
    assert {"hello", "bc"} <= set(re.findall(r"^\w+", box.promote("list", verify=False), re.MULTILINE))
    found = box.footprint()
    assert {package.name for package in found.packages if package.asked} == {"hello", "bc"}
    assert found.claimed > 0
    with pytest.raises(UsageError, match='no format "rpm-spec"'):
        box.promote("rpm-spec")


@pytest.mark.full
def test_what_is_promoted_is_proven_first(box: Sandbox) -> None:
    assert "\n# Proven on " in box.promote("sh")


@pytest.mark.usefixtures("_settings")
def test_several_boxes_live_at_once_in_the_executor_of_asyncio() -> None:
    def use(number: int) -> tuple[str, str]:
        with Sandbox("debian:bookworm") as box:
            return box.name, box.run("echo", str(number), check=True).stdout

    async def both() -> list[tuple[str, str]]:
        return await asyncio.gather(*(asyncio.to_thread(use, number) for number in range(2)))

    found = asyncio.run(both())
    assert [text for _, text in found] == ["0\n", "1\n"]
    assert len({name for name, _ in found}) == 2


@pytest.mark.usefixtures("_settings")
def test_a_box_that_is_closed_or_dead_says_so(client: Any) -> None:
    with Sandbox("debian:bookworm") as box:
        with pytest.raises(UsageError, match="this sandbox is open: a Sandbox is entered once"):
            box.__enter__()
        client.containers.get(box.name).kill()
        with pytest.raises(SandboxDied):
            box.run("true")
    with pytest.raises(UsageError, match="this sandbox is closed, and removed"):
        box.run("true")


@pytest.mark.usefixtures("_settings")
def test_a_failed_install_is_the_error_of_the_command_line_and_leaves_nothing() -> None:
    with pytest.raises(UnknownPackage, match="debian bookworm has no package hallo") as caught:
        Sandbox("debian:bookworm", packages=["hallo"]).__enter__()
    assert caught.value.package == "hallo"
    if sys.version_info >= (3, 11):
        assert any("apt-get said" in note for note in caught.value.__notes__)
    with pytest.raises(NoEngine):
        Sandbox("debian:bookworm", engine="unix:///no/such/socket").__enter__()


@pytest.mark.usefixtures("_settings")
def test_an_error_in_the_block_comes_out_and_nothing_stays() -> None:
    with pytest.raises(ZeroDivisionError), Sandbox("debian:bookworm"):
        _ = 1 / 0
    with pytest.raises(SystemExit) as caught, Sandbox("debian:bookworm"):
        raise SystemExit(3)
    assert caught.value.code == 3


def python(program: Program, code: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=program.env({}),
        cwd=program.work,
    )


QUIET: Final = """
import signal, sys
handlers = [signal.getsignal(number) for number in signal.valid_signals() if number not in (9, 19)]
from sandbox import Sandbox, SandboxError
with Sandbox("debian:bookworm") as box:
    box.run("sh", "-c", "echo loud; echo loud >&2")
    try:
        box.run("true", user="nosuch")
    except SandboxError:
        pass
assert handlers == [signal.getsignal(number) for number in signal.valid_signals() if number not in (9, 19)]
dropped = Sandbox("debian:bookworm").__enter__()
name = dropped.name
dropped = None
open_at_the_end = Sandbox("debian:bookworm").__enter__()
"""


def test_a_program_that_closes_nothing_leaves_nothing_and_sees_nothing(program: Program, client: Any) -> None:
    process = python(program, QUIET)
    out, err = process.communicate(timeout=LONG)
    assert (process.returncode, out, err) == (0, b"", b"")
    wait_for(lambda: not owned(client, process.pid))


@pytest.mark.usefixtures("_settings")
def test_a_box_that_is_dropped_goes_with_a_warning(client: Any) -> None:
    box = Sandbox("debian:bookworm").__enter__()
    name = box.name
    with pytest.warns(ResourceWarning, match=f"the sandbox {name} was dropped without being closed"):
        del box
    rows = {"filters": {"label": f"{labels.NAME}={name}"}, "all": True}
    wait_for(lambda: not client.api.containers(**rows))


FORKING: Final = """
import os, sys, time
from sandbox import Sandbox, UsageError
box = Sandbox("debian:bookworm").__enter__()
child = os.fork()
if not child:
    try:
        box.run("true")
    except UsageError as error:
        assert "is of process %d, from which this one was forked" % os.getppid() in str(error)
        box.close()
        print("forked", os.getpid(), flush=True)
    time.sleep(3000)
box.run("true", check=True)
time.sleep(3000)
"""


def test_a_forked_child_keeps_no_box_of_a_killed_parent_alive(program: Program, client: Any) -> None:
    process = python(program, FORKING)
    with process:
        child = int(wait_for_text(process, b"\n").split()[1])
        try:
            assert len(running(client, process.pid)) == 1
            process.kill()
            process.wait()
            wait_for(lambda: not owned(client, process.pid))
            os.kill(child, 0)  # it lives
        finally:
            os.kill(child, signal.SIGKILL)


SUITE: Final = """
import pytest
setup = ["cat /proc/sys/kernel/random/uuid >/made"]
pytestmark = pytest.mark.sandbox("debian:bookworm", packages=["hello"], setup=setup)

@pytest.mark.parametrize("number", range(3))
def test_a_box(sandbox_box, number):
    assert sandbox_box.run("hello").returncode == 0
    assert sandbox_box.run("mkdir", "/mine").returncode == 0
    with open("made", "a") as file:
        file.write(sandbox_box.run("cat", "/made", check=True).stdout)
"""


def suite(program: Program, text: str, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
    (program.work / "test_somebodys.py").write_text(text)
    argv = [sys.executable, "-m", "pytest", "-q", "-rs", "--strict-markers", "-p", "no:cacheprovider", *words]
    return subprocess.run(
        argv, env=program.env(extra), cwd=program.work, capture_output=True, text=True, timeout=LONG, check=False
    )


def test_tests_get_fresh_boxes_of_one_state_that_workers_share(program: Program, client: Any) -> None:
    done = suite(program, SUITE, "-n", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    made = (program.work / "made").read_text().split()
    assert (len(made), len(set(made))) == (3, 1)
    ours = client.images.list(filters={"label": [labels.SESSION, f"{labels.HOST}={current_owner().host}"]})
    assert not [image.tags for image in ours if image.labels[labels.SESSION]]


def test_tests_without_an_engine_are_skipped_or_fail_as_they_are_told_to(program: Program) -> None:
    away = {"SANDBOX_ENGINE": "unix:///no/such/socket"}
    text = "def test_a_box(sandbox_box): ..."
    done = suite(program, text, **away)
    assert (done.returncode, "1 skipped" in done.stdout) == (0, True), done.stdout
    assert "unix:///no/such/socket" in done.stdout
    done = suite(program, text, **away, SANDBOX_REQUIRE_ENGINE="1")
    assert (done.returncode, "1 error" in done.stdout) == (1, True), done.stdout
