"""What is kept of a session, at a real terminal: the question on leaving, `promote` typed inside, the journal."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.integration.boxes import prepared
from tests.integration.running import ARCHIVE, Program, owned, wait_for
from tests.matrix import FULL

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.conftest import PackageMirror
    from tests.integration.running import Terminal

    from sandbox.engine.docker.client import DockerEngine

DEBIAN = ("try", "--distro", "debian")
BY_HAND = (
    "rm -rf /etc/apt/sources.list.d/* && echo '{source}' >/etc/apt/sources.list "
    "&& apt-get -qq update && apt-get -qq -y install lab-tool >/dev/null 2>&1; labtool"
)


@pytest.fixture
def program(tmp_path: Path, engine_url: str, base: str) -> Program:
    assert base
    return Program(folder=tmp_path, engine=engine_url, debian=ARCHIVE)


def add_by_hand(terminal: Terminal, mirror: PackageMirror) -> None:
    """Install lab-tool, which depends on lab-lib."""
    assert terminal.ask(BY_HAND.format(source=mirror.source)).endswith("labtool 2.0")


def entries(program: Program) -> list[tuple[str, str]]:
    record = json.loads(program.journal.read_text().splitlines()[-1])
    return [(row["name"], row["origin"]) for row in record["packages"]]


WITHOUT_LAB: Final = "sed -i '/^Package: lab-/,/^$/d' /srv/lab/Packages; rm /srv/lab/Release"
"""The archive has lab-tool itself, which only a repository that is added by hand is to have."""


def test_what_was_added_by_hand_is_promoted_and_its_dependencies_are_not(
    tmp_path: Path, engine: DockerEngine, package_mirror: PackageMirror
) -> None:
    program = Program(folder=tmp_path, engine=engine.url, debian=prepared(engine, ARCHIVE, WITHOUT_LAB).tags[0])
    terminal = program.terminal("try", "hello", "--distro", "debian")
    banner = terminal.ready()
    version = terminal.ask("dpkg-query -W -f '${Version}\\n' hello")
    assert re.search(rf"install +hello {re.escape(version)} ", banner)
    assert re.search(r"new command +hello\r\n", banner)
    assert re.search(r"to leave .*\r\n +to install it on this host +promote", banner)
    assert terminal.ask("hello") == "Hello, world!"
    add_by_hand(terminal, package_mirror)
    terminal.ask("apt-get upgrade -y adduser 2>&1 | tail -n 1")
    assert terminal.ask("apt-mark showmanual adduser") == "adduser"
    terminal.send(b"exit\r")
    terminal.expect(b"Promote hello and lab-tool (added by hand) to an install script for this")
    terminal.expect(b"? [y/N/edit] ")
    terminal.send(b"y\r")
    said = terminal.rest()
    assert "did not pass its proof: install" in said  # no host has the repository that was added by hand either
    assert terminal.status() == 0
    assert entries(program) == [("hello", "asked"), ("lab-tool", "by-hand")]
    assert not list(program.work.iterdir())
    script = program.run("promote", "--for", "tried", "--no-verify").stdout.decode()
    assert ("lab-tool" in script, "lab-lib" in script) == (True, False)
    part = program.run("promote", "--for", "tried", "--no-verify", "--without", "lab-tool")
    assert (part.returncode, b"lab-tool" in part.stdout) == (0, False)


def test_what_was_added_by_hand_can_be_dropped_on_leaving(program: Program, package_mirror: PackageMirror) -> None:
    terminal = program.terminal("try", "hello", "--distro", "debian")
    terminal.ready()
    add_by_hand(terminal, package_mirror)
    terminal.send(b"exit\r")
    terminal.expect(b"? [y/N/edit] ")
    terminal.send(b"edit\r")
    listed = terminal.expect(b"[Enter keeps all] ").decode()
    assert re.search(r" 1 +hello .* asked for\r\n +2 +lab-tool .* added by hand\r\n", listed)
    terminal.send(b"2\r")
    said = terminal.rest()
    assert "wrote" in said, said
    script = (program.work / "install-hello.sh").read_text()
    assert (
        "packages='hello'" in script,
        "lab-tool" in script,
        "uninstall: packages, marks and units as before" in script,
    ) == (
        True,
        False,
        True,
    )


def test_ctrl_c_where_it_is_asked_what_to_drop_writes_nothing(program: Program, client: Any) -> None:
    terminal = program.terminal("try", "hello", "tree", "--distro", "debian")
    terminal.ready()
    terminal.send(b"exit\r")
    terminal.expect(b"Promote hello and tree to an install script for this host")
    terminal.expect(b"? [y/N/edit] ")
    terminal.send(b"e\r")
    terminal.expect(b"[Enter keeps all] ")
    wait_for(lambda: not owned(client, terminal.child.pid))
    terminal.send(b"\x03")
    said = terminal.rest()
    assert ("removed" in said, "wrote" in said) == (True, False)
    assert (terminal.status(), list(program.work.iterdir())) == (0, [])


LAB_ONLY = "-o Dir::Etc::sourcelist=/etc/apt/sources.list.d/lab.list -o Dir::Etc::sourceparts=-"
HANDS = (
    "echo '{source}' >/etc/apt/sources.list.d/lab.list; echo 1 >/etc/foo; echo 1 >/usr/local/bin/thing; "
    "mkdir -p /etc/systemd/system/x.target.wants && ln -s /lib/x.service /etc/systemd/system/x.target.wants/; "
    f"apt-get -qq update {LAB_ONLY} && apt-get -qq -y install lab-tool >/dev/null 2>&1; labtool"
)


@FULL
def test_a_repository_that_was_added_by_hand_is_in_the_script_and_the_rest_is_listed(
    program: Program, package_mirror: PackageMirror
) -> None:
    terminal = program.terminal("try", "hello", "--distro", "debian")
    terminal.ready()
    assert terminal.ask(HANDS.format(source=package_mirror.source)).endswith("labtool 2.0")
    terminal.send(b"exit\r")
    terminal.expect(b"to an install script for this")
    terminal.expect(b"? [y/N/edit] ")
    terminal.send(b"y\r")
    said = terminal.rest()
    assert terminal.status() == 0
    assert "wrote" in said, said
    script = (program.work / "install-hello.sh").read_text()
    assert "uninstall: packages, marks and units as before" in script, said
    assert package_mirror.source in script
    shown = program.run("promote", "--for", "tried", "--no-verify", "--without", "x.service")
    told = shown.stderr.decode()
    assert re.search(r"repository /etc/apt/sources.list.d/lab.list +added by hand", told)
    assert re.findall(r"not captured +(\S+)\n", told) == ["/etc/foo", "/usr/local/bin/thing"]
    assert b"x.service" not in shown.stdout
    assert "x.service" in script


def promoted(program: Program, *words: str) -> tuple[list[str], list[str]]:
    """Return the packages of a promotion, and what it lists as left out."""
    done = program.run("promote", *words, "--for", "tried", "--no-verify", "--format", "json")
    assert done.returncode == 0, done.stderr.decode()
    found = json.loads(done.stdout)
    return [row["name"] for row in found["packages"]], found["left_out"]


def test_a_session_whose_shell_is_still_open_is_promoted_with_what_was_done_in_it_so_far(
    program: Program, package_mirror: PackageMirror
) -> None:
    terminal = program.terminal("try", "hello", "--distro", "debian")
    terminal.ready()
    add_by_hand(terminal, package_mirror)
    assert terminal.ask("echo 1 >/etc/foo; echo done") == "done"
    packages, left_out = promoted(program)
    assert (packages, "/etc/foo" in left_out) == (["hello", "lab-tool"], True)
    terminal.send(b"apt-get -qq -y remove lab-tool >/dev/null; exit\r")
    terminal.expect(b"Promote hello to")
    terminal.send(b"n\r")
    assert "removed" in terminal.rest()
    assert promoted(program)[0] == ["hello"]


def test_promote_typed_inside_asks_where_the_settings_say_never(
    program: Program, package_mirror: PackageMirror
) -> None:
    terminal = program.terminal(*DEBIAN, SANDBOX_PROMOTE="never")
    terminal.ready()
    add_by_hand(terminal, package_mirror)
    assert "on leaving you are asked" in terminal.ask("promote")
    terminal.send(b"\x04")
    terminal.expect(b"Promote lab-tool (added by hand) to an install script for this host")
    terminal.expect(b"? [y/N] ")
    terminal.send(b"\r")
    assert "wrote" not in terminal.rest()
    assert (terminal.status(), list(program.work.iterdir())) == (0, [])


def test_nothing_is_asked_where_the_settings_say_never(program: Program, package_mirror: PackageMirror) -> None:
    terminal = program.terminal(*DEBIAN, SANDBOX_PROMOTE="never")
    terminal.ready()
    add_by_hand(terminal, package_mirror)
    terminal.send(b"exit\r")
    assert "Promote" not in terminal.rest()
    assert entries(program) == [("lab-tool", "by-hand")]


def test_nothing_is_asked_where_nothing_was_installed(program: Program) -> None:
    terminal = program.terminal(*DEBIAN)
    terminal.ready()
    terminal.ask("promote")
    terminal.send(b"exit\r")
    said = terminal.rest()
    assert "Promote" not in said
    assert re.search(r"promote +nothing was installed, so there is nothing to promote", said)
    assert program.run("promote").returncode == 2


def test_a_script_that_nothing_is_in_is_an_error_and_no_file(program: Program) -> None:
    done = program.run(*DEBIAN, "--promote", "x.sh", "--", "true")
    assert (done.returncode, list(program.work.iterdir())) == (125, [])  # as all failures of our own behind --
    assert b"nothing was installed" in done.stderr


def test_the_container_goes_while_the_question_waits(
    program: Program, package_mirror: PackageMirror, client: Any
) -> None:
    terminal = program.terminal(*DEBIAN)
    terminal.ready()
    add_by_hand(terminal, package_mirror)
    terminal.send(b"exit\r")
    terminal.expect(b"[y/N] ")
    wait_for(lambda: not owned(client, terminal.child.pid))
    terminal.send(b"\x03")
    assert "wrote" not in terminal.rest()  # Ctrl-C here is a no
    assert (terminal.status(), terminal.current_attributes()) == (0, terminal.attributes)


def test_what_a_killed_sandbox_held_is_said_to_be_lost(
    program: Program, package_mirror: PackageMirror, client: Any
) -> None:
    terminal = program.terminal(*DEBIAN)
    terminal.ready()
    add_by_hand(terminal, package_mirror)
    (row,) = owned(client, terminal.child.pid)
    client.api.kill(row["Id"])
    terminal.rest()
    assert terminal.status() == 4
    assert json.loads(program.journal.read_text())["lost"] is True
