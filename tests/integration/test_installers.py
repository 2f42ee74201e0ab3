"""Installers of vendors' habits are caught in full: what each leaves on a host, and what its own undo forgets."""

from __future__ import annotations

import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from msgspec.structs import replace
from tests.integration.boxes import FAMILIES, FamilyBox, box_of
from tests.integration.running import ARCHIVE, Program, wait_for
from tests.matrix import FULL
from tests.patience import cut_short

from sandbox.container.dialogue import Command, DialogueEnd, Reply, converse
from sandbox.container.shell import DEFAULT_PATH
from sandbox.inspect.inspection import inspect_site
from sandbox.provision.installer_source import find_installer
from sandbox.report.finding_text import note

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sandbox.engine.docker.client import DockerEngine
    from sandbox.inspect.findings import Inspection, Kind
    from sandbox.provision.installer import Installer

HERE: Final = Path(__file__).parent / "installers"


OTHERS: Final = ("apk", "dnf5", "pacman", "zypper")
"""Beside apt: an installer is caught by files and processes, and by what its distro's packages own."""


@pytest.fixture(scope="module")
def box(engine: DockerEngine) -> Iterator[FamilyBox]:
    """Give one container for all: each installer is measured against what was there before it."""
    with box_of(engine, next(family for family in FAMILIES if family.manager == "apt")) as found:
        yield found


@pytest.fixture(scope="module", params=(row for row in FAMILIES if row.manager in OTHERS), ids=lambda row: row.manager)
def elsewhere(engine: DockerEngine, request: pytest.FixtureRequest) -> Iterator[FamilyBox]:
    """Give one container of another distro."""
    with box_of(engine, request.param) as found:
        yield found


def measure(box: FamilyBox, installer: Installer) -> Inspection:
    """Return the inspection of an installer, in a container that others may have been in."""
    try:
        return inspect_site(replace(box.site(), path=DEFAULT_PATH), base="lab", installer=installer)
    finally:
        box.sh("rm -rf /installer")


def run(box: FamilyBox, name: str, *command: str, undo: str = "", as_user: bool = False) -> Inspection:
    return measure(box, find_installer(name, HERE, command=command, undo=undo, as_user=as_user))


def whats(found: Inspection, *kinds: Kind) -> set[str]:
    return {row.what for row in found.footprint.of(*kinds)}


def texts(found: Inspection) -> str:
    return " ".join(sentence.text for sentence in found.verdict)


def test_an_agent_with_a_unit_is_caught_and_what_its_undo_forgets(box: FamilyBox) -> None:
    found = run(box, "./units.sh", undo="./units.sh --uninstall")
    assert found.installer is not None
    assert (found.installer.status, found.installer.command) == (0, "./units.sh")
    assert whats(found, "services") == {"/etc/systemd/system/labagent.service"}
    assert whats(found, "users") == {"labagent"}
    assert whats(found, "logrotate") == {"/etc/logrotate.d/labagent"}
    assert found.footprint.commands == ("labagent",)
    assert {"/usr/local/bin/labagent", "/var/lib/labagent/state"} <= whats(found, "unowned")
    assert [(row.name, row.runs, row.users) for row in found.footprint.started] == [("labagent", True, ("labagent",))]
    left = {(row.kind, row.what) for row in found.residue.left if row.kind != "folder"}
    assert left == {
        ("user", "labagent"),
        ("group", "labagent"),
        ("file", "/etc/logrotate.d/labagent"),
        ("file", "/var/lib/labagent/state"),
    }
    assert "Starts a service at boot" in texts(found)
    assert "Its undo leaves 1 user, 1 group" in texts(found)
    assert "package" not in texts(found).replace("that no package owns", "")


@FULL
def test_a_line_in_a_shells_start_is_caught_by_the_path_that_shells_have(box: FamilyBox) -> None:
    found = run(box, "./profile.sh")
    assert found.installer is not None
    assert found.installer.on_path == ("/root/.labtool/bin",)
    assert whats(found, "profile") == {"/root/.bashrc", "/root/.profile"}
    assert found.footprint.commands == ("labtool",)
    assert "Puts /root/.labtool/bin on the PATH of shells." in texts(found)
    assert "no --undo was given" in texts(found)
    assert found.residue.is_clean


