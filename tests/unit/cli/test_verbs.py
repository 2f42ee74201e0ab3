"""Command lines with an engine in memory: what they print, what they write, and the status they end with."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from tests.unit.fakes.debian import BASE, Debian, debian_engine, recorded

from sandbox.core.tar import one_file
from sandbox.engine.protocol import Image
from sandbox.errors import EngineError, NoEngine

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Answer, Sandbox
    from tests.unit.fakes import FakeEngine

SPEC: Final = "distro: debian:bookworm\npackages: [htop]\nchecks:\n  - run: htop --version\n"
ON: Final = ("--distro", "debian:bookworm")


class Program:
    """The program of a user who has an engine with Debian's image, and a spec in the folder."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.debian = Debian()
        self.engine: FakeEngine = debian_engine(self.debian)
        self._sandbox = sandbox
        Path("web.yaml").write_text(SPEC)

    def __call__(self, *argv: str) -> Answer:
        return self._sandbox(*argv, engine=self.engine)

    def keep(self) -> None:
        """Have a kept sandbox called mine, with htop in it."""
        assert self("try", "htop", *ON, "--keep", "--name", "mine", "--", "true").status == 0


@pytest.fixture
def program(sandbox: Sandbox) -> Program:
    return Program(sandbox)


def test_try_ends_with_the_commands_status_and_says_what_was_removed(program: Program) -> None:
    program.debian.own["htop --version"] = (7, b"", b"")
    found = program("try", "htop", *ON, "--", "htop", "--version")
    assert found.status == 7
    assert "removed" in found.err
    assert program.engine.containers_known == []


@pytest.mark.parametrize(
    ("said", "words"), [("2.6-unknown-two.txt", "debian bookworm has none of"), ("2.6-disk-full.txt", "disk")]
)
def test_try_shows_why_a_step_failed_and_ends_with_125(program: Program, said: str, words: str) -> None:
    program.debian.fails["install"] = (100, recorded(said))
    found = program("try", "htop", *ON, "--", "true")
    assert found.status == 125
    assert words in found.err
    assert program.engine.containers_known == []


def test_an_engine_that_does_not_answer_is_3(program: Program) -> None:
    program.engine.failing["create"] = [NoEngine("the engine went away")]
    assert program("lock", "./web.yaml").status == 3


def test_enter_runs_a_command_and_ends_with_its_status(program: Program) -> None:
    program.keep()
    program.debian.own["ls /"] = (3, b"", b"")
    assert program("enter", "mine", "--", "ls", "/").status == 3
    missing = program("enter", "mien", "--", "true")
    assert (missing.status, "mine" in missing.err) == (125, True)


def test_cp_says_what_was_copied_and_what_was_left_out(program: Program) -> None:
    program.keep()
    found = program("cp", "mine:/etc/passwd", ".")
    assert (found.status, "1 file" in found.err) == (0, True)
    assert Path("passwd").read_text().startswith("root:")
    assert program("cp", "./passwd", "mine:/opt").status == 0
    assert program.engine.read_file("mine", "/opt/passwd", limit=1000) is not None
    refused = program("cp", "mine:/no/such", ".")
    assert (refused.status, "mine has no file or folder /no/such" in refused.err) == (2, True)


def test_cp_takes_and_gives_archives_by_its_standard_streams(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    program.keep()
    assert "root:" in program("cp", "mine:/etc/passwd", "-").out
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(one_file("new", b"text"))))
    assert program("cp", "-", "mine:/opt").status == 0
    assert program.engine.read_file("mine", "/opt/new", limit=100) == b"text"


def test_the_name_of_what_is_detached_is_all_that_a_script_gets(program: Program) -> None:
    found = program("try", "htop", *ON, "--detach", "-q", "--", "serve")
    assert (found.status, found.err) == (0, "")
    assert found.out in [f"{row.name}\n" for row in program.engine.containers_known]
    loud = program("try", "htop", *ON, "--detach", "--name", "mine", "--", "serve")
    assert (loud.out, "look in" in loud.err) == ("mine\n", True)
    assert program("try", "htop", *ON, "--keep", "--name", "kept", "-q", "--", "true").out == ""


def test_a_sandbox_is_never_kept_under_a_name_that_nobody_was_told(program: Program) -> None:
    found = program("try", "htop", *ON, "--keep", "-q", "--", "true")
    (kept,) = program.engine.containers_known
    expected = f"kept   container {kept.name}, until you remove it: sandbox rm {kept.name}\n"
    assert (found.status, found.out, found.err) == (0, "", expected)
    named = program("try", "htop", *ON, "--keep", "--name", "mine", "-q", "--", "true")
    assert (named.status, named.err) == (0, "")


def test_what_is_detached_and_has_ended_is_said_to_a_script_too(program: Program) -> None:
    program.debian.own["/.sandbox-start"] = (127, b"", b"no such command\n")
    found = program("try", "htop", *ON, "--detach", "-q", "--name", "mine", "--", "nope")
    assert (found.status, found.out) == (0, "mine\n")
    assert found.err.startswith("warning: what mine was to run has ended")
    assert "sandbox logs mine" in found.err


def test_logs_prints_what_a_detached_one_wrote(program: Program) -> None:
    program.debian.own["/.sandbox-start"] = (1 << 30, b"ready\n", b"")
    assert program("try", "htop", *ON, "--detach", "--name", "mine", "--", "serve").status == 0
    assert program("logs", "mine").out == "ready\n"
    assert program("logs", "mine", "--tail", "0").out == ""
    assert program("logs", "none").status == 2


