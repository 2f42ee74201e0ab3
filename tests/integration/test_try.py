"""The main job, from a line typed to nothing left: packages, checks, networks, the journal, the script to keep."""

from __future__ import annotations

import json
import os
import re
import stat
from typing import TYPE_CHECKING

import pytest
from tests.integration.running import ARCHIVE, Program
from tests.matrix import FULL

if TYPE_CHECKING:
    from pathlib import Path
    from subprocess import CompletedProcess

DEBIAN = ("try", "--distro", "debian")
NO_ENGINE = ("--engine", "unix:///nonexistent")
FAILING = """
distro: debian
checks:
  - run: echo fine
    stdout: {equals: fine}
  - run: echo wrong; exit 3
  - file: /no/such/file
"""


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory, engine_url: str, base: str) -> Program:
    assert base
    return Program(folder=tmp_path_factory.mktemp("fresh"), engine=engine_url, debian=ARCHIVE)


@pytest.fixture(scope="module")
def hello(fresh: Program) -> CompletedProcess[bytes]:
    """Return a run that installed hello and promoted it."""
    line = "dpkg-query -W -f '${Version}' hello; echo; hello; echo $SECRET"
    words = ("--promote", "install.sh", "--env", "SECRET=hunter2", "--", "sh", "-c", line)
    return fresh.run(*DEBIAN, "hello", *words)


def version_of(done: CompletedProcess[bytes]) -> str:
    return done.stdout.decode().splitlines()[0]


def test_the_package_runs_and_its_version_is_told(hello: CompletedProcess[bytes]) -> None:
    said = hello.stderr.decode()
    assert hello.returncode == 0, said
    assert hello.stdout.decode().splitlines()[1:] == ["Hello, world!", "hunter2"]
    assert re.search(rf"^  install +hello {re.escape(version_of(hello))} ", said, re.MULTILINE)
    assert re.search(r"^removed +container [a-z]+-[a-z]+; nothing else of this session is left", said, re.MULTILINE)
    assert re.search(r"^wrote +install\.sh", said, re.MULTILINE)


def test_the_promoted_script_says_where_it_came_from(hello: CompletedProcess[bytes], fresh: Program) -> None:
    path = fresh.work / "install.sh"
    text = path.read_text()
    assert text.startswith("#!/bin/sh\n")
    assert re.search(rf"^#   hello +{re.escape(version_of(hello))} +\(asked for\)$", text, re.MULTILINE), text
    assert "hunter2" not in text
    assert path.stat().st_mode & stat.S_IXUSR


def test_promoting_never_writes_over_a_file(hello: CompletedProcess[bytes], fresh: Program) -> None:
    before = (fresh.work / "install.sh").read_bytes()
    tried = fresh.run(*DEBIAN, "hello", "--promote", "install.sh", *NO_ENGINE)
    afterwards = fresh.run("promote", "--for", "tried", "-o", "install.sh")
    assert (tried.returncode, afterwards.returncode, hello.returncode) == (2, 2, 0)
    assert b"install.sh already exists" in tried.stderr
    assert (fresh.work / "install.sh").read_bytes() == before


def test_a_past_session_is_promoted_from_the_journal(hello: CompletedProcess[bytes], fresh: Program) -> None:
    done = fresh.run("promote")  # for this host, as --promote does: it may be of another release
    assert (done.returncode, hello.returncode) == (0, 0)
    script = (fresh.work / "install.sh").read_text()
    assert "\n# Proven on " in script
    ours, theirs = (re.sub(r"(?m)^# Proven .*$", "", text) for text in (script, done.stdout.decode()))
    assert ours == theirs
    unproven = fresh.run("promote", "--for", "tried", "--no-verify", *NO_ENGINE)
    assert unproven.returncode == 0
    assert fresh.run("promote", "--for", "tried", *NO_ENGINE).returncode == 3