def test_a_question_is_answered_once_each_or_ends_it_and_is_told(box: FamilyBox) -> None:
    asks = find_installer("./asks.sh", HERE)
    agreed = (Reply(prompt="accept the AGREEMENT?", text="y"), Reply(prompt="password", text="secret"))
    found = measure(box, replace(asks, replies=agreed))
    assert found.installer is not None
    assert found.installer.status is None
    assert found.installer.question == "Where shall it go (press Enter for /opt/labasks)?"
    everything = (*agreed, Reply(prompt="Where shall it go", text=""), Reply(prompt="never", text="x"))
    found = measure(box, replace(asks, replies=everything))
    assert found.installer is not None
    assert (found.installer.status, found.installer.unused) == (0, ("never",))
    assert "/opt/labasks/secret" in whats(found, "unowned")
    assert box.sh("cat /opt/labasks/secret") == "secret"


@FULL
def test_a_source_and_its_key_are_caught(box: FamilyBox) -> None:
    found = run(box, "./repository.sh")
    assert whats(found, "keys") == {"/etc/apt/keyrings/labvendor.gpg"}
    assert whats(found, "repositories") == {
        "/etc/apt/sources.list.d/labvendor.list",
        "/etc/apt/preferences.d/labvendor",
    }


@FULL
def test_a_program_in_opt_with_links_and_a_setuid_helper_is_caught(box: FamilyBox) -> None:
    found = run(box, "./opt.sh", undo="rm -rf /opt/labapp /usr/local/bin/labapp && exit 4")
    assert whats(found, "setuid") == {"/opt/labapp/bin/labapp-helper"}
    assert whats(found, "autostart") == {"/etc/xdg/autostart/labapp.desktop"}
    assert found.footprint.commands == ("labapp",)
    assert {"/opt/labapp/lib/liblabapp.so", "/usr/local/bin/labapp"} <= whats(found, "unowned")
    assert "ended with status 4" in found.residue.failure
    assert {row.what for row in found.residue.of("file")} == {
        "/etc/xdg/autostart/labapp.desktop",
        "/usr/share/applications/labapp.desktop",
    }


@FULL
def test_a_folder_is_copied_whole_and_what_it_builds_in_it_is_not_told(box: FamilyBox) -> None:
    found = run(box, "./source", "./setup.sh")
    assert whats(found, "unowned") >= {"/usr/local/bin/labbuilt", "/usr/local/share/man/man1/labbuilt.1"}
    assert not [row for row in found.footprint.files if row.path.startswith("/installer")]
    assert found.footprint.commands == ("labbuilt",)


@FULL
def test_an_archive_is_unpacked_in_the_sandbox(box: FamilyBox, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "tool.tar.gz", "w:gz") as archive:
        archive.add(HERE / "source", arcname="tool")
    box.sh("rm -f /usr/local/bin/labbuilt")
    command = ("sh", "-c", "cd tool && PREFIX=/opt/labtool ./setup.sh")
    found = measure(box, find_installer("tool.tar.gz", tmp_path, command=command))
    assert found.installer is not None
    assert found.installer.status == 0
    assert whats(found, "unowned") >= {"/opt/labtool/bin/labbuilt"}
    assert not [row for row in found.footprint.files if row.path.startswith("/installer")]


@FULL
def test_what_updates_itself_is_caught(box: FamilyBox) -> None:
    found = run(box, "./update.sh")
    assert whats(found, "cron") == {"/etc/cron.d/labupdate"}
    assert whats(found, "timers") == {"/etc/systemd/system/labupdate.timer"}
    assert "/etc/apt/apt.conf.d/99labupdate" in whats(found, "events", "repositories")
    assert {run.name for run in found.footprint.later} >= {"labupdate.timer", "/etc/cron.d/labupdate"}


@FULL
def test_a_replaced_program_of_a_package_and_a_hidden_one_are_caught(box: FamilyBox) -> None:
    found = run(box, "./overwrite.sh", undo="mv /usr/bin/whoami.orig /usr/bin/whoami && rm /usr/local/bin/nproc")
    damaged = {row.what: note(row.fact) for row in found.footprint.of("damage", "foreign")}
    assert "of coreutils" in damaged["/usr/bin/whoami"]
    assert "/usr/local/bin/nproc" in whats(found, "names")
    assert found.installer is not None
    assert found.installer.on_path == ("/usr/local/lab/bin",)
    assert {row.what for row in found.residue.left} == {"/etc/environment"}


@FULL
def test_a_daemon_that_it_leaves_is_caught_although_its_terminal_is_gone(box: FamilyBox) -> None:
    found = run(box, "./daemon.sh", undo="rm /usr/local/bin/labdaemon")
    assert {row.what for row in found.footprint.of("processes")} == {"sleep 54321", "sleep 65432"}
    assert {row.what for row in found.residue.of("process")} == {"sleep 54321", "sleep 65432"}