def test_logs_says_where_to_look_where_nothing_was_printed(program: Program) -> None:
    program.debian.own["/.sandbox-start"] = (1 << 30, b"", b"")
    assert program("try", "htop", *ON, "--detach", "--name", "mine", "--", "serve").status == 0
    found = program("logs", "mine")
    assert (found.status, found.out) == (0, "")
    assert found.err == (
        "mine has printed nothing; a service may write log files instead: sandbox enter mine -- ls -l /var/log\n"
    )


def test_a_lock_is_written_checked_renewed_and_bundled(program: Program) -> None:
    assert "wrote   web.lock.yaml: debian:bookworm, 2 packages" in program("lock", "./web.yaml").out
    assert "ok      web.lock.yaml" in program("lock", "./web.yaml", "--check").out
    assert program("bundle", "./web.yaml", "-o", "web.sandbox").status == 0
    assert program("try", "--bundle", "web.sandbox", "--", "true").status == 0
    program.debian.archive = {**program.debian.archive, "htop": program.debian.archive["jq"]}
    stale = program("lock", "./web.yaml", "--check")
    assert (stale.status, "the packages of today differ from the lock" in stale.err) == (6, True)
    assert "~ htop 3.2.2-2 -> 1.6-2" in program("lock", "./web.yaml", "--update").out


def test_a_lock_that_can_not_be_made_writes_nothing(program: Program) -> None:
    program.debian.fails["install"] = (100, recorded("2.6-unmet.txt"))
    assert program("lock", "./web.yaml").status == 4
    several = program("lock", "./web.yaml", "--distro", "debian:bookworm,debian:bookworm")
    assert several.status == 4
    assert not Path("web.lock.yaml").exists()
    assert program("lock", "./web.yaml", "--check", "--update").status == 2
    assert program("bundle", "./web.yaml", "-o", "web.sandbox").status == 2


def test_a_lock_for_several_distros_goes_on_past_one_that_fails(program: Program) -> None:
    other = Image(id=f"sha256:{'ef' * 32}", tags=("debian:trixie",), size=1, platform=BASE.platform)
    program.engine.images_known.append(other)
    tries: list[int] = []

    def fail_first(_box: object) -> None:
        tries.append(1)
        program.debian.fails = {"update": (100, recorded("2.6-refused.txt"))} if len(tries) == 1 else {}

    program.debian.on["update"] = fail_first
    found = program("lock", "./web.yaml", "--distro", "debian:bookworm,debian:trixie")
    assert (found.status, "could not be resolved for debian:bookworm" in found.err) == (4, True)
    assert "debian:trixie" in Path("web.lock.yaml").read_text()


def test_inspect_prints_what_came_as_text_markdown_and_json(program: Program) -> None:
    assert "htop" in program("inspect", "htop", "-d", "debian:bookworm").out
    assert "| htop" in program("inspect", "htop", "-d", "debian:bookworm", "--md").out
    found = program("inspect", "htop", "-d", "debian:bookworm", "--json", "--html", "page.html")
    assert json.loads(found.out)["packages"] == ["htop"]
    assert "<html" in Path("page.html").read_text()


def test_inspect_refuses_what_it_can_not_measure_and_ends_with_6_for_what_was_not_to_be_found(
    program: Program,
) -> None:
    assert program("inspect").status == 2
    assert "sandbox compare" in program("inspect", "htop", "-d", "debian,alpine").err
    program.debian.archive = {
        **program.debian.archive,
        "htop": type(program.debian.archive["htop"])("1", stays=("/var/lib/htop/state",)),
    }
    assert program("inspect", "htop", "-d", "debian:bookworm", "--fail-on", "residue").status == 6


def test_trial_prints_its_table_and_ends_with_what_came_of_the_cells(program: Program) -> None:
    assert program("trial", "./web.yaml").status == 0
    program.debian.fails["htop --version"] = (1, b"no\n")
    found = program("trial", "./web.yaml", "--junit", "report.xml")
    assert found.status == 6
    assert "failure" in Path("report.xml").read_text()
    program.debian.fails = {"update": (100, recorded("2.6-refused.txt"))}
    assert program("trial", "./web.yaml", "--json").status in (4, 6)


def test_search_asks_the_distros_index(program: Program) -> None:
    program.debian.own["apt-cache"] = (0, b"htop\n", b"")
    found = program("search", "htop", *ON)
    assert program.engine.containers_known == []
    assert found.status in (0, 4)


def test_a_name_that_no_package_has_is_said_to_be_perhaps_a_commands(program: Program) -> None:
    expected = "next   sandbox search --command http --distro debian\n"
    assert expected in program("search", "http", "--distro", "debian").err
    program.debian.own["apt-cache"] = (0, b"Package: http\nVersion: 1\nDescription: x\n", b"")
    assert "--command" not in program("search", "http", "--distro", "debian").err
    assert "--command" not in program("search", "--command", "http", "--distro", "debian").err


def test_a_sandbox_that_could_not_be_removed_is_5(program: Program) -> None:
    program.debian.on["purge"] = lambda _: program.engine.failing.update(remove=[EngineError("busy")])
    found = program("inspect", "htop", "-d", "debian:bookworm")
    assert (found.status, "could not be removed" in found.err) == (5, True)


@pytest.mark.parametrize("words", [("try", "htop", *ON, "-n"), ("enter", "mine", "-n")])
def test_a_shell_that_would_read_nothing_is_refused(program: Program, words: tuple[str, ...]) -> None:
    found = program(*words)
    assert (found.status, "a shell has nothing to do with -n" in found.err) == (2, True)