def test_the_journal_is_private_and_holds_neither_values_nor_commands(
    hello: CompletedProcess[bytes], fresh: Program
) -> None:
    text = fresh.journal.read_text()
    (line,) = text.splitlines()
    record = json.loads(line)
    assert stat.S_IMODE(fresh.journal.stat().st_mode) == 0o600
    assert [(row["name"], row["version"]) for row in record["packages"]] == [("hello", version_of(hello))]
    assert not [word for word in ("SECRET", "hunter2", "dpkg-query") if word in text]


@FULL
def test_a_pinned_version_is_installed_and_pinned_in_the_script(
    hello: CompletedProcess[bytes], tmp_path: Path, engine_url: str
) -> None:
    program = Program(folder=tmp_path, engine=engine_url, debian=ARCHIVE)
    version = version_of(hello)
    words = (f"hello={version}", "--promote", "pinned.sh", "--no-trace", "--", "hello")
    assert program.run(*DEBIAN, *words).returncode == 0
    assert f"hello={version}" in (program.work / "pinned.sh").read_text()
    assert not program.journal.exists()


def test_an_unknown_package_is_explained_with_the_nearest_names(fresh: Program) -> None:
    done = fresh.run(*DEBIAN, "helo")
    said = done.stderr.decode()
    assert (done.returncode, done.stdout) == (4, b"")
    assert "error: debian bookworm has no package helo" in said
    assert re.search(r"^  nearest +.*\bhello\b", said, re.MULTILINE)
    assert re.search(r"^  next +sandbox try .*\bhello$", said, re.MULTILINE)


@pytest.mark.parametrize(
    "words",
    [
        ("htop; rm -rf /",),
        ("$(id)",),
        ("",),
        ("x" * 10_000,),
        ("../../etc/passwd",),
        ("htop=",),
        ("--", "true"),
        ("--spec", "no-such-spec"),
        ("--distro", "no-such-distro"),
        ("--memory", "lots"),
        ("--name", "Not/A/Name"),
        ("--allow", "everything"),
        ("--promote", "/no/such/folder/x.sh"),
    ],
    ids=lambda words: words[-1][:16] or "empty",
)
def test_what_can_not_be_is_refused_before_an_engine_is_asked(words: tuple[str, ...], program: Program) -> None:
    done = program.run(*DEBIAN, *NO_ENGINE, *words)
    said = done.stderr.decode()
    expected = 125 if "--" in words else 2
    assert (done.returncode, done.stdout, "Traceback" in said) == (expected, b"", False), said
    assert len(said) < 2000


def test_an_option_is_no_package(program: Program) -> None:
    assert program.run(*DEBIAN, *NO_ENGINE, "--force").returncode == 2


def test_failed_checks_are_told_and_end_with_6(program: Program) -> None:
    (program.work / "failing.yaml").write_text(FAILING)
    done = program.run("try", "--spec", "failing.yaml", stdin=b"echo in the shell\n")
    said = done.stderr.decode()
    assert (done.returncode, done.stdout) == (6, b"in the shell\n"), said
    assert "exit status 3, expected 0" in said
    assert "/no/such/file: does not exist" in said
    assert "echo fine:" not in said


@pytest.mark.parametrize("asked", ["mounts: ['/tmp:/mnt']", "ports: [8080]", "copies: ['/etc/hosts:/mnt']"])
def test_what_a_spec_asks_of_the_host_has_to_be_granted(asked: str, program: Program) -> None:
    (program.work / "asking.yaml").write_text(f"distro: debian\n{asked}\n")
    words = ("try", "--spec", "asking.yaml", *NO_ENGINE)
    kind = asked.partition(":")[0]
    refused = program.run(*words)
    assert refused.returncode == 2
    assert f"--allow {kind}" in refused.stderr.decode()
    assert program.run(*words, "--allow", kind).returncode == 3


def test_a_mount_of_ones_own_is_there_and_read_only(program: Program) -> None:
    (program.work / "note").write_text("from the host\n")
    words = ("--mount", ".:/mnt", "-q", "--", "sh", "-c", "cat /mnt/note; touch /mnt/new 2>/dev/null || echo refused")
    done = program.run(*DEBIAN, *words)
    assert (done.returncode, done.stdout) == (0, b"from the host\nrefused\n"), done.stderr
    assert [path.name for path in program.work.iterdir()] == ["note"]


