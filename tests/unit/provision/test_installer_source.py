"""What --run takes: a file, a folder or an archive of this host, and nothing that would wait, or can't run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from tests.unit.fakes import FakeEngine

from sandbox.container.box import ROOT, Box
from sandbox.container.dialogue import PROMPT, Reply, last_words
from sandbox.errors import UsageError
from sandbox.provision.installer import NOT_FOUND, Installer, InstallerRoom
from sandbox.provision.installer_source import find_installer, read_replies
from sandbox.provision.network import HostNetwork
from sandbox.report.advice import advice_text

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, content: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def brief(name: str, folder: Path, *command: str) -> str:
    with pytest.raises(UsageError) as caught:
        find_installer(name, folder, command=command)
    return caught.value.brief


@pytest.mark.parametrize(
    ("head", "argv", "needs"),
    [
        (b"#!/bin/sh\n", ("./setup", "-y"), ("/bin/sh",)),
        (b"#! /usr/bin/env bash\n", ("./setup", "-y"), ("/usr/bin/env", "bash")),
        (b"#!/usr/bin/env -S python3 -u\n", ("./setup", "-y"), ("/usr/bin/env", "python3")),
        (b"echo no first line\n", ("sh", "./setup", "-y"), ()),
        (b"\x7fELF\x02\x01\x01", ("./setup", "-y"), ()),
    ],
)
def test_a_file_runs_as_a_shell_would_run_it(
    head: bytes, argv: tuple[str, ...], needs: tuple[str, ...], tmp_path: Path
) -> None:
    write(tmp_path / "setup", head)
    found = find_installer("./setup", tmp_path, command=("-y",))
    assert (found.kind, found.argv, found.interpreters, found.env) == ("program", argv, needs, ())


def test_an_appimage_runs_unpacked_and_an_old_one_not_at_all(tmp_path: Path) -> None:
    write(tmp_path / "two.AppImage", b"\x7fELF\x02\x01\x01\x00AI\x02")
    write(tmp_path / "one.AppImage", b"\x7fELF\x02\x01\x01\x00AI\x01")
    found = find_installer("two.AppImage", tmp_path)
    assert dict(found.env) == {"APPIMAGE_EXTRACT_AND_RUN": "1"}
    assert "FUSE" in found.notes[0]
    assert "needs FUSE" in brief("one.AppImage", tmp_path)


def test_a_first_line_of_windows_is_noted_since_linux_does_not_find_its_program(tmp_path: Path) -> None:
    write(tmp_path / "windows.sh", b"#!/bin/sh\r\necho\r\n")
    write(tmp_path / "linux.sh", b"#!/bin/sh\necho\r\n")
    assert "CR LF" in find_installer("windows.sh", tmp_path).notes[0]
    assert find_installer("linux.sh", tmp_path).notes == ()


def test_only_the_file_is_meant_and_a_folder_needs_its_command(tmp_path: Path) -> None:
    write(tmp_path / "app" / "setup.sh", b"#!/bin/sh\n")
    assert find_installer("app/setup.sh", tmp_path).kind == "program"
    assert find_installer("app", tmp_path, command=("make", "install")).argv == ("make", "install")
    assert "is a folder: name the command" in brief("app", tmp_path)
    write(tmp_path / "app.tar.gz", b"\x1f\x8b")
    assert "is an archive: name the command" in brief("app.tar.gz", tmp_path)
    assert find_installer("app.tar.gz", tmp_path, command=("app/setup.sh",)).kind == "archive"


def test_what_a_folder_holds_that_a_sandbox_can_not_have_is_told(tmp_path: Path) -> None:
    app = write(tmp_path / "app" / "file", b"x").parent
    os.mkfifo(app / "pipe")
    (app / "inside").symlink_to("file")
    (app / "out").symlink_to("/etc/passwd")
    (app / "dead").symlink_to("nowhere")
    notes = find_installer("app", tmp_path, command=("make",)).notes
    assert notes == (
        "Pipes, sockets and devices of the folder were left out: pipe.",
        "1 link of the folder led out of it, and led elsewhere or nowhere in the sandbox: out.",
    )


def test_a_pipe_is_refused_without_being_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "neither a file nor a folder" in brief("pipe", tmp_path)
    assert "missing.sh does not exist" in brief("missing.sh", tmp_path)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"!<arch>\ndebian-binary", "a package of Debian"),
        (b"\xed\xab\xee\xdb", "an RPM package"),
        (b"MZ\x90", "for Windows"),
        (b"", "is empty"),
    ],
)
def test_what_no_linux_runs_is_refused_by_its_kind(content: bytes, what: str, tmp_path: Path) -> None:
    write(tmp_path / "setup", content)
    assert what in brief("setup", tmp_path)


def test_a_package_is_named_with_its_inspection_and_anything_else_with_a_folder_and_a_command(tmp_path: Path) -> None:
    said = {}
    for name, content in (("tool.deb", b"!<arch>\ndebian-binary"), ("tool.exe", b"MZ\x90")):
        write(tmp_path / name, content)
        with pytest.raises(UsageError) as caught:
            find_installer(name, tmp_path)
        (said[name],) = map(advice_text, caught.value.hints)
    assert said["tool.deb"] == "sandbox inspect ./tool.deb"
    assert "--run FOLDER -- COMMAND" in said["tool.exe"]


def test_a_command_in_the_place_of_an_installers_file_is_answered_with_what_it_takes(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        find_installer("echo hi >/usr/local/bin/x", tmp_path)
    assert advice_text(caught.value.hints[0]).startswith("--run takes a file")


def test_answers_are_lines_and_a_wrong_one_is_named(tmp_path: Path) -> None:
    file = write(tmp_path / "answers", b"# comment\n\nAgree? [y/N] = y\nWhere =\nKey = a=b = c\n")
    assert read_replies(file) == (
        Reply(prompt="Agree? [y/N]", text="y"),
        Reply(prompt="Where", text=""),
        Reply(prompt="Key", text="a=b = c"),
    )
    write(file, b"Agree? = y\nyes\n")
    with pytest.raises(UsageError, match="answers:2"):
        read_replies(file)


@pytest.mark.parametrize(
    ("said", "program"),
    [
        ("./install.sh: 3: curl: not found", "curl"),
        ("./install.sh: line 12: unzip: command not found", "unzip"),
        ("sudo: labtool: command not found", "labtool"),
        ("zsh: command not found: jq", "jq"),
        ("env: 'python3': No such file or directory", "python3"),
        ("env: can't execute 'bash': No such file or directory", "bash"),
        ("make: cc: No such file or directory", "cc"),
    ],
)
def test_a_program_that_is_not_there_is_known_by_what_each_shell_says(said: str, program: str) -> None:
    (found,) = NOT_FOUND.findall(f"before\n{said}\nafter")
    assert next(filter(None, found)) == program


def test_the_last_words_are_a_line_without_what_draws_it() -> None:
    assert last_words(b"10 %\r50 %\rDone.\r\n\x1b[1mGo on? \x1b[0m[y/N] ") == "Go on? [y/N]"
    assert last_words(b"\r\n \r\n") == ""
    assert PROMPT.search("Password: ")
    assert not PROMPT.search("Downloading ...")


@pytest.mark.parametrize(("user", "runs_as"), [("", ROOT), ("me", "me")])
def test_an_installer_at_the_users_terminal_runs_as_its_own_user(user: str, runs_as: str) -> None:
    one = Installer(name="setup", source="/setup", kind="program", argv=("./setup",))
    room = InstallerRoom(Box(FakeEngine(), "c"), one, env={}, network=HostNetwork())
    room.user = user
    assert room.spec().user == runs_as
