"""Command lines, from the words to the exit status, where no engine can be reached."""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import pytest
from msgspec.structs import replace
from tests.matrix import first
from tests.unit.fakes.records import record_of

from sandbox import __version__
from sandbox.cli.app import app
from sandbox.cli.clean import removal_lines
from sandbox.cli.doctor import screen_lines
from sandbox.cli.help import help_text
from sandbox.cli.invocation import split
from sandbox.cli.program import run
from sandbox.cli.ready import WIDEST
from sandbox.cli.registry import register
from sandbox.cli.table import VERBS
from sandbox.commands.clean import Removable
from sandbox.commands.doctor import Diagnosis
from sandbox.errors import Advice, EngineError
from sandbox.lifecycle.journal import FILE, Journal, Record, RecordedPackage
from sandbox.specs.settings import KEYS

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Sandbox


def test_the_help_lists_every_verb_and_the_exit_statuses(sandbox: Sandbox) -> None:
    out = sandbox("--help").out
    for word in (*VERBS, "125 if sandbox itself failed", "130 interrupted"):
        assert word in out


def test_the_table_of_verbs_is_what_they_register() -> None:
    register([])
    commands = {str(row.name or (row.callback and row.callback.__name__)) for row in app.registered_commands}
    groups = {str(row.typer_instance and row.typer_instance.info.name) for row in app.registered_groups}
    assert commands | groups == set(VERBS)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("tyr", "htop"), "sandbox try htop"),
        (("htop", "--distro", "debian"), "sandbox try htop --distro debian"),
        (("install", "a b"), "sandbox try 'a b'"),
        (("ls",), "sandbox list"),
    ],
)
def test_a_word_that_is_no_verb_is_answered_with_the_line_that_was_meant(
    sandbox: Sandbox, words: tuple[str, ...], expected: str
) -> None:
    found = sandbox(*words)
    assert (found.status, found.out) == (2, "")
    assert expected in [line.removeprefix("  next").strip() for line in found.err.splitlines()]


def test_a_packages_name_is_no_slip_of_a_verb_that_begins_otherwise(sandbox: Sandbox) -> None:
    assert "sandbox stop" not in sandbox("htop").err


def test_a_time_that_is_none_is_told_with_its_option(sandbox: Sandbox) -> None:
    assert sandbox("try", "htop", "--keep", "--ttl", "2x").err.startswith("error: --ttl: '2x' is not a time\n")


def test_no_line_of_the_list_of_verbs_is_cut(sandbox: Sandbox) -> None:
    assert "..." not in sandbox("--help").out.partition("Commands:")[2].partition("Exit status:")[0]


def test_the_version_is_said(sandbox: Sandbox) -> None:
    assert sandbox("--version").out == f"sandbox {__version__}\n"


REFUSED = {
    "no such verb": ("nope",),
    "no verb": (),
    "no such option": ("try", "--nope"),
    "package with a command in it": ("try", "htop; rm -rf /"),
    "package that is an option": ("try", "-force"),
    "empty package": ("try", ""),
    "no such distro": ("try", "htop", "--distro", "nope"),
    "a name that is none": ("try", "htop", "--name", "Brave_Otter"),
    "memory that is none": ("try", "htop", "--memory", "lots"),
    "a mount that is none": ("try", "htop", "--mount", "x"),
    "a time that is none": ("try", "htop", "--keep", "--ttl", "2x"),
    "a grant that is none": ("try", "htop", "--allow", "all"),
    "no such spec": ("try", "--spec", "nope"),
    "a script that is there": ("try", "htop", "--promote", "taken.sh"),
    "an engine that is none": ("try", "htop", "--engine", "nope"),
    "no session to promote": ("promote",),
    "no such session": ("promote", "nope"),
    "no such format": ("promote", "--format", "exe"),
    "formats without a folder": ("promote", "--format", "sh", "--format", "list"),
    "no such file to validate": ("validate", "nope.yaml"),
    "no such key": ("schema", "--doc", "nope"),
    "no such base to build": ("base", "build", "nope"),
    "nothing to search for": ("search",),
    "a name and a command to search for": ("search", "htop", "--command", "htop"),
    "a command that is none": ("search", "--command", "a b"),
    "no such distro to search": ("search", "htop", "--distro", "debian,nope"),
    "a script of what only begins": ("try", "htop", "--detach", "--promote", "new.sh"),
    "no folder for a page": ("inspect", "htop", "--html", "nope/page.html"),
    "a folder for a page": ("compare", "htop", "btop", "--html", "."),
    "a page that can't be made": ("inspect", "htop", "--html", "/proc/page.html"),
    "nothing to inspect": ("inspect",),
    "two languages at once": ("inspect", "htop", "--json", "--md"),
    "nothing to fail on": ("inspect", "htop", "--fail-on", ","),
    "no folder for a report": ("trial", "web-tools", "--junit", "nope/trials.xml"),
    "a folder for a report": ("trial", "web-tools", "--junit", "."),
    "no schema of an answer": ("schema", "--of", "doctor"),
    "what the manager can't compile": ("try", "htop", "--distro", "debian", "--from-source"),
}


