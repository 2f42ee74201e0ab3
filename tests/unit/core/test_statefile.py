"""Our files on the host: private, whole or not there, one writer at a time, never over what exists."""

from __future__ import annotations

import stat
import threading
from typing import TYPE_CHECKING

import pytest

from sandbox.core.statefile import lock_file, write_new, write_private
from sandbox.errors import UsageError
from sandbox.promote.output_file import check_writable, free_path, write_script

if TYPE_CHECKING:
    from pathlib import Path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_and_its_folder_are_private(tmp_path: Path) -> None:
    path = tmp_path / "a/file"
    write_private(path, "text ☃")
    assert path.read_text(encoding="utf-8") == "text ☃"
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_private(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_private(path, "new \ud800")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_lock_keeps_the_second_out_until_the_first_is_done(tmp_path: Path) -> None:
    path, order, inside = tmp_path / "file", [], threading.Event()

    def second() -> None:
        inside.wait(5)
        with lock_file(path):
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with lock_file(path):
        inside.set()
        thread.join(0.05)
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]


def test_a_lock_is_given_back_by_a_block_that_fails(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="x"), lock_file(tmp_path / "file"):
        raise ValueError("x")
    with lock_file(tmp_path / "file"):
        pass


def test_a_new_file_never_replaces_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_new(path, "first", mode=0o755)
    with pytest.raises(FileExistsError):
        write_new(path, "second", mode=0o755)
    assert path.read_text() == "first"


def test_a_script_can_be_run(tmp_path: Path) -> None:
    write_script("#!/bin/sh\n", tmp_path / "install.sh")
    assert mode(tmp_path / "install.sh") & 0o500 == 0o500


@pytest.mark.parametrize("kind", ["file", "folder", "dangling link"])
def test_a_script_never_goes_over_what_is_there(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "install.sh"
    match kind:
        case "file":
            path.write_text("mine")
        case "folder":
            path.mkdir()
        case _:
            path.symlink_to(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="exists already"):
        check_writable(path, "-o")
    with pytest.raises(UsageError, match="exists already"):
        write_script("x", path)
    assert not (tmp_path / "nowhere").exists()


def test_a_script_needs_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no folder") as caught:
        check_writable(tmp_path / "nope/install.sh", "-o")
    assert caught.value.hints == (f"mkdir -p {tmp_path}/nope",)
    with pytest.raises(UsageError, match="No such file"):
        write_script("x", tmp_path / "nope/install.sh")


def test_a_free_path_has_a_number_where_it_needs_one(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        path = free_path(tmp_path, "htop")
        path.write_text("")
        names.append(path.name)
    assert names == ["install-htop.sh", "install-htop-2.sh", "install-htop-3.sh"]
