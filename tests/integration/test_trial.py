"""Trials for real: lab distros side by side, what is printed, what is left, engines that die, hosts behind ssh."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import docker
import pytest
from junitparser import JUnitXml
from tests.answers import answer
from tests.integration import ssh_host
from tests.integration.running import ARCHIVE, Program, ended, owned, wait_for
from tests.matrix import FULL, first
from tests.storm.engines import missing, private_engine
from tests.storm.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable
    from subprocess import CompletedProcess

LAB: Final = ("--distros", str(Path(__file__).parents[1] / "lab" / "distros.yaml"))
SPECS: Final = {
    "good": """
packages: [lab-tool]
env: {WORD: bird}
checks:
  - run: labtool
    stdout: {contains: "2.0"}
  - run: echo "$WORD"
    stdout: {equals: bird}
  - {file: /usr/bin/labtool, mode: 0755, owner: root}
""",
    "bad": """
packages: [lab-tool]
checks:
  - run: labtool
  - run: "echo out; exit 3"
""",
    "missing": """
packages: [lab-nope]
""",
    "flaky": """
packages: [lab-tool]
checks:
  - run: 'test "$(cat /proc/uptime | cut -d. -f2)" = no'
""",
    "free": """
packages: [lab-tool]
checks:
  - run: 'grep "^NoNewPrivs:.0" /proc/self/status'
""",
    "slow": """
packages: [lab-tool]
checks:
  - run: sleep 20
""",
    "endless": """
packages: [lab-tool]
checks:
  - run: sleep 600
""",
    "deaf": """
packages: [lab-tool]
checks:
  - {run: "trap '' TERM; sleep 99 & sleep 99; sleep 99", timeout: 1}
  - run: labtool
""",
    "random": """
packages: [lab-tool]
setup: ['touch "/usr/bin/made-$(cat /proc/sys/kernel/random/uuid)" && chmod 755 /usr/bin/made-*']
""",
    "listens": """
packages: [lab-tool]
setup: [ls]
checks:
  - {port: 6379, timeout: 1}