@pytest.mark.parametrize("words", REFUSED.values(), ids=REFUSED)
def test_what_can_not_be_is_refused_before_an_engine_is_asked(sandbox: Sandbox, words: tuple[str, ...]) -> None:
    Path("taken.sh").write_text("mine")
    answer = sandbox(*words)
    assert answer.status == 2
    assert answer.err
    assert "no container engine" not in answer.err
    assert max(map(len, answer.err.splitlines()), default=0) < 600
    assert Path("taken.sh").read_text() == "mine"


def test_a_spec_is_refused_with_every_problem_at_its_place(sandbox: Sandbox) -> None:
    Path("web.yaml").write_text(
        "distro: debian\npakages: [htop]\npackages:\n  - jq\n  - 'htop; id'\nlimits: {cpus: x}\n"
    )
    answer = sandbox("try", "--spec", "./web.yaml")
    assert answer.status == 2
    assert "web.yaml:2:1" in answer.err
    assert "packages" in answer.err
    Path("web.yaml").write_text("packages:\n  - jq\n  - 'htop; id'\n")
    assert "web.yaml:3:5" in sandbox("try", "--spec", "./web.yaml").err
    assert sandbox("validate", "web.yaml").status == 2


def test_what_a_spec_asks_for_must_be_granted_where_nobody_can_be_asked(sandbox: Sandbox) -> None:
    Path("web.yaml").write_text("packages: [htop]\nports: [8080]\n")
    answer = sandbox("try", "--spec", "./web.yaml", "--dry-run")
    assert answer.status == 2
    assert "--allow ports" in answer.err
    assert sandbox("try", "--spec", "./web.yaml", "--dry-run", "--allow", "ports").status == 0
    assert sandbox("try", "htop", "--port", "8080", "--dry-run").status == 0


def test_nothing_behind_the_dashes_is_refused(sandbox: Sandbox) -> None:
    answer = sandbox("try", "htop", "--")
    assert answer.status == 125
    assert "-- needs a command behind it" in answer.err


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("try", "htop"), 3),
        (("try", "htop", "--", "true"), 125),
        (("try", "--nope", "--", "true"), 125),
        (("try", "a b", "--", "true"), 125),
        (("try", "--run", "/bin/true", "--", "--yes"), 3),
        (("inspect", "--run", "/bin/true", "--", "--yes"), 3),
        (("inspect", "--run", "/nowhere", "--", "--yes"), 2),
        (("inspect", "htop", "--", "--yes"), 2),
        (("compare", "htop", "btop", "--undo", "x"), 2),
        (("clean",), 3),
        (("base", "list"), 3),
        (("doctor",), 1),
        (("trial", "web-tools", "--engine", "unix:///none", "--engine", "unix:///nowhere"), 3),
    ],
)
def test_without_an_engine(sandbox: Sandbox, words: tuple[str, ...], status: int) -> None:
    answer = sandbox(*words)
    assert answer.status == status
    if status == 3:
        assert "no container engine answers" in answer.err
        assert "sandbox doctor" in answer.err
        assert answer.out == ""


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (["try", "htop"], (["try", "htop"], None)),
        (["try", "htop", "--"], (["try", "htop"], [])),
        (["try", "--", "a", "--", "b"], (["try"], ["a", "--", "b"])),
        (["promote", "--", "x"], (["promote", "--", "x"], None)),
        ([], ([], None)),
    ],
)
def test_only_the_first_dashes_of_a_verb_that_runs_something_count(
    argv: list[str], expected: tuple[list[str], list[str] | None]
) -> None:
    assert split(argv) == expected


