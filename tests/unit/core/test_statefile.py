"""Our files on the host: private, whole or not there, one writer at a time."""

from __future__ import annotations

import os
import stat
import threading
from typing import TYPE_CHECKING

import pytest

from sandbox.core.statefile import alone, lock_file, make_private_folder, write_private

if TYPE_CHECKING:
    from pathlib import Path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_and_its_folder_are_private(tmp_path: Path) -> None:
    path = tmp_path / "a/file"
    write_private(path, "text ☃")
    assert path.read_text(encoding="utf-8") == "text ☃"
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)


@pytest.mark.parametrize("mask", [0o000, 0o002, 0o077])
def test_the_folders_above_are_private_whatever_the_umask_is(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        make_private_folder(tmp_path / "home/.cache/sandbox/start")
    finally:
        os.umask(before)
    assert {mode(path) for path in tmp_path.rglob("*")} == {0o700}


def test_a_file_in_the_place_of_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in ("file", "file/below/it"):
        with pytest.raises(OSError, match="file"):
            make_private_folder(tmp_path / path)


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
        inside.wait(60)
        with lock_file(path):
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with lock_file(path):
        inside.set()
        thread.join(0.05)
        order.append("first")
    thread.join(60)
    assert order == ["first", "second"]


def test_a_lock_is_given_back_by_a_block_that_fails(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="x"), lock_file(tmp_path / "file"):
        raise ValueError("x")
    with lock_file(tmp_path / "file"):
        pass


def test_a_link_where_a_file_of_ours_should_be_is_replaced_and_what_it_leads_to_is_not(tmp_path: Path) -> None:
    pipe, path = tmp_path / "pipe", tmp_path / "state.json"
    os.mkfifo(pipe)
    path.symlink_to(pipe)
    write_private(path, "{}")
    assert (path.is_symlink(), path.read_text(), pipe.is_fifo()) == (False, "{}", True)


def test_a_path_that_is_no_utf_8_is_written_and_locked_as_any(tmp_path: Path) -> None:
    path = os.fsdecode(b"/run/s\xff.sock")
    with alone(tmp_path / "locks", f"unix://{path}"):
        write_private(tmp_path / "file", path)
    assert (tmp_path / "file").read_bytes() == b"/run/s\xff.sock"