""",
}


def written(program: Program, *names: str) -> Program:
    """Return the program with these specs in its ./sandboxes."""
    folder = program.work / "sandboxes"
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / f"{name}.yaml").write_text(SPECS[name])
    return program


@pytest.fixture
def program(tmp_path: Path, engine_url: str) -> Program:
    return Program(folder=tmp_path, engine=engine_url, debian=ARCHIVE)


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory, engine_url: str) -> tuple[Program, CompletedProcess[bytes]]:
    """Return a run of two specs on three distros, where one spec fails."""
    program = written(Program(folder=tmp_path_factory.mktemp("matrix"), engine=engine_url), "good", "bad")
    words = (*LAB, "--distro", "alpine,fedora,arch", "--junit", "trials.xml")
    return program, program.run("trial", *words, GITHUB_ACTIONS="true")


def document(done: CompletedProcess[bytes]) -> Any:
    return answer("trial", done.stdout)


def statuses(done: CompletedProcess[bytes]) -> dict[str, str]:
    return {f"{cell['spec']} {cell['distro']}": cell["status"] for cell in document(done)["cells"]}


def test_every_spec_is_tried_on_every_distro_and_one_that_fails_ends_with_6(
    matrix: tuple[Program, CompletedProcess[bytes]],
) -> None:
    _, done = matrix
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 6, done.stderr
    assert lines[0].split() == ["alpine", "fedora", "arch"]
    assert [line.split()[::3] for line in lines[1:3]] == [["bad", "s", "s", "s"], ["good", "s", "s", "s"]]
    assert (lines[1].count("✗"), lines[2].count("✓")) == (3, 3)
    assert "    check 2: echo out; exit 3: exit status 3, expected 0" in lines
    assert f"next       sandbox trial bad --distro alpine {' '.join(LAB)} --shell-on-fail" in lines
    assert any(line.startswith("3 of 6 pass in ") for line in lines)


def test_without_a_terminal_each_end_is_one_plain_line(matrix: tuple[Program, CompletedProcess[bytes]]) -> None:
    lines = matrix[1].stderr.decode().splitlines()
    assert sorted(re.sub(r"[\d.]+ s *", "", line) for line in lines)[:3] == [
        "✓ good on alpine",
        "✓ good on arch",
        "✓ good on fedora",
    ]
    assert "\x1b" not in matrix[1].stderr.decode()


def test_junit_is_read_by_its_readers(matrix: tuple[Program, CompletedProcess[bytes]]) -> None:
    found = JUnitXml.fromfile(str(matrix[0].work / "trials.xml"))
    assert (found.tests, found.failures, found.errors) == (21, 3, 0)


def test_annotations_name_the_file_and_the_line_of_the_check(
    matrix: tuple[Program, CompletedProcess[bytes]],
) -> None:
    found = [line for line in matrix[1].stdout.decode().splitlines() if line.startswith("::error ")]
    assert len(found) == 3
    assert found[0] == (
        "::error file=sandboxes/bad.yaml,line=5,title=bad on alpine::"
        "check 2: echo out; exit 3: exit status 3, expected 0%0Aout"
    )


def test_each_cell_has_a_log_with_its_install_and_its_checks(matrix: tuple[Program, CompletedProcess[bytes]]) -> None:
    [folder] = (matrix[0].folder / "state" / "sandbox" / "trials").iterdir()
    assert len(list(folder.iterdir())) == 6
    text = (folder / "good--alpine.log").read_text()
    assert re.search(r"^== install lab-tool .* done after ", text, re.MULTILINE), text
    assert "\n== check labtool done after " in text
    assert folder.stat().st_mode & 0o777 == 0o700


def test_a_cell_that_can_not_be_installed_is_its_own_failure(program: Program) -> None:
    done = written(program, "good", "missing").run("trial", *LAB, "-d", "alpine", "--json", "-q")
    assert done.returncode == 6
    assert statuses(done) == {"good alpine": "passed", "missing alpine": "error"}
    assert "lab-nope" in document(done)["cells"][1]["problem"]


def test_why_a_cell_could_not_be_installed_is_shown_with_the_names_near_it(program: Program) -> None:
    done = written(program, "missing").run("trial", "missing", *LAB, "-d", "alpine", "-q")
    assert b"    apk said: " in done.stdout, done.stdout


def test_a_check_that_heeds_no_signal_costs_no_more_than_its_time_on_any_timeout(program: Program) -> None:
    done = written(program, "deaf").run("trial", *LAB, "-d", "alpine,arch", "--json", "-q")
    assert done.returncode == 6
    for cell in document(done)["cells"]:
        first, second = cell["checks"]
        assert (first["problem"], second["problem"]) == ("not finished after 1 s", None), cell["distro"]
        assert first["seconds"] < 30, cell["distro"]


def test_a_retry_is_made_only_where_asked_and_counted(program: Program) -> None:
    done = written(program, "flaky").run("trial", *LAB, "-d", "alpine", "--json", "--retries", "2")
    [cell] = document(done)["cells"]
    assert (done.returncode, cell["attempts"]) == (6, 3)


def test_twice_the_same_is_the_same_and_what_differs_is_named(program: Program) -> None:
    done = written(program, "good", "random").run("trial", *LAB, "-d", "alpine", "--json", "--twice")
    good, random = document(done)["cells"]
    assert (good["status"], good["differences"]) == ("passed", [])
    assert random["status"] == "failed"
    assert sorted(re.sub(r"made-[^:]+", "made", text) for text in random["differences"]) == [
        "command made: only in the first run",
        "command made: only in the second run",
    ]


def test_a_hardened_trial_has_no_new_privileges_and_says_how_to_look_into_it(program: Program) -> None:
    written(program, "free")
    hard = program.run("trial", "free", *LAB, "-d", "alpine", "--hardened")
    free = program.run("trial", "free", *LAB, "-d", "alpine")
    assert (hard.returncode, free.returncode) == (6, 0)
    again = f"next       sandbox trial free --distro alpine --hardened {' '.join(LAB)} --shell-on-fail"
    assert again.encode() in hard.stdout


def test_a_port_that_nothing_opens_fails_and_the_service_that_came_opens_its_own(program: Program, base: str) -> None:
    written(program, "listens")
    (program.work / "sandboxes" / "serves.yaml").write_text(
        "distro: debian:bookworm\npackages: [redis-server]\n"
        "checks: [{port: 6379, timeout: 100}, {run: redis-cli ping}]\n"
    )
    silent = program.run("trial", "listens", *LAB, "-d", "alpine", "--json")
    serves = program.run("trial", "serves", "--json")
    assert (silent.returncode, serves.returncode, bool(base)) == (6, 0, True), serves.stdout
    assert document(silent)["cells"][0]["checks"][0]["problem"] == "does not listen after 1 s"


def commands_in(client: Any, row: Any) -> Any:
    """Return the commands that run in a container now; None for one that is listed, but not yet there or gone."""
    try:
        return client.api.inspect_container(row["Id"])["ExecIDs"]
    except docker.errors.NotFound:  # Docker 20.10 lists a container before it is whole: seen once in some ten runs
        return None


@pytest.mark.parametrize("number", first([signal.SIGINT, signal.SIGTERM]))
def test_an_interrupted_matrix_leaves_nothing(program: Program, client: Any, number: signal.Signals) -> None:
    process = written(program, "endless").start("trial", *LAB, "-d", "alpine,arch")
    wait_for(lambda: [bool(commands_in(client, row)) for row in owned(client, process.pid)] == [True, True])
    process.send_signal(number)
    status, _, said = ended(process)
    assert status == 128 + number
    assert b"interrupted   removing what still runs; the logs stay in " in said
    assert owned(client, process.pid) == []


def test_a_shell_opens_in_the_box_that_failed_and_it_goes_with_the_shell(program: Program, client: Any) -> None:
    terminal = written(program, "bad").terminal("trial", *LAB, "-d", "alpine", "--shell-on-fail")
    terminal.expect(b"a shell in bad on alpine")
    terminal.send(b"labtool; echo in-si''de\r")
    terminal.expect(b"in-side")
    assert len(owned(client, terminal.child.pid)) == 1
    terminal.send(b"exit\r")
    assert terminal.status() == 6
    assert owned(client, terminal.child.pid) == []


def test_a_cell_without_a_sandbox_has_no_shell_and_says_so(program: Program, client: Any) -> None:
    spec, lock = written(program, "good").work / "sandboxes" / "good.yaml", program.work / "sandboxes/good.lock.yaml"
    assert program.run("lock", "good", "-d", "arch", "-q", SANDBOX_DISTROS=LAB[1]).returncode == 0, spec
    lock.write_text(lock.read_text().replace("linux/amd64", "linux/riscv64"))
    terminal = program.terminal("trial", "good", *LAB, "-d", "arch", "--locked", "--shell-on-fail")
    text = terminal.rest()
    assert terminal.status() == 6
    assert "is for linux/riscv64, but this machine is linux/amd64" in text
    assert "no shell: no failed sandbox is still there" in text
    assert owned(client, terminal.child.pid) == []


def test_a_shell_needs_a_terminal(program: Program) -> None:
    done = written(program, "bad").run("trial", "--shell-on-fail")
    assert done.returncode == 2
    assert b"--shell-on-fail needs a terminal" in done.stderr


@pytest.mark.parametrize("size", first([(10, 30), (24, 80)]))
def test_at_a_terminal_one_table_is_drawn_and_taken_away(program: Program, size: tuple[int, int]) -> None:
    terminal = written(program, "good").terminal("trial", *LAB, "-d", "alpine,arch", size=size)
    text = terminal.rest()
    assert terminal.status() == 0
    assert "of 2 done" in text
    assert "\x1b[2K" in text
    assert "2 of 2 pass" in text.rpartition("\x1b")[2]


def test_no_spec_is_said_with_what_to_type(program: Program) -> None:
    done = program.run("trial", *LAB)
    assert done.returncode == 2
    assert b"no spec to run" in done.stderr


@FULL
def test_an_engine_that_dies_hands_its_cells_to_the_others(tmp_path: Path, client: Any, engine_url: str) -> None:
    if why := missing("docker"):
        pytest.skip(why)
    stage = Stage(folder=tmp_path, url=engine_url, client=client, base="sandbox-lab/apk")
    with private_engine(stage, "docker") as (other, _):
        program = written(stage.program("two"), "good", "slow")
        words = ("-d", "alpine", "--engine", engine_url, "--engine", other.url, "--json", "--jobs", "2")
        process = program.start("trial", *LAB, *words)
        wait_for(lambda: [box for box in other.client.containers.list() if box.status == "running"])
        time.sleep(1)
        other.end(signal.SIGKILL)
        status, out, err = ended(process)
        found = json.loads(out)
        assert [cell["status"] for cell in found["cells"]] == ["passed", "passed"], err
        assert [cell["engine"] for cell in found["cells"]] == [engine_url, engine_url]
        assert sorted(map(len, (cell["moved"] for cell in found["cells"]))) == [0, 1]
        assert f"lost the engine at {other.url}".encode() in err
        assert status in (0, 5)  # 5 where the engine that died could not be asked what it still holds
        other.start()


def test_one_of_several_engines_that_does_not_answer_is_said(program: Program, engine_url: str) -> None:
    words = (*LAB, "-d", "alpine", "--engine", engine_url, "--engine", "unix:///nowhere.sock")
    done = written(program, "good", "bad").run("trial", *words)
    assert done.returncode == 6
    assert b"warning: an engine does not answer; the other engines do its work" in done.stderr
    assert b"unix:///nowhere.sock (no such file" in done.stderr
    assert f"--engine {engine_url} --shell-on-fail".encode() in done.stdout


@FULL
def test_an_engine_behind_ssh_runs_trials_publishes_there_and_leaves_no_tunnel(
    program: Program, engine_url: str, tmp_path: Path, glob: Callable[[str], set[Path]]
) -> None:
    if why := ssh_host.missing():
        pytest.skip(why)
    (tmp_path / "ssh").mkdir()
    with ssh_host.ssh_host(tmp_path / "ssh") as host:
        url = host.url(engine_url.removeprefix("unix://"))
        before = glob("sandbox-ssh-*")
        done = written(program, "good").run("trial", *LAB, "-d", "alpine", "--json", "--engine", url, PATH=host.path)
        piped = program.run("try", *LAB, "-d", "alpine", "--engine", url, "--", "cat", stdin=b"half", PATH=host.path)
        words = ("--engine", url, "--detach", "--port", "0:8080", "--name", f"there-{os.getpid()}")
        there = program.run("try", *LAB, "-d", "alpine", *words, "--", "nc", "-lk", "-p", "8080", PATH=host.path)
        program.run("rm", words[-1])
        wrong = program.run("try", "--engine", url.replace(".sock", ".nope"), "--", "true", PATH=host.path)
        assert glob("sandbox-ssh-*") <= before
    assert document(done)["cells"][0]["engine"] == url
    assert (done.returncode, piped.stdout, wrong.returncode) == (0, b"half", 125)
    said = there.stderr.decode()
    published = re.search(r"8080/tcp is 127\.0\.0\.1:(\d+) on 127\.0\.0\.1, where the engine is", said)
    assert published, said
    assert f"ssh -N -L {published[1]}:127.0.0.1:{published[1]} -l root -p {host.port} 127.0.0.1" in said


@pytest.fixture
def glob() -> Callable[[str], set[Path]]:
    """Give what lists the temporary folder."""
    import tempfile

    return lambda pattern: set(Path(tempfile.gettempdir()).glob(pattern))