@FULL
def test_one_that_refuses_root_has_a_home_and_what_it_lacked_is_told(box: FamilyBox) -> None:
    refused = run(box, "./refuses.sh")
    assert refused.installer is not None
    assert (refused.installer.status, refused.installer.said) == (1, "Don't run this as root!")
    assert "The installer failed: ./refuses.sh ended with status 1" in texts(refused)
    found = run(box, "./refuses.sh", as_user=True)
    assert found.installer is not None
    assert (found.installer.status, found.installer.user) == (0, "try")
    assert found.installer.missing == ("labfetch",)
    assert not whats(found, "users", "sudoers")
    assert "/home/try/.bashrc" in whats(found, "profile")
    assert "/home/try/.config/systemd/user/labhers.service" in whats(found, "profile", "autostart")
    assert found.installer.on_path == ("/home/try/.local/bin",)


def test_one_that_hangs_is_killed_with_all_of_its_session(box: FamilyBox) -> None:
    argv = ("sh", "-c", "echo working; sleep 7777 & sleep 8888")
    lines: list[str] = []

    def attempt(limit: float) -> DialogueEnd:
        lines.clear()
        return converse(box.at, Command(argv=argv, env={}, user="0", folder="/", seconds=limit), (), lines.append)

    ended = cut_short(attempt, lambda _: lines)
    assert (ended.status, ended.is_late, ended.output.strip(), lines) == (None, True, "working", ["working"])
    wait_for(lambda: not {"7777", "8888"} & set(box.sh("cat /proc/[0-9]*/cmdline | tr '\\0' ' '").split()))


@FULL
def test_on_another_distro_it_is_caught_as_well(elsewhere: FamilyBox) -> None:
    found = run(elsewhere, "./profile.sh")
    assert found.installer is not None
    assert (found.installer.on_path, found.footprint.commands) == (("/root/.labtool/bin",), ("labtool",))
    found = run(elsewhere, "./opt.sh", undo="rm -rf /opt/labapp /usr/local/bin/labapp")
    assert whats(found, "setuid") == {"/opt/labapp/bin/labapp-helper"}
    assert whats(found, "autostart") == {"/etc/xdg/autostart/labapp.desktop"}
    assert {"/opt/labapp/lib/liblabapp.so", "/usr/local/bin/labapp"} <= whats(found, "unowned")
    assert {row.what for row in found.residue.of("file")} == {
        "/etc/xdg/autostart/labapp.desktop",
        "/usr/share/applications/labapp.desktop",
    }
    found = run(elsewhere, "./daemon.sh", undo="rm /usr/local/bin/labdaemon")
    assert {row.what for row in found.footprint.of("processes")} == {"sleep 54321", "sleep 65432"}


@FULL
def test_an_installer_is_run_measured_and_taken_back_from_the_command_line(
    engine: DockerEngine, tmp_path: Path
) -> None:
    program = Program(folder=tmp_path, engine=engine.url, debian=ARCHIVE)
    words = ("--run", str(HERE / "units.sh"), "--undo", "./units.sh --uninstall", "--distro", "debian:bookworm")
    done = program.run("inspect", *words, "tree", "--fail-on", "timers", "-q")
    said = done.stdout.decode()
    assert done.returncode == 0, done.stderr.decode()
    assert "tree: installed before it, and not counted" in said
    assert "after undo" in said
    assert "after purge" not in said


@FULL
def test_a_trial_lets_its_user_answer_and_then_opens_a_shell(engine: DockerEngine, tmp_path: Path) -> None:
    program = Program(folder=tmp_path, engine=engine.url, debian=ARCHIVE)
    words = ("try", "--run", str(HERE / "asks.sh"), "--distro", "debian:bookworm")
    terminal = program.terminal(*words, SANDBOX_PROMOTE="never")
    for question, answer in ((b"[y/N] ", b"y"), (b"agent: ", b"secret"), (b"/opt/labasks)?", b"")):
        terminal.expect(question)
        terminal.send(answer + b"\r")
    terminal.ready()
    assert terminal.ask("cat /opt/labasks/secret") == "secret"
    terminal.send(b"exit\r")
    assert terminal.status() == 0


@FULL
def test_a_program_with_the_line_ends_of_windows_is_said_to_be_one(engine: DockerEngine, tmp_path: Path) -> None:
    program = Program(folder=tmp_path, engine=engine.url, debian=ARCHIVE)
    (program.work / "crlf.sh").write_bytes(b"#!/bin/sh\r\necho hi\r\n")
    done = program.run("try", "--run", "./crlf.sh", "--distro", "debian:bookworm", "-q", stdin=b"")
    assert done.returncode == 4
    assert "(CR LF), so Linux does not find the program in it" in done.stderr.decode()
