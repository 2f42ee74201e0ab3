"""Files that a user asked for: whole or as they were, and refused beforehand where they can't be."""

from __future__ import annotations

import os
import stat
import threading
from typing import IO, TYPE_CHECKING

import pytest

from sandbox.core.files import check_new, check_replaceable, whole_file, write_file, write_new
from sandbox.errors import Advice, Unwritten, UsageError

if TYPE_CHECKING:
    from pathlib import Path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def fail_behind(file: IO[bytes]) -> None:
    file.write(b"half")
    raise ValueError("half")


@pytest.mark.parametrize("kind", ["a file", "a link to one"])
def test_a_file_is_replaced_where_it_is_and_keeps_its_mode(tmp_path: Path, kind: str) -> None:
    path, real = tmp_path / "page.html", tmp_path / "real.html"
    file = real if kind == "a link to one" else path
    file.write_text("old")
    file.chmod(0o640)
    if file is real:
        path.symlink_to(real)
    write_file(path, "new ☃")
    assert (file.read_text(encoding="utf-8"), mode(file), path.is_symlink()) == ("new ☃", 0o640, file is real)
    assert {found.name for found in tmp_path.iterdir()} == {path.name, file.name}


def test_a_new_file_has_what_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_file(tmp_path / "page.html", "x")
    finally:
        os.umask(before)
    assert mode(tmp_path / "page.html") == 0o640


def test_who_fails_in_the_middle_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "web.lock.yaml"
    path.write_text("old")
    with pytest.raises(ValueError, match="half"), whole_file(path) as file:
        fail_behind(file)
    assert (path.read_text(), [*tmp_path.iterdir()]) == ("old", [path])


def test_a_name_as_long_as_a_name_may_be_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / ("ä" * 127)
    write_file(path, "x")
    assert [*tmp_path.iterdir()] == [path]


def test_a_pipe_is_written_to_and_stays_one(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    check_replaceable(pipe, "--html")
    write_file(pipe, "x")
    reader.join()
    assert (read, pipe.is_fifo()) == (["x"], True)


def test_what_standard_output_goes_to_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    with (tmp_path / "out").open("w+") as file:
        write_file(tmp_path.__class__(f"/dev/fd/{file.fileno()}"), "x")
        assert file.read() == "x"


def test_a_disk_that_refuses_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unwritten, match="no such file or directory"):
        write_file(tmp_path / "none/page.html", "x")
    with pytest.raises(Unwritten, match="no space left"):
        write_file(tmp_path.__class__("/dev/full"), "x")


def test_a_new_file_never_replaces_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_new(path, "first", mode=0o755, if_there=Advice.say("another"))
    with pytest.raises(UsageError, match="already exists") as caught:
        write_new(path, "second", mode=0o755, if_there=Advice.say("another"))
    assert (path.read_text(), mode(path) & 0o500, caught.value.hints) == ("first", 0o500, (Advice.say("another"),))


def test_a_new_file_that_fails_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnicodeEncodeError):
        write_new(tmp_path / "file", "x\ud800", mode=0o644, if_there=Advice.say("another"))
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "it is a folder"),
        ("none/page.html", "there is no folder"),
        ("file/page.html", "there is no folder"),
        ("x" * 300, "file name too long"),
    ],
)
def test_where_no_file_can_be_is_said_before_there_is_anything_to_write(tmp_path: Path, name: str, reason: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match=reason):
        check_replaceable(tmp_path / name, "--html")
    with pytest.raises(UsageError, match=reason if name else "already exists"):
        check_new(tmp_path / name, "-o")


def test_what_can_be_written_is_not_touched_by_the_question(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("old")
    check_replaceable(tmp_path / "page.html", "--html")
    check_replaceable(tmp_path / "new.html", "--html")
    check_new(tmp_path / "new.html", "--html")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"page.html": "old"}


@pytest.mark.parametrize("kind", ["a pipe", "a link to a pipe"])
def test_what_is_no_file_is_never_replaced(kind: str, tmp_path: Path) -> None:
    pipe, link = tmp_path / "pipe", tmp_path / "link"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    with pytest.raises(OSError, match="not a regular file"), whole_file(pipe if kind == "a pipe" else link):
        pass
    assert ({*tmp_path.iterdir()}, pipe.is_fifo()) == ({pipe, link}, True)