def test_a_dry_run_shows_the_whole_plan_and_asks_no_engine(sandbox: Sandbox) -> None:
    answer = sandbox(
        *("try", "htop", "jq=1.6-2.1", "--distro", "debian:bookworm", "--memory", "512M", "--setup", "echo 'a b'"),
        *("--env", "SECRET=hunter2", "--dry-run", "--", "htop", "--version"),
    )
    assert (answer.status, answer.err) == (0, "")
    for text in ("debian:bookworm", "jq=1.6-2.1", "512 MB", "echo '", "htop --version", "SECRET"):
        assert text in answer.out
    assert "hunter2" not in answer.out


def test_a_dry_run_shows_the_display_that_comes_with_a_screen(sandbox: Sandbox) -> None:
    out = sandbox("try", "mousepad", "--screen", "--screen-clipboard", "--dry-run").out
    rows = dict(line.split(None, 1) for line in out.splitlines())
    assert rows["display"].startswith("a container without a network")
    assert rows["clipboard"] == "shared with the page"
    assert "remove both containers" in out
    assert "display" not in sandbox("try", "mousepad", "--dry-run").out


def test_a_dry_run_leaves_nothing_on_the_disk(sandbox: Sandbox, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    assert sandbox("try", "htop", "--dry-run").status == 0
    assert sorted(tmp_path.rglob("*")) == before


def test_the_settings_are_under_the_options(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SANDBOX_DISTRO", "debian:trixie")
    assert "debian trixie" in sandbox("try", "htop", "--dry-run").out
    assert "debian bookworm" in sandbox("try", "htop", "-d", "debian:bookworm", "--dry-run").out
    monkeypatch.setenv("SANDBOX_CACHE", "perhaps")
    answer = sandbox("try", "htop", "--dry-run")
    assert answer.status == 2
    assert "SANDBOX_CACHE" in answer.err


def test_a_new_spec_can_be_tried(sandbox: Sandbox) -> None:
    assert sandbox("new", "web", "curl").status == 0
    assert sandbox("validate", "web.yaml").out.startswith("ok")
    assert "curl" in sandbox("try", "--spec", "./web.yaml", "--dry-run").out
    assert sandbox("new", "web").status == 2


def test_two_sessions_of_one_name_are_told_apart_and_each_can_be_promoted(sandbox: Sandbox, tmp_path: Path) -> None:
    journal = Journal(tmp_path / "state/sandbox" / FILE)
    for session, package in (("s1", "htop"), ("s2", "jq")):
        journal.write(
            Record(
                session=session,
                name="mine",
                date="2026-11-23T20:51:00Z",
                distro="debian",
                release="bookworm",
                image="debian:bookworm",
                image_id="sha256:1",
                packages=(RecordedPackage(name=package, version="1"),),
            )
        )
    assert re.findall(r"^mine \((\w+)\)", sandbox("history").out, re.MULTILINE) == ["s2", "s1"]
    found = sandbox("promote", "s1", "--no-verify", "--for", "tried")
    assert (found.status, "Installs htop" in found.out) == (0, True)


def test_a_last_session_without_packages_is_answered_with_the_one_before_that_has_some(
    sandbox: Sandbox, tmp_path: Path
) -> None:
    journal = Journal(tmp_path / "state/sandbox" / FILE)
    empty = Record(
        session="s1",
        name="empty-one",
        date="2026-11-23T20:51:00Z",
        distro="debian",
        release="bookworm",
        image="debian:bookworm",
        image_id="sha256:1",
    )
    packages = (RecordedPackage(name="htop", version="1"),)
    journal.write(replace(empty, session="s0", name="brave-otter", packages=packages))
    journal.write(empty)
    assert "next   the same command with brave-otter, which tried htop\n" in sandbox("promote", "--no-verify").err
    assert sandbox("promote", "--no-verify", "brave-otter").status == 0
    assert "brave-otter" not in sandbox("promote", "--no-verify", "empty-one").err, "this one was asked for by name"


def test_doctor_shows_settings_that_were_made_and_counts_the_others(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANDBOX_CACHE_DAYS", "7")
    shown = [line.split(maxsplit=2)[1:] for line in sandbox("doctor").out.splitlines()]
    assert [text for about, text in shown if about == "setting"] == ["cache_days is 7 (SANDBOX_CACHE_DAYS)"]
    [count] = [text for about, text in shown if about == "settings"]
    assert count == f"{len(KEYS) - 1} of {len(KEYS)} are at their defaults; sandbox doctor --json shows each"
    assert len([row for row in json.loads(sandbox("doctor", "--json").out) if row["about"] == "setting"]) == len(KEYS)


@pytest.mark.parametrize("width", [50, 60, 80, 0])
def test_a_finding_of_doctor_fits_the_terminal_and_what_to_type_stays_whole(width: int) -> None:
    text = "overlay2 at /var/lib/docker can't limit a sandbox's disk; sandbox watches the free space"
    finding = Diagnosis(level="warning", about="disk", text=text, next=Advice.sandbox("clean", "--cache", "--images"))
    lines = screen_lines(finding, width)
    assert lines[-1].endswith("next: sandbox clean --cache --images")
    assert text in " ".join(" ".join(lines).split())
    assert len(lines) == 1 if not width else all(len(line) < width for line in lines[:-1])
    assert all(line.startswith(" " * 24) for line in lines[1:])


def test_files_of_one_folder_that_go_for_one_reason_are_one_line() -> None:
    starts = [
        Removable(kind="files", ident=name, name=f"/c/start/{name}", size=1000, why="why") for name in ("a", "b", "c")
    ]
    image = Removable(kind="cache", ident="i", name="htop", size=0, why="cached")
    alone = replace(starts[0], name="/c/index/x")
    assert [*removal_lines([starts[0], image, *starts[1:], alone])] == [
        "3 files in /c/start (3.0 kB): why",
        "cache htop: cached",
        "file /c/index/x (1.0 kB): why",
    ]


def test_a_dry_run_shows_a_line_a_step_and_each_command_with_verbose(sandbox: Sandbox) -> None:
    words = ("try", "htop", "pip:httpie", "-d", "debian:bookworm", "--setup", "echo a\necho b", "--dry-run")
    found = sandbox(*words).out
    assert [line.split()[0] for line in found.splitlines()].count("install") == 2
    assert re.search(r"^setup +echo a echo b$", found, re.MULTILINE)
    assert "apt-get" not in found
    assert all(re.match(r"[a-z]+ {2,}\S| *at last", line) for line in found.splitlines())
    assert "apt-get" in sandbox(*words, "-v").out


def test_past_sessions_are_listed_and_promoted(sandbox: Sandbox, tmp_path: Path) -> None:
    assert sandbox("history").err == "no session has been recorded yet\n"
    record = record_of(RecordedPackage(name="htop", version="3.2.2-2"))
    Journal(tmp_path / "state/sandbox" / FILE).write(record)
    assert "brave-otter" in sandbox("history").out
    assert "(s)" not in sandbox("history").out
    assert json.loads(sandbox("history", "--json").out)[0]["packages"][0]["name"] == "htop"
    assert sandbox("promote", "--for", "tried", "--no-verify").out.startswith("#!/bin/sh\n")
    written = sandbox("promote", "brave-otter", "--for", "tried", "--no-verify", "-o", "install.sh")
    assert (written.status, written.out) == (0, "")
    assert os.access("install.sh", os.X_OK)
    assert sandbox("promote", "--for", "tried", "-o", "install.sh").status == 2
    assert "Debian 13 (trixie)" in sandbox("promote", "--for", "trixie", "--no-verify").out
    assert "sandbox promote --for debian\n" in sandbox("promote", "--for", "debain").err
    program = f"{sys.executable} -m sandbox promote --for tried --no-verify"
    done = subprocess.run(f"{program} >&-", shell=True, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr.startswith("error: standard output is closed")) == (2, True)


def test_a_release_alone_is_one_of_the_specs_distro(sandbox: Sandbox) -> None:
    Path("web.yaml").write_text("packages: [htop]\ndistro: alpine\n")
    assert "Alpine Linux 3.23" in sandbox("promote", "--spec", "./web.yaml", "--for", "3.23", "--no-verify").out
    Path("web.yaml").write_text("packages: [htop]\n")
    for name in ("trixie", "debian:trixie"):
        assert "(trixie)" in sandbox("promote", "--spec", "./web.yaml", "--for", name, "--no-verify").out


@pytest.mark.parametrize("words", [("history",), ("specs",), ("distros",), ("doctor",)], ids=" ".join)
def test_json_is_json(sandbox: Sandbox, words: tuple[str, ...]) -> None:
    assert isinstance(json.loads(sandbox(*words, "--json").out), list)


def test_a_deleted_folder_matters_only_where_it_is_used(sandbox: Sandbox, tmp_path: Path) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    os.chdir(folder)
    folder.rmdir()
    assert sandbox("try", "htop", "--dry-run").status == 0
    answer = sandbox("try", "htop", "--mount", "./x:/x", "--dry-run")
    assert answer.status == 2
    assert "deleted" in answer.err


def ended_at(script: str) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stderr


def test_ctrl_c_while_modules_load_is_no_traceback() -> None:
    script = "import sandbox.cli.main as cli\ndef run(): raise KeyboardInterrupt\ncli._run = run\ncli.main()"
    assert ended_at(script) == (130, "")


SENDER: Final = """\
import os, signal, sys
wanted, sent = os.environ["SENT_AT"], []
def hook(event, args):
    if event == "import" and args[0] == wanted and not sent:
        sent.append(1)
        os.kill(os.getpid(), signal.SIGINT)
sys.addaudithook(hook)
"""


@pytest.mark.parametrize(
    "module",
    [
        "sandbox.cli.main",
        "sandbox.cli.ready",
        "sandbox.cli.program",
        "sandbox.cli.streams",
        "sandbox.cli.app",
        "sandbox.core.signals",
        "datetime",
    ],
)
def test_ctrl_c_at_any_moment_of_the_start_ends_it_without_a_word(tmp_path: Path, module: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(SENDER)
    environ = {**os.environ, "PYTHONPATH": str(tmp_path), "SENT_AT": module}
    argv = [sys.executable, "-m", "sandbox", "distros"]
    done = subprocess.run(argv, env=environ, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


BUSY: Final = """
import threading, time
start = threading.Thread.start
threading.Thread.start = lambda thread: (start(thread), time.sleep(0.2))
"""
"""As on a busy machine: who starts a thread goes on later than the thread."""


@pytest.mark.parametrize("before", ["", BUSY], ids=["idle", "busy"])
def test_ctrl_c_that_python_drops_ends_it_all_the_same(before: str) -> None:
    script = f"""{before}
import os, signal, sys, time, weakref
import sandbox.cli.program as program
from sandbox.cli.main import main
class Gone: pass
def run(argv):
    gone = Gone()
    reference = weakref.ref(gone, lambda _: os.kill(os.getpid(), signal.SIGINT))
    del gone
    time.sleep(60)
program.run = run
main()
"""
    assert ended_at(script) == (130, "")


@pytest.mark.parametrize("closing", ["2>&-", "<&- 2>&-"])
def test_closed_input_and_errors_are_no_failure(closing: str) -> None:
    script = f"{sys.executable} -c 'from sandbox.cli.main import main; main()' distros {closing}"
    done = subprocess.run(["sh", "-c", script], stdout=subprocess.DEVNULL, check=False, timeout=60)
    assert done.returncode == 0
    wrong = subprocess.run(["sh", "-c", script.replace("distros", "trial")], cwd="/", check=False, timeout=60)
    assert wrong.returncode == 2


PRINTS: Final = (("distros",), ("distros", "--json"), ("schema",), ("specs",), ("--help",), ("--version",), ("doctor",))


def with_full(stream: str, *words: str, takes: str = "/dev/full") -> subprocess.CompletedProcess[str]:
    """Run the program with a standard stream that takes nothing; the engine is one that is not there."""
    argv = ["sh", "-c", f'exec "$@" {stream}{takes}', "sh", sys.executable, "-m", "sandbox", *words]
    env = {**os.environ, "SANDBOX_ENGINE": "unix:///nowhere.sock"}
    return subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60, env=env)


@pytest.mark.parametrize("words", PRINTS, ids=" ".join)
def test_a_full_disk_under_the_output_is_an_error_in_a_line(words: tuple[str, ...]) -> None:
    done = with_full(">", *words)
    said = "error: standard output can't be written: no space left on device\n  next   df -h\n"
    assert (done.returncode, done.stderr) == (1, said)


@pytest.mark.parametrize("words", first(PRINTS, 3), ids=" ".join)
@pytest.mark.parametrize("closed", ["&-", "&- <&-"])
def test_a_closed_output_is_an_error_in_a_line(closed: str, words: tuple[str, ...]) -> None:
    done = with_full(">", *words, takes=closed)
    assert (done.returncode, done.stderr) == (1, "error: standard output can't be written: it is closed\n")
    assert with_full(">", *words, takes=f"{closed} 2>&-").returncode == 1


def test_an_error_that_can_be_said_nowhere_keeps_its_status() -> None:
    assert with_full("2>", "try", "--", "true").returncode == 125
    assert with_full("2>", "no-such-verb").returncode == 2


def test_an_output_that_others_made_non_blocking_is_waited_for() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    code = (
        "import sys; from sandbox.cli.program import streams; streams.open_streams(); print('x' * 300_000, flush=True)"
    )
    with os.fdopen(reader, "rb") as pipe, subprocess.Popen([sys.executable, "-c", code], stdout=writer) as process:
        os.close(writer)
        assert (len(pipe.read()), process.wait(60)) == (300_001, 0)


def test_a_page_that_did_not_fit_the_disk_is_not_left_there_empty(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    code = f"import resource; from pathlib import Path; from sandbox.core.files import write_file; \
resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)); write_file(Path({str(page)!r}), 'x' * 1000)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert "can't be written: file too large" in done.stderr
    assert not page.exists()


def test_nothing_slow_loads_before_the_error_boundary() -> None:
    assert ended_at("import sys, sandbox.cli.program; sys.exit(bool({'msgspec', 'typer'} & {*sys.modules}))") == (0, "")


def test_output_that_nobody_reads_ends_it_quietly_as_a_pipe_does() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    argv = [sys.executable, "-m", "sandbox", "schema"]
    with os.fdopen(writer, "wb") as pipe:
        done = subprocess.run(argv, stdout=pipe, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize("words", [["list"], ["try", "htop"]], ids=["by-typer", "without-it"])
def test_a_broken_pipe_of_an_engine_is_said_and_not_taken_for_one_of_our_output(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> NoReturn:
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    assert run(words, engine=broken) == EngineError("").status
    assert "the container engine closed a connection" in capsys.readouterr().err


@pytest.mark.parametrize("columns", [80, 100, 200])
@pytest.mark.parametrize("words", [("--help",), ("try", "-h"), ("help", "base", "build"), ("--version",)], ids=" ".join)
def test_help_and_the_version_load_nothing_of_the_program(words: tuple[str, ...], columns: int) -> None:
    code = "import atexit, os, sys; from sandbox.cli import main, ready; assert ready.print_ready(sys.argv[1:]); \
sys.exit(sorted({name for name in sys.modules if name.startswith(('sandbox.', 'typ', 're'))}) != \
['sandbox.cli', 'sandbox.cli.main', 'sandbox.cli.ready', 'sandbox.cli.statuses'])"
    argv = [sys.executable, "-S", "-c", f"import sys; sys.path[:] = {sys.path!r}; {code}", *words]
    environ = {**os.environ, "COLUMNS": str(columns)}
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60, env=environ)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (f"sandbox {__version__}\n" if words == ("--version",) else help_of(words, columns))


def help_of(words: tuple[str, ...], columns: int) -> str:
    verb = " ".join(word for word in words if word not in ("--help", "-h", "help"))
    return help_text(verb, min(columns - 2, WIDEST))


@pytest.mark.parametrize("columns", ["", "0", "x", "52", "81"])
def test_help_in_any_other_width_is_rendered(columns: str) -> None:
    argv = [sys.executable, "-m", "sandbox", "try", "--help"]
    environ = {**os.environ, "COLUMNS": columns}
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60, env=environ)
    width = int(columns) - 2 if columns in ("52", "81") else 78
    assert (done.returncode, done.stdout) == (0, help_text("try", width))


def test_a_limit_of_open_files_is_an_error_that_says_how_to_raise_it(capsys: pytest.CaptureFixture[str]) -> None:
    def limited() -> NoReturn:
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    assert run(["list"], limited) == 1
    said = capsys.readouterr().err
    assert "error: sandbox may not open more files: too many open files" in said
    assert "ulimit -n 1024" in said