def test_dpkg_keeps_its_notes_on_states_in_memory_and_leaves_none(tmp_path: Path, engine_url: str) -> None:
    look = "cut -d' ' -f2,3 /proc/mounts | grep dpkg; ls -A /var/lib/dpkg/updates; dpkg --audit"
    line = f"{look}; dpkg -s htop | grep ^Status"
    done = Program(folder=tmp_path, engine=engine_url, debian=ARCHIVE).run(
        "try", "htop", "--distro", "debian", "-q", "--", "sh", "-c", line
    )
    assert done.stdout == b"/var/lib/dpkg/updates tmpfs\nStatus: install ok installed\n", done.stderr


def test_a_copy_of_ones_own_is_there_for_another_user_and_nothing_comes_back(program: Program) -> None:
    (program.work / "folder").mkdir()
    (program.work / "folder" / "note").write_text("from the host\n")
    line = "id -u; cat /srv/folder/note /etc/mine; df -B1 --output=size /dev/shm | tail -1"
    (program.work / "own.yaml").write_text("distro: debian\nuser: 1234\nshm-size: 4096000\ncopies: ['./folder:/srv']\n")
    words = ("--copy", "folder/note:/etc/mine", "--allow", "copies", "-q", "--", "sh", "-c", line)
    done = program.run("try", "--spec", "own.yaml", *words)
    assert done.stdout.split() == b"1234 from the host from the host 4096000".split(), done.stderr
    done = program.run(*DEBIAN, "--copy", "folder:/srv/here", "-q", "--", "sh", "-c", "echo x >>/srv/here/note")
    assert done.returncode == 0, done.stderr
    assert (program.work / "folder" / "note").read_text() == "from the host\n"


@pytest.mark.parametrize("kind", ["offline", "none"])
def test_a_network_that_is_cut_is_cut(kind: str, program: Program) -> None:
    line = "cat /proc/net/route | tail -n +2; (</dev/tcp/192.0.2.1/80) 2>&1 | grep -om1 'Network is unreachable'"
    done = program.run(*DEBIAN, "--network", kind, "-q", "--", "bash", "-c", line)
    assert (done.returncode, done.stdout) == (0, b"Network is unreachable\n"), done.stderr


def test_offline_has_a_network_while_it_provisions(program: Program) -> None:
    words = ("--network", "offline", "--setup", "tail -n +2 /proc/net/route | grep -q .", "-q", "--", "true")
    assert program.run(*DEBIAN, *words).returncode == 0


def test_a_failing_setup_is_told_with_its_last_words(program: Program) -> None:
    done = program.run(*DEBIAN, "--setup", "echo the last words; exit 9")
    said = done.stderr.decode()
    assert done.returncode == 4
    assert "setup failed with exit status 9" in said
    assert "the last words" in said


def test_a_dry_run_asks_no_engine_and_shows_the_argv(program: Program) -> None:
    done = program.run(*DEBIAN, *NO_ENGINE, "hello", "--dry-run", "-v")
    assert (done.returncode, done.stderr) == (0, b"")
    assert re.search(r"^install +apt-get .*install.* hello", done.stdout.decode(), re.MULTILINE)
    assert not program.journal.exists()


def test_a_taken_name_is_refused_and_the_owner_unharmed(program: Program) -> None:
    name = f"lab-taken-{os.getpid()}"
    first = program.start(*DEBIAN, "--name", name, "-q", "--", "sh", "-c", "echo here; read x; exit 5")
    assert first.stdout is not None
    assert first.stdout.readline() == b"here\n"
    second = program.run(*DEBIAN, "--name", name)
    first.communicate(b"go\n")
    assert (second.returncode, first.returncode) == (2, 5), second.stderr
    assert f"there is already a container named {name}".encode() in second.stderr
